"""What this site enforces, as far as its settings show it."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from session_timeout.backends import get_backend_class
from session_timeout.compliance.evaluation import Bound, EffectiveSettings, least
from session_timeout.conf import (
    Config,
    Seconds,
    find_installed,
    get_config,
    get_session_store,
)
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.policy import FINAL_WARNING, warning_lead


def get_effective_settings() -> EffectiveSettings:
    """Return what the site enforces.

    With SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False the idle limit is an absolute one,
    and there is no idle limit.

    Raises ImproperlyConfigured if a setting is wrong, or if the middleware is missing
    or misplaced: then nothing is enforced.
    """
    config = get_config()
    idle, absolute = bound(config.idle), bound(config.absolute)
    if overrides_limits():
        idle = absolute = Bound(per_request=True)
    elif config.from_start:
        seconds = least(idle.seconds, absolute.seconds)
        absolute = Bound(seconds, idle.per_request or absolute.per_request)
        idle = Bound()
    has_dialog = can_have_dialog()
    return EffectiveSettings(
        idle=idle,
        absolute=absolute,
        warning=warning(config, idle, absolute) if has_dialog else Bound(),
        revocable=not get_backend_class(get_session_store()).writes_with_response,
        kept=(config.reauthenticate or 0) if has_dialog else None,
        engine=settings.SESSION_ENGINE,
    )


def bound(limit: Seconds) -> Bound:
    return Bound(per_request=True) if callable(limit) else Bound(limit)


def overrides_limits() -> bool:
    """Whether a subclass of the middleware returns limits of its own.

    Raises ImproperlyConfigured if the middleware is missing or misplaced.
    """
    return find_installed(SessionTimeoutMiddleware).overrides("get_limits")


def can_have_dialog() -> bool:
    """Whether the URLs that the dialog needs are in the URLconf."""
    try:
        reverse("session_timeout:extend")
    except NoReverseMatch:
        return False
    return True


def warning(config: Config, idle: Bound, absolute: Bound) -> Bound:
    """Return how long before the end a page with the dialog warns, at the least."""
    leads = [config.warning]
    if idle.seconds is not None:
        leads.append(warning_lead(config.warning, idle.seconds))
    if absolute.seconds is not None:
        leads.append(warning_lead(max(config.warning, FINAL_WARNING), absolute.seconds))
    return Bound(min(leads), idle.per_request or absolute.per_request)
