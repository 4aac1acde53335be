"""The settings: each read raw, parsed once by the parser that the checks use too.

Nothing is read at import, and nothing is kept that an override could miss: overriding
puts another object in the place of Django's settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import is_
from typing import Any, NamedTuple, cast

from django.conf import Settings, settings
from django.http import HttpRequest

from session_timeout import parsers
from session_timeout.parsers import Function, Seconds, SettingError, Text, Urls
from session_timeout.policy import Limits
from session_timeout.profiles import Profile

# The name, the default and the parser of each.
SETTINGS: dict[str, tuple[object, Callable[[str, object], Any]]] = {
    "SESSION_EXPIRE_SECONDS": (None, parsers.parse_limit),
    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY": (True, parsers.parse_bool),
    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": (None, parsers.parse_grace),
    "SESSION_EXPIRE_ABSOLUTE_SECONDS": (None, parsers.parse_limit),
    "SESSION_TIMEOUT_REDIRECT": (None, parsers.parse_redirect),
    "SESSION_TIMEOUT_REDIRECT_ANONYMOUS": (None, parsers.parse_optional_bool),
    "SESSION_TIMEOUT_HANDLER": (None, parsers.parse_handler),
    "SESSION_TIMEOUT_MESSAGE": (None, parsers.parse_text),
    "SESSION_TIMEOUT_PASSIVE_URLS": ((), parsers.parse_urls),
    "SESSION_TIMEOUT_EXEMPT_URLS": ((), parsers.parse_urls),
    "SESSION_TIMEOUT_WARNING_SECONDS": (60, parsers.parse_seconds),
    "SESSION_TIMEOUT_CLEAR_SITE_DATA": ((), parsers.parse_clear_site_data),
    "SESSION_TIMEOUT_PROFILES": ((), parsers.parse_profiles),
}


UNSET = object()
RAW = (*SETTINGS, "SESSION_COOKIE_AGE", "SESSION_SAVE_EVERY_REQUEST")


def read(name: str) -> Any:
    """Return a setting, parsed. Raises SettingError where it is wrong."""
    default, parse = SETTINGS[name]
    if name == "SESSION_EXPIRE_SECONDS":
        default = settings.SESSION_COOKIE_AGE
    return parse(name, getattr(settings, name, default))


def read_grace(idle: Seconds) -> float | None:
    """Return the grace period. Raises SettingError unless it is below the limit."""
    name = "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD"
    grace: float | None = read(name)
    if grace is None or idle is None or callable(idle) or grace < idle:
        return grace
    problem = f"is {grace:.12g} s, not below the idle limit of {idle:.12g} s"
    raise SettingError(name, problem, "Write less, or sessions in use would end.")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings, parsed. limits is None where a callable has to be asked."""

    idle: Seconds
    absolute: Seconds
    grace: float | None
    from_start: bool
    limits: Limits | None
    redirect: Text | Function | None
    redirect_anonymous: bool
    handler: Function | None
    message: Text | None
    passive: Urls
    exempt: Urls
    warning: float
    clear_site_data: str
    profiles: tuple[Profile, ...]
    save_every_request: bool

    @property
    def asks_for_response(self) -> bool:
        """Whether a function of the site's has a say in the expiry response."""
        dotted = isinstance(self.redirect, str) and "/" not in self.redirect
        return callable(self.redirect) or dotted or self.handler is not None

    def limits_for(self, request: HttpRequest) -> Limits:
        """Return the limits of this request, asking the site's callables.

        Raises ImproperlyConfigured where one returns something else than a
        positive number of seconds, a timedelta or None.
        """
        if self.limits is not None:
            return self.limits
        idle = parsers.ask_limit("SESSION_EXPIRE_SECONDS", self.idle, request)
        absolute = parsers.ask_limit(
            "SESSION_EXPIRE_ABSOLUTE_SECONDS", self.absolute, request
        )
        return Limits.of(idle, absolute, self.grace, self.from_start)


def config() -> Config:
    """Return the settings as they are now.

    Raises ImproperlyConfigured, with what to write instead, where one is wrong.
    """
    seen = _parsed  # another thread may put another one there
    if held() is seen.holder:
        return seen.config
    return reparse(seen)


def reparse(seen: Parsed) -> Config:
    """Return the settings, parsed again if a raw value is another than it was."""
    global _parsed  # noqa: PLW0603
    holder = held()
    values = tuple(getattr(settings, name, UNSET) for name in RAW)
    same = len(values) == len(seen.values) and all(map(is_, values, seen.values))
    config = seen.config if same else parse()
    _parsed = Parsed(holder if type(holder) is Settings else None, values, config)
    return config


def parse() -> Config:
    """Return the settings, parsed. Raises SettingError where one is wrong."""
    parsed = {name: read(name) for name in SETTINGS}
    idle = parsed["SESSION_EXPIRE_SECONDS"]
    absolute = parsed["SESSION_EXPIRE_ABSOLUTE_SECONDS"]
    grace = read_grace(idle)
    from_start = not parsed["SESSION_EXPIRE_AFTER_LAST_ACTIVITY"]
    asks = callable(idle) or callable(absolute)
    redirect = parsed["SESSION_TIMEOUT_REDIRECT"]
    anonymous = parsed["SESSION_TIMEOUT_REDIRECT_ANONYMOUS"]
    return Config(
        idle=idle,
        absolute=absolute,
        grace=grace,
        from_start=from_start,
        limits=None if asks else Limits.of(idle, absolute, grace, from_start),
        redirect=redirect,
        redirect_anonymous=redirect is not None if anonymous is None else anonymous,
        handler=parsed["SESSION_TIMEOUT_HANDLER"],
        message=parsed["SESSION_TIMEOUT_MESSAGE"],
        passive=parsed["SESSION_TIMEOUT_PASSIVE_URLS"],
        exempt=parsed["SESSION_TIMEOUT_EXEMPT_URLS"],
        warning=parsed["SESSION_TIMEOUT_WARNING_SECONDS"],
        clear_site_data=parsed["SESSION_TIMEOUT_CLEAR_SITE_DATA"],
        profiles=parsed["SESSION_TIMEOUT_PROFILES"],
        save_every_request=settings.SESSION_SAVE_EVERY_REQUEST,
    )


class Parsed(NamedTuple):
    """The settings as they were parsed last, and the raw values.

    holder is the object that holds Django's settings, None where the values in it may
    change: those of override_settings() and of settings.configure() may.
    """

    holder: object
    values: tuple[object, ...]
    config: Config


# As settings._wrapped, for each request, but without a function of Python's.
held = partial(object.__getattribute__, settings, "_wrapped")
_parsed = Parsed(None, (), cast("Config", None))
