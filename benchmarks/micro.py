"""The check alone: the middleware around nothing, the session loaded."""

from __future__ import annotations

import gc
import time
from io import BytesIO
from statistics import median
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from benchmarks.site import ENVIRON, LOOP, log_in, new_session
from session_timeout.middleware import SESSION_TIMEOUT_KEY, SessionTimeoutMiddleware
from session_timeout.policy import Record

ROUNDS = 500
CALLS = 100


def check(user: Any, mode: str) -> dict[str, float]:
    """Return the microseconds that one check takes, without the view."""
    response = HttpResponse("nothing")

    def view(request: Any) -> HttpResponse:
        return response

    async def aview(request: Any) -> HttpResponse:
        return response

    request, is_async = loaded_request(user), mode == "async"
    bare: Any = aview if is_async else view
    middleware = SessionTimeoutMiddleware(bare)
    spent = []
    gc.collect()
    gc.disable()
    for _ in range(ROUNDS):
        pair = [repeat(function, request, is_async) for function in (middleware, bare)]
        spent.append((pair[0] - pair[1]) / CALLS * 1e6)
    gc.enable()
    return {"median": median(spent), "least": min(spent), "rounds": ROUNDS}


def repeat(function: Any, request: Any, is_async: bool) -> float:
    if is_async:
        return LOOP.run_until_complete(arepeat(function, request))
    start = time.perf_counter()
    for _ in range(CALLS):
        function(request)
    return time.perf_counter() - start


async def arepeat(function: Any, request: Any) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        await function(request)
    return time.perf_counter() - start


def loaded_request(user: Any) -> WSGIRequest:
    """Return a request whose session has been loaded and has just been stamped."""
    request = WSGIRequest({**ENVIRON, "PATH_INFO": "/user/", "wsgi.input": BytesIO()})
    jar = log_in(user)
    session = type(new_session(user))(jar.value)
    session.get("")
    now = time.time()
    session[SESSION_TIMEOUT_KEY] = Record(now, now, now + 1_209_600).encode()
    session.save()
    session.modified = False
    request.session = session
    return request
