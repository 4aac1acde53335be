"""In place of django-session-security's middleware."""

from counted_middleware import CountedMiddleware as SessionSecurityMiddleware

__all__ = ["SessionSecurityMiddleware"]
