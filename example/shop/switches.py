"""What each visitor can switch, for their own browser alone.

The choices are in cookies, since they shall outlast the session.
"""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest


class Switch(NamedTuple):
    """A row of buttons: the choices are values with their labels."""

    title: str
    help: str
    choices: dict[str, str]
    default: str


SWITCHES = {
    "dialog": Switch(
        "Dialog",
        "Warn before the session ends.",
        {"on": "On", "off": "Off"},
        "on",
    ),
    "idle": Switch(
        "Idle limit",
        "End a session after this time without activity.",
        {"40": "40 s", "60": "60 s", "120": "2 min", "1800": "30 min"},
        str(settings.DEMO_LIMIT),
    ),
    "absolute": Switch(
        "Absolute limit",
        "End a session at this age, even if somebody is using it.",
        {"off": "Off", "120": "2 min", "28800": "8 h"},
        "off",
    ),
    "reauthenticate": Switch(
        "Sign in again",
        "At the end, cover the page until its user signs in again. Try it: press "
        "“10 min”, open Notes, write half a note, and press “Let it run out”.",
        {"off": "Off", "600": "10 min"},
        "off",
    ),
}


def chosen(request: HttpRequest, name: str) -> str:
    """Return the value that the visitor has chosen, or the default."""
    switch, value = SWITCHES[name], request.COOKIES.get(name, "")
    return value if value in switch.choices else switch.default


def seconds(request: HttpRequest, name: str) -> int | None:
    """Return the seconds that the visitor has chosen; None if that is "off"."""
    value = chosen(request, name)
    return None if value == "off" else int(value)


def idle_limit(request: HttpRequest) -> int | None:
    """Return what SESSION_EXPIRE_SECONDS is for this request."""
    return seconds(request, "idle")


def absolute_limit(request: HttpRequest) -> int | None:
    """Return what SESSION_EXPIRE_ABSOLUTE_SECONDS is for this request."""
    return seconds(request, "absolute")
