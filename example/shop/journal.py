"""What the server did for each visitor: kept in memory, and shown beside the pages."""

import re
import time
from collections import deque
from itertools import count
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Record
from session_timeout.signals import session_expired

ENTRIES, VISITORS = 50, 100  # at most


class Entry(NamedTuple):
    """One line: what was asked, what the server did, and why."""

    number: int
    time: float  # Unix seconds
    kind: str
    request: str
    why: str


_numbers = count(1)
_entries: dict[str, deque[Entry]] = {}


def write(visitor: str, kind: str, request: str, why: str) -> None:
    """Add a line to the visitor's journal."""
    entry = Entry(next(_numbers), time.time(), kind, request, why)
    _entries.setdefault(visitor, deque(maxlen=ENTRIES)).append(entry)
    if len(_entries) > VISITORS:
        _entries.pop(next(iter(_entries)))


def read(visitor: str, after: int) -> list[Entry]:
    """Return the visitor's lines with higher numbers than this, the oldest first."""
    return [e for e in list(_entries.get(visitor, ())) if e.number > after]


@receiver(session_expired)
def write_end(
    request: HttpRequest, reason: str, last_activity: float | None, **kwargs: Any
) -> None:
    idle = 0 if last_activity is None else time.time() - last_activity
    why = f"Reason: {reason}, after {idle:.0f} s without activity."
    write(request.visitor, "ended", line(request), why)


@receiver(user_logged_in)
def write_login(request: HttpRequest, **kwargs: Any) -> None:
    write(request.visitor, "signed in", line(request), "All limits start again.")


def write_request(request: HttpRequest, response: HttpResponse, began: float) -> None:
    """Add what became of the request's session, by request.session_timeout."""
    timeout = request.session_timeout
    if timeout.expired:
        kind, why = "answered", answer(response)
    elif is_exempt(request):
        kind, why = "exempt", "The timeout ignores this page."
    elif timeout.expires_in is None and request.session.is_empty():
        kind, why = "no session", "There is nothing to end."
    elif timeout.expires_in is None:
        kind, why = "began", "A session begins with this request."
    else:
        kind, why = activity(request, began)
        why = f"{why} {timeout.expires_in:.0f} s left."
    write(request.visitor, kind, line(request), why)


def is_exempt(request: HttpRequest) -> bool:
    regexes = settings.SESSION_TIMEOUT_EXEMPT_URLS
    return any(re.search(regex, request.path_info) for regex in regexes)


def activity(request: HttpRequest, began: float) -> tuple[str, str]:
    """Return what the request did to the time of the last activity, and why."""
    record = Record.decode(request.session[SESSION_TIMEOUT_KEY])
    ago = began - record.last_activity
    if ago < 0.001:  # the record has milliseconds
        return "recorded", "Activity."
    grace = settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD
    is_marked = request.headers.get("X-Session-Passive") == "1"
    if ago < grace and not is_marked:
        return "unchanged", f"Activity was recorded {ago:.1f} s ago."
    return "passive", "Does not count as activity."


def answer(response: HttpResponse) -> str:
    """Return how a request was answered whose session had ended."""
    where = response.headers.get("Location") or response.headers.get("HX-Redirect")
    if where:
        return f"Status {response.status_code}, to {where}"
    return f"Status {response.status_code}, {response.headers.get('Content-Type', '')}"


def line(request: HttpRequest) -> str:
    return f"{request.method} {request.path}"
