"""The settings: each read raw, parsed once by the parser that the checks use too.

Nothing is read at import, and nothing is kept that a change could miss: the raw
values are read for each request, and parsed again when one of them is another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from operator import is_
from typing import Any

from django.conf import Settings, settings
from django.http import HttpRequest

from session_timeout import parsers
from session_timeout.parsers import Function, Seconds, SettingError, Text, Urls
from session_timeout.policy import Limits

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
    problem = f"is {grace:g} s, not below the idle limit of {idle:g} s"
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
    clear_site_data: str
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
    global _parsed  # noqa: PLW0603
    values = raw_values()
    seen, parsed = _parsed
    if parsed is None or not all(map(is_, values, seen)):
        parsed = parse()
        _parsed = values, parsed
    return parsed


def raw_values() -> tuple[object, ...]:
    """Return the settings as they stand there, UNSET where they do not."""
    # Asking Django's settings for one that is not set takes as long as the whole
    # check of a session. Overridden settings have to be asked for each.
    wrapped = settings._wrapped  # type: ignore[misc]
    if type(wrapped) is Settings:
        return tuple(map(vars(wrapped).get, RAW, repeat(UNSET)))
    return tuple(getattr(settings, name, UNSET) for name in RAW)


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
        clear_site_data=parsed["SESSION_TIMEOUT_CLEAR_SITE_DATA"],
        save_every_request=settings.SESSION_SAVE_EVERY_REQUEST,
    )


# The raw values, and what they were parsed to.
_parsed: tuple[tuple[object, ...], Config | None] = ((), None)
