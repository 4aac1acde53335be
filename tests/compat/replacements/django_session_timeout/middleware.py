"""In place of django-session-timeout's middleware.

Its tests call process_request(), and import SESSION_TIMEOUT_KEY from here.
"""

from counted_middleware import CountedMiddleware
from django.http import HttpResponse

from session_timeout.middleware import SESSION_TIMEOUT_KEY

__all__ = ["SESSION_TIMEOUT_KEY", "SessionTimeoutMiddleware"]

FROM_VIEW = HttpResponse()


class SessionTimeoutMiddleware(CountedMiddleware):
    def __init__(self):
        super().__init__(lambda request: FROM_VIEW)

    def process_request(self, request):
        response = self(request)
        return None if response is FROM_VIEW else response
