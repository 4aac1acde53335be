"""The limits that visitors can choose for their own sessions, to watch the warning."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

COOKIE = "limits"


class Choice(NamedTuple):
    """A pair of limits, in seconds."""

    label: str
    idle: int
    absolute: int | None = None


CHOICES = {
    "short": Choice("40 s", 40),
    "medium": Choice("2 min", 120),
    "long": Choice("30 min", 1800),
    "fixed": Choice("2 min in all", 1800, absolute=120),
}


def idle_limit(request: HttpRequest) -> int:
    """Return what SESSION_EXPIRE_SECONDS is for this request."""
    return chosen(request).idle


def absolute_limit(request: HttpRequest) -> int | None:
    """Return what SESSION_EXPIRE_ABSOLUTE_SECONDS is for this request."""
    return chosen(request).absolute


def chosen(request: HttpRequest) -> Choice:
    # In a cookie of its own, as it shall outlast the session.
    default = Choice("", settings.DEMO_LIMIT)
    return CHOICES.get(request.COOKIES.get(COOKIE, ""), default)
