"""The control: a middleware that stamps as many do, and costs others their data."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def naive(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Put a stamp into the request's copy of the session: Django saves it later."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.session["_stamp"] = time.time()
        return get_response(request)

    return middleware
