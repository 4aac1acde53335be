"""System checks of the middleware's place and of the settings. See docs/checks.md."""

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
from session_timeout.checks.predecessors import is_one_running
from session_timeout.conf import SETTINGS, InstallationError, SettingError
from session_timeout.middleware import SessionTimeoutMiddleware

Messages = Iterator[CheckMessage]

PREFIXES = "SESSION_EXPIRE_", "SESSION_TIMEOUT_"
OTHERS = {"SESSION_EXPIRE_AT_BROWSER_CLOSE"}  # Django's own

# WCAG 2.2, success criterion 2.2.1: at least 20 seconds to extend a time limit.
WARNING_MINIMUM = 20


def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the middleware's place and with the settings."""
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
            hint="Keep one of them.",
            id="session_timeout.E004",
        )
    if any(index > ours for index, _ in conf.find_each(LocaleMiddleware)):
        yield checks.Warning(
            "LocaleMiddleware comes after SessionTimeoutMiddleware, which therefore "
            "does not know the visitor's language and uses LANGUAGE_CODE.",
            hint='Move "django.middleware.locale.LocaleMiddleware" between '
            "SessionMiddleware and SessionTimeoutMiddleware.",
            id="session_timeout.W005",
        )


def check_names() -> Messages:
    """Look for misspelt settings among those that begin as ours do."""
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
    """Django adds SESSION_COOKIE_AGE to times: unlike our limits, it is a number."""
    age = settings.SESSION_COOKIE_AGE
    if isinstance(age, int | float) and 0 <= age <= timedelta.max.total_seconds():
        return
    yield Error(
        f"SESSION_COOKIE_AGE must be a number of seconds, not {age!r}.",
        hint="Write a number without quotes, 1209600 for two weeks.",
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
        found = "is" if hasattr(settings, "SESSION_EXPIRE_SECONDS") else "is not set:"
        yield checks.Warning(
            f"SESSION_EXPIRE_SECONDS {found} {limits.idle:.12g} s, not below "
            f"SESSION_COOKIE_AGE ({settings.SESSION_COOKIE_AGE} s): Django ends most "
            "sessions before they can be idle that long.",
            hint="Set SESSION_EXPIRE_SECONDS to less, 1800 for half an hour.",
            id="session_timeout.W040",
        )
    if limits.absolute is not None and limits.absolute <= limits.idle:
        yield checks.Warning(
            f"SESSION_EXPIRE_ABSOLUTE_SECONDS ({limits.absolute:.12g} s) is not above "
            f"SESSION_EXPIRE_SECONDS ({limits.idle:.12g} s), which then has no effect.",
            hint="Set SESSION_EXPIRE_SECONDS to less than the absolute limit.",
            id="session_timeout.W041",
        )


def check_warning() -> Messages:
    seconds = conf.read_setting("SESSION_TIMEOUT_WARNING_SECONDS")
    if seconds < WARNING_MINIMUM:
        yield checks.Warning(
            f"SESSION_TIMEOUT_WARNING_SECONDS is {seconds:.12g} s; WCAG 2.2 (2.2.1) "
            f"asks for at least {WARNING_MINIMUM} s to react.",
            hint=f"Write {WARNING_MINIMUM} or more.",
            id="session_timeout.W042",
        )


def check_message() -> Messages:
    if not conf.get_config().message or apps.is_installed("django.contrib.messages"):
        return
    yield checks.Warning(
        "SESSION_TIMEOUT_MESSAGE is set, but django.contrib.messages is not installed: "
        "nobody will see it.",
        hint='Add "django.contrib.messages" to INSTALLED_APPS, or drop the message.',
        id="session_timeout.W043",
    )


def check_csrf() -> Messages:
    if not settings.CSRF_USE_SESSIONS:
        return
    yield checks.Warning(
        "CSRF_USE_SESSIONS keeps the CSRF token in the session, which ends when it is "
        "idle: a form that has been open for longer, also the login form, is answered "
        "with 403.",
        hint="Set CSRF_USE_SESSIONS to False, or list the login page in "
        "SESSION_TIMEOUT_EXEMPT_URLS and silence this warning.",
        id="session_timeout.W044",
    )


def check_clear_site_data() -> Messages:
    slow = {'"cache"', '"*"'} & {*conf.get_config().clear_site_data.split(", ")}
    for directive in sorted(slow):
        yield checks.Warning(
            f"SESSION_TIMEOUT_CLEAR_SITE_DATA holds {directive}, for which Chrome goes "
            "through its whole cache: the response can take 20 seconds and more.",
            hint='Write "storage", and let Cache-Control: no-store keep private pages '
            "out of the cache.",
            id="session_timeout.W046",
        )
