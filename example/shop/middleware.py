"""Two middlewares for the example itself; the timeout needs neither."""

import secrets
import time

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from shop import journal

COOKIE = "visitor"


def is_of_panel(request: HttpRequest) -> bool:
    """Whether the panel beside the page asks: that would only fill the log."""
    match = request.resolver_match
    is_ours = match is not None and match.view_name in ("log", "idle")
    return is_ours or "X-Demo-Panel" in request.headers


class ContentSecurityPolicyMiddleware(MiddlewareMixin):
    """Forbids what is inline; Django 6.0 has a setting for it."""

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        response["Content-Security-Policy"] = "default-src 'self'"
        return response


class JournalMiddleware(MiddlewareMixin):
    """Writes into the visitor's journal what became of each request.

    The visitor has a cookie of their own, since the journal outlasts the session.
    """

    def process_request(self, request: HttpRequest) -> None:
        request.visitor = request.COOKIES.get(COOKIE) or secrets.token_hex(16)
        request.began = time.time()

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        if COOKIE not in request.COOKIES:
            response.set_cookie(COOKIE, request.visitor, httponly=True, samesite="Lax")
        if not is_of_panel(request):
            journal.write_request(request, response, request.began)
        return response
