"""WebSockets: closing a connection whose session has ended."""

from session_timeout.websockets.close_codes import SESSION_ENDED, SESSION_UNKNOWN
from session_timeout.websockets.middleware import WebSocketTimeoutMiddleware

__all__ = ["SESSION_ENDED", "SESSION_UNKNOWN", "WebSocketTimeoutMiddleware"]
