"""What this site enforces, from its settings, as far as it is known at start-up."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from session_timeout.checks import check_middleware, position
from session_timeout.compliance import Bound, Policy, least
from session_timeout.conf import Config, config
from session_timeout.countdown import FINAL_LEAD, lead
from session_timeout.engines import engine_for
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.parsers import Seconds


def site_policy() -> Policy:
    """Return what the site enforces.

    SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False makes of the idle limit an absolute
    one, and leaves none that is idle.

    Raises ImproperlyConfigured where a setting is wrong, or the middleware is not in
    its place: nothing is enforced then.
    """
    conf = config()
    require_middleware()
    idle, absolute = bound(conf.idle), bound(conf.absolute)
    if overrides_limits():
        idle = absolute = Bound(asked=True)
    elif conf.from_start:
        seconds = least(idle.seconds, absolute.seconds)
        absolute = Bound(seconds, idle.asked or absolute.asked)
        idle = Bound()
    return Policy(
        idle=idle,
        absolute=absolute,
        warning=warning(conf, idle, absolute),
        revocable=not engine_for(session_store()).in_response,
        engine=settings.SESSION_ENGINE,
    )


def require_middleware() -> None:
    """Raise ImproperlyConfigured where the middleware is not in its place."""
    for problem in check_middleware():
        raise ImproperlyConfigured(f"{problem.msg} {problem.hint}")


def bound(limit: Seconds) -> Bound:
    return Bound(asked=True) if callable(limit) else Bound(limit)


def our_middleware() -> Any:
    """Return the class in MIDDLEWARE: ours, or a subclass of it."""
    index = position(SessionTimeoutMiddleware)
    return None if index is None else import_string(settings.MIDDLEWARE[index])


def overrides_limits() -> bool:
    """Whether a subclass tells the limits, which may be others than the settings."""
    return our_middleware().get_limits is not SessionTimeoutMiddleware.get_limits


def session_store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def warning(conf: Config, idle: Bound, absolute: Bound) -> Bound:
    """Return how long before the end a page with the dialog warns at the least."""
    try:
        reverse("session_timeout:extend")
    except NoReverseMatch:
        return Bound()
    leads = [conf.warning]
    if idle.seconds is not None:
        leads.append(lead(conf.warning, idle.seconds))
    if absolute.seconds is not None:
        leads.append(lead(max(conf.warning, FINAL_LEAD), absolute.seconds))
    return Bound(min(leads), idle.asked or absolute.asked)
