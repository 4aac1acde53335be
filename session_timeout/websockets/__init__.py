"""WebSockets: closing a connection whose session has ended."""

from session_timeout.websockets.middleware import (
    SESSION_ENDED,
    SESSION_UNKNOWN,
    WebSocketTimeoutMiddleware,
)

__all__ = ["SESSION_ENDED", "SESSION_UNKNOWN", "WebSocketTimeoutMiddleware"]
