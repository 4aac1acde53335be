"""What the settings of packages for the same purpose say in the words of this one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import get_script_prefix
from django.utils.functional import Promise
from django.utils.translation import override

from session_timeout.parsers import SettingError, parse_seconds

UNSET = object()

LIMIT = "SESSION_EXPIRE_SECONDS"
FROM_ACTIVITY = "SESSION_EXPIRE_AFTER_LAST_ACTIVITY"
GRACE = "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD"
ABSOLUTE = "SESSION_EXPIRE_ABSOLUTE_SECONDS"
REDIRECT = "SESSION_TIMEOUT_REDIRECT"
ANONYMOUS = "SESSION_TIMEOUT_REDIRECT_ANONYMOUS"
MESSAGE = "SESSION_TIMEOUT_MESSAGE"
PASSIVE = "SESSION_TIMEOUT_PASSIVE_URLS"
WARNING = "SESSION_TIMEOUT_WARNING_SECONDS"

TAG = "{% load session_timeout %}{% session_timeout %}"
INCLUDE = 'path("session-timeout/", include("session_timeout.urls"))'
DIALOG = f"The dialog does it: {TAG} at the end of the base template, and {INCLUDE}."


@dataclass(frozen=True, slots=True)
class Site:
    """What a translation may look at: the settings, and the names of all URLs."""

    get: Callable[..., Any]  # as that of a dict
    url_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """The settings to write, by name, and what else there is to say."""

    write: Mapping[str, object] = field(default_factory=dict)
    note: str = ""


def literal(value: object) -> str:
    """Return how a value is written in a settings file."""
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Promise):
        with override(None):  # the sentence as it is in the source
            return f"_({literal(str(value))})"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def plain(seconds: float) -> float:
    """Return the number as it would be written by hand."""
    return int(seconds) if seconds.is_integer() else seconds


def seconds_of(raw: object) -> float | None:
    """Return a length of time in seconds; None where it is none, or not positive."""
    number = int(raw) if isinstance(raw, str) and raw.isdecimal() else raw
    try:
        return plain(parse_seconds("", number))
    except SettingError:
        return None


def limit(name: str, raw: object) -> Advice:
    seconds = seconds_of(raw)
    if seconds is None:
        return Advice(note=f"Write a positive number of seconds to {name}.")
    return Advice({name: seconds})


def warn_before(expire: float, warn: float) -> float | None:
    """Return how long before the end to warn, from how long after the activity.

    None where there was no warning. Pages do not warn before half of the limit is over.
    """
    return plain(float(min(expire - warn, expire / 2))) if warn < expire else None


def strings(raw: object) -> list[str]:
    return [*map(str, raw)] if isinstance(raw, list | tuple | set | frozenset) else []


def path_regex(path: str, prefix: str) -> str | None:
    """Return the regex of one path, without SCRIPT_NAME; None if it is no path."""
    if not path.startswith("/"):
        return None
    escaped = re.sub(r"[.^$*+?{}\[\]\\|()]", r"\\\g<0>", path.removeprefix(prefix))
    return f"^/{escaped.removeprefix('/')}$"


def with_namespaces(name: str, url_names: tuple[str, ...]) -> list[str]:
    """Return the full names of all URLs that have the name in some namespace."""
    return sorted({full for full in url_names if full.rpartition(":")[2] == name})


# django-session-timeout, whose settings have the same names. Its fork by Joinup, and no
# other, has SESSION_EXPIRE_MAXIMUM_SECONDS.

MAXIMUM = "SESSION_EXPIRE_MAXIMUM_SECONDS"


def from_start(site: Site) -> Advice | None:
    if site.get(FROM_ACTIVITY, UNSET) is not UNSET or site.get(MAXIMUM) is not None:
        return None
    return Advice({FROM_ACTIVITY: False}, "It is True here unless set.")


def grace_of_a_second(site: Site) -> Advice | None:
    is_set = site.get(GRACE, UNSET) is not UNSET
    if is_set or not site.get(FROM_ACTIVITY) or site.get(MAXIMUM) is not None:
        return None
    note = "Or leave it: a sixtieth of the limit, within 1 and 60 s, saves writes."
    return Advice({GRACE: 1}, note)


def labd_redirect(site: Site) -> Advice | None:
    page = site.get(REDIRECT)
    if not page:
        if site.get(ANONYMOUS, UNSET) is not UNSET:
            return None
        note = "Without it, only those who were logged in are sent to the login page."
        return Advice({ANONYMOUS: True}, note)
    if callable(page):
        return Advice(note="Write the URL's name: here, a callable returns the page.")
    path = str(page)
    if "/" not in path or path.startswith("/") or "://" in path:
        return None
    note = "Without the slash, it leads elsewhere from each page."
    return Advice({REDIRECT: f"/{path.lstrip('./')}"}, note)


def maximum(site: Site) -> Advice:
    """In that fork, only what is done in the grace period after the limit renews it."""
    advice = limit(ABSOLUTE, site.get(MAXIMUM))
    expire, grace = seconds_of(site.get(LIMIT)), seconds_of(site.get(GRACE))
    write: dict[str, object] = {LIMIT: None}
    if expire is not None:
        write = {FROM_ACTIVITY: False}
        if grace is not None:
            write = {LIMIT: expire + grace, GRACE: expire}
    return Advice({**advice.write, **write}, advice.note)


# django-session-security

EXPIRE_AFTER = "SESSION_SECURITY_EXPIRE_AFTER"
WARN_AFTER = "SESSION_SECURITY_WARN_AFTER"
PASSIVE_URLS = "SESSION_SECURITY_PASSIVE_URLS"
PASSIVE_URL_NAMES = "SESSION_SECURITY_PASSIVE_URL_NAMES"
REDIRECT_TO_LOGOUT = "SESSION_SECURITY_REDIRECT_TO_LOGOUT"


def expire_after(site: Site) -> Advice:
    return limit(LIMIT, site.get(EXPIRE_AFTER, 600))


def warn_after(site: Site) -> Advice:
    expire = seconds_of(site.get(EXPIRE_AFTER, 600))
    warn = seconds_of(site.get(WARN_AFTER))
    lead = warn_before(expire, warn) if expire and warn else None
    if lead is None or expire is None or warn is None:
        return Advice(note=f"{WARNING} counts back from the end; it is 60 unless set.")
    early = lead < expire - warn
    note = "Pages do not warn before half of the limit is over." if early else ""
    return Advice({WARNING: lead}, note)


def passive(site: Site) -> Advice:
    """Both lists go into one setting, and so the advice of each is that of both."""
    items: list[str] = []
    unknown: list[str] = []
    for path in strings(site.get(PASSIVE_URLS)):
        regex = path_regex(path, get_script_prefix())
        (unknown if regex is None else items).append(regex or path)
    for name in strings(site.get(PASSIVE_URL_NAMES)):
        found = with_namespaces(name, site.url_names)
        items += found
        unknown += [] if found else [name]
    left = literal(unknown)[1:-1]
    note = f"Left out, as no URL of the site's own: {left}." if unknown else ""
    return Advice({PASSIVE: items} if items else {}, note)


def redirect_to_logout(site: Site) -> Advice:
    if not site.get(REDIRECT_TO_LOGOUT):
        return Advice()
    page = site.get("LOGOUT_REDIRECT_URL")
    if isinstance(page, str) and page:
        return Advice({REDIRECT: page}, "The session has been ended by then.")
    note = f"Write the page that ends the single sign-on to {REDIRECT}."
    return Advice(note=f"{note} The session has been ended by then.")


# django-auto-logout

IDLE_TIME, SESSION_TIME, TEXT, IMMEDIATELY = (
    f'AUTO_LOGOUT["{key}"]'
    for key in ("IDLE_TIME", "SESSION_TIME", "MESSAGE", "REDIRECT_TO_LOGIN_IMMEDIATELY")
)


def idle_time(site: Site) -> Advice:
    return limit(LIMIT, site.get(IDLE_TIME))


def session_time(site: Site) -> Advice:
    advice = limit(ABSOLUTE, site.get(SESSION_TIME))
    idle = {} if site.get(IDLE_TIME, UNSET) is not UNSET else {LIMIT: None}
    note = "It counts from this session's login, not from the user's last anywhere."
    return Advice({**advice.write, **idle}, advice.note or note)


def text(site: Site) -> Advice:
    message = site.get(TEXT)
    if not message or not isinstance(message, str | Promise):
        return Advice()
    return Advice({MESSAGE: message}, "It is shown at the level WARNING, not INFO.")


def immediately(site: Site) -> Advice:
    return Advice(note=DIALOG if site.get(IMMEDIATELY) else "")


# django-session-idle-timeout


def idle_timeout(site: Site) -> Advice:
    return limit(LIMIT, site.get("SESSION_IDLE_TIMEOUT", 1800))


def without_counterpart(site: Site) -> Advice:
    return Advice(note="Nothing takes its place.")
