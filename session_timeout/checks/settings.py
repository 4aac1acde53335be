"""System checks of the settings and of MIDDLEWARE. See docs/checks.md."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from difflib import get_close_matches
from itertools import chain
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.middleware.locale import LocaleMiddleware

from session_timeout import conf
from session_timeout.checks.manual import link_to_manual
from session_timeout.checks.predecessors import is_one_running
from session_timeout.conf import SETTINGS, InstallationError, SettingError
from session_timeout.middleware import SessionTimeoutMiddleware

Messages = Iterator[CheckMessage]

PREFIXES = "SESSION_EXPIRE_", "SESSION_TIMEOUT_"
OTHERS = {"SESSION_EXPIRE_AT_BROWSER_CLOSE"}  # Django's own

# WCAG 2.2, success criterion 2.2.1: at least 20 seconds to extend a time limit.
WARNING_MINIMUM = 20


@link_to_manual
def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with MIDDLEWARE and with the settings."""
    place = [*check_middleware(), *check_names()]
    errors = [*check_each_setting(), *check_cookie_age()]
    if not errors:
        errors = [*check_grace_period()]
    if errors:
        return [*place, *errors]  # the rest compares settings that are wrong
    rest: Iterable[Callable[[], Messages]] = (
        check_limits,
        check_warning,
        check_message,
        check_csrf,
        check_clear_site_data,
    )
    return [*place, *chain.from_iterable(check() for check in rest)]


def check_middleware() -> Messages:
    try:
        conf.find_installed(SessionTimeoutMiddleware)
    except InstallationError as error:
        if is_missing() and is_one_running():
            return  # a migration is under way, and check_predecessors() reports it
        yield Error(error.problem, hint=error.hint, id=error.check_id)
        return
    (ours, _), *more = conf.find_each(SessionTimeoutMiddleware)
    if more:
        yield Error(
            f"SessionTimeoutMiddleware is in MIDDLEWARE {1 + len(more)} times.",
            hint="Keep one of them, and remove the others.",
            id="session_timeout.E004",
        )
    if any(index > ours for index, _ in conf.find_each(LocaleMiddleware)):
        yield checks.Warning(
            "LocaleMiddleware comes after SessionTimeoutMiddleware, so "
            "SessionTimeoutMiddleware uses LANGUAGE_CODE, not the visitor's language.",
            hint='Move "django.middleware.locale.LocaleMiddleware" between '
            "SessionMiddleware and SessionTimeoutMiddleware.",
            id="session_timeout.W005",
        )


def check_names() -> Messages:
    """Find misspelt settings among those whose names begin like ours."""
    for name in dir(settings):
        if not name.startswith(PREFIXES) or name in SETTINGS or name in OTHERS:
            continue
        (similar,) = get_close_matches(name, SETTINGS, n=1, cutoff=0)
        yield checks.Warning(
            f"{name} is not a setting of django-inactivity-timeout.",
            hint=f"Did you mean {similar}?",
            id="session_timeout.W006",
        )


def check_each_setting() -> Messages:
    for name, (_, _, check_id) in SETTINGS.items():
        try:
            conf.read_setting(name)
        except SettingError as error:
            yield setting_error(error, check_id)


def check_cookie_age() -> Messages:
    """Django adds SESSION_COOKIE_AGE to numbers, so it cannot be a timedelta."""
    age = settings.SESSION_COOKIE_AGE
    if isinstance(age, int | float) and 0 <= age <= timedelta.max.total_seconds():
        return
    yield Error(
        f"SESSION_COOKIE_AGE must be a number of seconds, zero or more, not {age!r}.",
        hint="Write a number without quotes, such as 1209600 for two weeks.",
        id="session_timeout.E023",
    )


def setting_error(error: SettingError, check_id: str) -> CheckMessage:
    return Error(f"{error.name} {error.problem}.", hint=error.hint, id=check_id)


def check_grace_period() -> Messages:
    try:
        conf.read_grace(conf.read_setting("SESSION_EXPIRE_SECONDS"))
    except SettingError as error:
        yield setting_error(error, "session_timeout.E022")


def is_missing() -> bool:
    return not any(conf.find_each(SessionTimeoutMiddleware))


def check_limits() -> Messages:
    if is_missing():
        return  # the limits are not in force
    limits = conf.get_config().limits
    if limits is None or limits.idle is None:
        return
    if limits.idle >= settings.SESSION_COOKIE_AGE:
        age = f"SESSION_COOKIE_AGE ({settings.SESSION_COOKIE_AGE} s)"
        found = f"not set, so the idle limit is {age}"
        if hasattr(settings, "SESSION_EXPIRE_SECONDS"):
            found = f"{limits.idle:.12g} s, not less than {age}"
        yield checks.Warning(
            f"SESSION_EXPIRE_SECONDS is {found}: Django ends most sessions before they "
            "can be idle for that long.",
            hint="Set SESSION_EXPIRE_SECONDS to less, such as 1800 for half an hour.",
            id="session_timeout.W040",
        )
    if limits.absolute is not None and limits.absolute <= limits.idle:
        yield checks.Warning(
            f"SESSION_EXPIRE_ABSOLUTE_SECONDS ({limits.absolute:.12g} s) is not more "
            f"than SESSION_EXPIRE_SECONDS ({limits.idle:.12g} s), so "
            "SESSION_EXPIRE_SECONDS has no effect.",
            hint="Set SESSION_EXPIRE_SECONDS to less than the absolute limit.",
            id="session_timeout.W041",
        )


def check_warning() -> Messages:
    seconds = conf.read_setting("SESSION_TIMEOUT_WARNING_SECONDS")
    if seconds < WARNING_MINIMUM:
        yield checks.Warning(
            f"SESSION_TIMEOUT_WARNING_SECONDS is {seconds:.12g} s, but WCAG 2.2 "
            f"(2.2.1) asks for at least {WARNING_MINIMUM} s to react.",
            hint=f"Set SESSION_TIMEOUT_WARNING_SECONDS to {WARNING_MINIMUM} or more.",
            id="session_timeout.W042",
        )


def check_message() -> Messages:
    if not conf.get_config().message or apps.is_installed("django.contrib.messages"):
        return
    yield checks.Warning(
        "SESSION_TIMEOUT_MESSAGE is set, but django.contrib.messages is not installed: "
        "nobody will see the message.",
        hint='Add "django.contrib.messages" to INSTALLED_APPS, or remove '
        "SESSION_TIMEOUT_MESSAGE.",
        id="session_timeout.W043",
    )


def check_csrf() -> Messages:
    if not settings.CSRF_USE_SESSIONS:
        return
    yield checks.Warning(
        "CSRF_USE_SESSIONS stores the CSRF token in the session. When the session "
        "ends, forms that are still open fail with a 403, including the login form.",
        hint="Set CSRF_USE_SESSIONS to False, or list the login page in "
        "SESSION_TIMEOUT_EXEMPT_URLS and silence this warning.",
        id="session_timeout.W044",
    )


def check_clear_site_data() -> Messages:
    slow = {'"cache"', '"*"'} & {*conf.get_config().clear_site_data.split(", ")}
    for directive in sorted(slow):
        yield checks.Warning(
            f"SESSION_TIMEOUT_CLEAR_SITE_DATA contains {directive}, which makes Chrome "
            "search its whole cache: the response can take 20 seconds or more.",
            hint='Write "storage" instead, and send Cache-Control: no-store with '
            "private pages.",
            id="session_timeout.W046",
        )
