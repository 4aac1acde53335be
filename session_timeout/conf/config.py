"""The site's settings, parsed by the same parsers that the system checks use.

They are parsed once, and again after Django's signal setting_changed, which
override_settings() and the settings fixture of pytest-django send. Without that signal,
a change of django.conf.settings has no effect.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.utils.functional import Promise

from session_timeout.conf.parsers import (
    Function,
    Seconds,
    SettingError,
    Text,
    Urls,
    limit_for_request,
)
from session_timeout.conf.settings import SETTINGS
from session_timeout.flow import Flow, run_sync
from session_timeout.policy import Limits


@dataclass(frozen=True, slots=True)
class Config:
    """The settings, parsed. Lengths of time are seconds."""

    idle: Seconds  # SESSION_EXPIRE_SECONDS; a callable takes the request
    absolute: Seconds  # SESSION_EXPIRE_ABSOLUTE_SECONDS, likewise
    grace: float | None  # the grace period; None: policy.Limits has the default
    from_start: bool  # SESSION_EXPIRE_AFTER_LAST_ACTIVITY is False
    limits: Limits | None  # of every request; None if they depend on the request
    redirect: Text | Function | None
    redirect_anonymous: bool
    handler: Function | None
    message: Text | None
    passive: Urls
    exempt: Urls
    warning: float  # seconds before the end
    reauthenticate: float | None  # seconds after the end
    clear_site_data: str  # the header's value, or the empty string
    save_every_request: bool  # Django's SESSION_SAVE_EVERY_REQUEST

    @property
    def calls_site_for_response(self) -> bool:
        """Whether the response to an expired request may call functions of the site."""
        redirect = self.redirect
        # A lazy text calls a function too when it is evaluated.
        may_call = isinstance(redirect, Promise) or (
            isinstance(redirect, str) and "/" not in redirect
        )
        return callable(redirect) or may_call or self.handler is not None

    def limits_for(self, request: HttpRequest) -> Limits:
        """Return the limits of this request. Calls the callables in the settings.

        Raises ImproperlyConfigured if one of them returns anything else than a positive
        number of seconds, a timedelta or None.
        """
        return run_sync(self.find_limits(request))

    def find_limits(self, request: HttpRequest) -> Flow[Limits]:
        """See limits_for(). Under ASGI, this flow awaits coroutine functions."""
        if self.limits is not None:
            return self.limits
        idle = yield from limit_for_request(
            "SESSION_EXPIRE_SECONDS", self.idle, request
        )
        absolute = yield from limit_for_request(
            "SESSION_EXPIRE_ABSOLUTE_SECONDS", self.absolute, request
        )
        return Limits(idle, absolute, self.grace, self.from_start)


@cache
def get_config() -> Config:
    """Return the site's settings, parsed.

    Raises SettingError if one of them is wrong. This is an ImproperlyConfigured that
    says what to write instead.
    """
    parsed = {name: read_setting(name) for name in SETTINGS}
    idle = parsed["SESSION_EXPIRE_SECONDS"]
    absolute = parsed["SESSION_EXPIRE_ABSOLUTE_SECONDS"]
    grace = read_grace(idle)
    from_start = not parsed["SESSION_EXPIRE_AFTER_LAST_ACTIVITY"]
    is_fixed = not (callable(idle) or callable(absolute))
    redirect = parsed["SESSION_TIMEOUT_REDIRECT"]
    anonymous = parsed["SESSION_TIMEOUT_REDIRECT_ANONYMOUS"]
    return Config(
        idle=idle,
        absolute=absolute,
        grace=grace,
        from_start=from_start,
        limits=Limits(idle, absolute, grace, from_start) if is_fixed else None,
        redirect=redirect,
        redirect_anonymous=redirect is not None if anonymous is None else anonymous,
        handler=parsed["SESSION_TIMEOUT_HANDLER"],
        message=parsed["SESSION_TIMEOUT_MESSAGE"],
        passive=parsed["SESSION_TIMEOUT_PASSIVE_URLS"],
        exempt=parsed["SESSION_TIMEOUT_EXEMPT_URLS"],
        warning=parsed["SESSION_TIMEOUT_WARNING_SECONDS"],
        reauthenticate=parsed["SESSION_TIMEOUT_REAUTHENTICATE_SECONDS"],
        clear_site_data=parsed["SESSION_TIMEOUT_CLEAR_SITE_DATA"],
        save_every_request=settings.SESSION_SAVE_EVERY_REQUEST,
    )


def forget_config(**kwargs: Any) -> None:
    """Forget the parsed settings. The next get_config() parses them again."""
    get_config.cache_clear()


setting_changed.connect(forget_config, dispatch_uid="session_timeout.conf")


def read_setting(name: str) -> Any:
    """Return one setting, parsed. Raises SettingError if it is wrong."""
    default, parse, _ = SETTINGS[name]
    if name == "SESSION_EXPIRE_SECONDS":
        default = settings.SESSION_COOKIE_AGE
    return parse(name, getattr(settings, name, default))


def read_grace(idle: Seconds) -> float | None:
    """Return the grace period in seconds, or None for its default.

    Raises SettingError unless it is shorter than the idle limit.
    """
    name = "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD"
    grace: float | None = read_setting(name)
    if grace is None or idle is None or callable(idle) or grace < idle:
        return grace
    problem = (
        f"must be shorter than the idle limit of {idle:.12g} s, not {grace:.12g} s: "
        "sessions in use would end"
    )
    hint = "Write a smaller number, or None for the default."
    raise SettingError(name, problem, hint)
