"""The signed_cookies engine, and others whose cookie is the store."""

from django.conf import settings
from django.core.signing import b62_decode

from session_timeout.backends.base import Backend
from session_timeout.backends.session_access import Data


class SignedCookiesBackend(Backend):
    """Activity is written to the request's own session; Django sends it as a cookie."""

    writes_with_response = True
    cleanup_needless = "the sessions are in the visitors' cookies."

    def last_write(self, now: float) -> float:
        try:
            return float(b62_decode(self.key.rsplit(":", 2)[1]))
        except (IndexError, ValueError):  # the format of another engine
            return now

    def expires_at(self, data: Data, written_at: float) -> float:
        # Whatever set_expiry() says: https://code.djangoproject.com/ticket/19201
        limit = written_at + settings.SESSION_COOKIE_AGE
        return min(limit, super().expires_at(data, written_at))
