"""What is compared: Django alone, a setting of Django's, three packages, and ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
OURS = "session_timeout.middleware.SessionTimeoutMiddleware"
LABD = "django_session_timeout.middleware.SessionTimeoutMiddleware"
SECURITY = "session_security.middleware.SessionSecurityMiddleware"
AUTO_LOGOUT = "django_auto_logout.middleware.auto_logout"

GRACE = "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD"
LIMIT = 1800  # the idle limit of all, in seconds
ALONE = "Django alone"
NAME = "django-inactivity-timeout"
PREDECESSOR = "django-session-timeout 0.1.0"


@dataclass(frozen=True)
class Contestant:
    """A name, a MIDDLEWARE, and the settings that make it what it is.

    rests is whether there are requests between two stamps.
    """

    name: str
    middleware: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    rests: bool = False


CONTESTANTS = (
    Contestant(ALONE, (SESSIONS, AUTH)),
    Contestant(
        "SESSION_SAVE_EVERY_REQUEST",
        (SESSIONS, AUTH),
        {"SESSION_SAVE_EVERY_REQUEST": True},
    ),
    Contestant(PREDECESSOR, (SESSIONS, LABD, AUTH), rests=True),
    Contestant("django-session-security", (SESSIONS, AUTH, SECURITY)),
    Contestant("django-auto-logout", (SESSIONS, AUTH, AUTO_LOGOUT)),
    Contestant(NAME, (SESSIONS, OURS, AUTH), rests=True),
)
BASELINE = CONTESTANTS[0]


@contextmanager
def using(changes: Mapping[str, Any]) -> Iterator[None]:
    """Put other settings in the place of Django's.

    override_settings() would put a layer around them, which makes each read slower
    than it is on a site.
    """
    before = settings._wrapped
    changed = copy(before)
    vars(changed).update(changes)
    replace_settings(changed, changes)
    try:
        yield
    finally:
        replace_settings(before, changes)


def replace_settings(values: Any, changes: Mapping[str, Any]) -> None:
    settings._wrapped = values
    for name in changes:
        value = getattr(values, name, None)
        setting_changed.send(None, setting=name, value=value, enter=True)
