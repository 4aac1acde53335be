"""System checks. Every id is listed in docs/checks.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse
from django.utils.module_loading import import_string

from session_timeout.conf import SETTINGS, config, read, read_grace
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.parsers import SettingError, import_function
from session_timeout.patterns import urls_of

Messages = Iterator[CheckMessage]

# The errors of the settings, E010 to E021, are numbered in the order of the docs. Those
# that have come later have ids of their own, since no id may move.
LATER = {"SESSION_TIMEOUT_PROFILES": "session_timeout.E050"}
FIRST = [name for name in SETTINGS if name not in LATER]
IDS = {name: f"session_timeout.E{10 + i:03}" for i, name in enumerate(FIRST)} | LATER

# WCAG 2.2, success criterion 2.2.1: at least 20 seconds to extend a time limit.
WARNING_MINIMUM = 20


def check_session_timeout(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the middleware's place and with the settings."""
    place, errors = [*check_middleware()], [*check_settings()]
    if not errors:
        errors = [*check_grace_period()]
    if errors:
        return [*place, *errors]  # the rest compares settings that could not be read
    rest: Iterable[Callable[[], Messages]] = (
        check_redirect,
        check_login_url,
        check_url_names,
        check_limits,
        check_warning,
        check_message,
        check_csrf,
    )
    return [*place, *chain.from_iterable(check() for check in rest)]


def check_middleware() -> Messages:
    ours, sessions = position(SessionTimeoutMiddleware), position(SessionMiddleware)
    path = '"session_timeout.middleware.SessionTimeoutMiddleware"'
    session_path = '"django.contrib.sessions.middleware.SessionMiddleware"'
    if ours is None:
        yield Error(
            "SessionTimeoutMiddleware is not in MIDDLEWARE: no session times out.",
            hint=f"Add {path} after {session_path}.",
            id="session_timeout.E001",
        )
    elif sessions is None:
        yield Error(
            "SessionTimeoutMiddleware needs SessionMiddleware, which is not in "
            "MIDDLEWARE.",
            hint=f"Add {session_path} before {path}.",
            id="session_timeout.E002",
        )
    elif ours < sessions:
        yield Error(
            "SessionTimeoutMiddleware comes before SessionMiddleware.",
            hint=f"Move {path} after {session_path}.",
            id="session_timeout.E003",
        )


def position(middleware: type) -> int | None:
    """Return where a middleware, or a subclass of it, stands in MIDDLEWARE."""
    for index, path in enumerate(settings.MIDDLEWARE):
        try:
            found = import_string(path)
        except ImportError:  # Django reports it
            continue
        if isinstance(found, type) and issubclass(found, middleware):
            return index
    return None


def check_settings() -> Messages:
    for name, id_ in IDS.items():
        try:
            read(name)
        except SettingError as error:
            yield Error(f"{error.name} {error.problem}.", hint=error.hint, id=id_)


def check_grace_period() -> Messages:
    try:
        read_grace(read("SESSION_EXPIRE_SECONDS"))
    except SettingError as error:
        message = f"{error.name} {error.problem}."
        yield Error(message, hint=error.hint, id="session_timeout.E022")


def check_redirect() -> Messages:
    redirect = read("SESSION_TIMEOUT_REDIRECT")
    if redirect is None or callable(redirect):
        return
    page = str(redirect)
    if "/" in page:
        if leads_nowhere(page):
            yield checks.Warning(
                f"SESSION_TIMEOUT_REDIRECT is {page!r}, which no URL pattern matches.",
                hint="Write the path or the URL name of a page that exists.",
                id="session_timeout.W031",
            )
        return
    try:
        reverse(page)
    except NoReverseMatch:
        try:
            import_function("SESSION_TIMEOUT_REDIRECT", page, "a URL name")
        except SettingError:
            yield Error(
                f"SESSION_TIMEOUT_REDIRECT is {page!r}, which is neither a URL name "
                "nor the dotted path of a callable.",
                hint="Write a path that begins with a slash, or a name that exists.",
                id="session_timeout.E030",
            )


def check_login_url() -> Messages:
    if read("SESSION_TIMEOUT_REDIRECT") is not None:
        return
    try:
        nowhere = leads_nowhere(resolve_url(settings.LOGIN_URL))
    except NoReverseMatch:
        nowhere = True
    if nowhere:
        yield checks.Warning(
            f"LOGIN_URL is {str(settings.LOGIN_URL)!r}, which leads to no view; "
            "visitors of expired sessions are sent there.",
            hint="Set LOGIN_URL to the login page, or SESSION_TIMEOUT_REDIRECT to "
            "another page.",
            id="session_timeout.W032",
        )


def leads_nowhere(url: str) -> bool:
    """Whether a URL of this site matches no URL pattern."""
    parts = urlsplit(url)
    if parts.netloc:
        return False
    for path in (parts.path, f"{parts.path}/"):  # APPEND_SLASH
        try:
            resolve(path)
        except Resolver404:
            continue
        return False
    return True


def check_url_names() -> Messages:
    urls = [*urls_of(get_resolver().url_patterns)]
    known = {name for url in urls for name in (url.name, url.name_by_application)}
    for name in ("SESSION_TIMEOUT_PASSIVE_URLS", "SESSION_TIMEOUT_EXEMPT_URLS"):
        for unknown in sorted(read(name).names - known):
            yield Error(
                f"{name} holds {unknown!r}, which is no URL's name.",
                hint='Write "name" or "namespace:name" of a URL pattern, or a regex '
                'that begins with "/" or "^".',
                id="session_timeout.E033",
            )


def check_limits() -> Messages:
    limits = config().limits
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
    seconds = read("SESSION_TIMEOUT_WARNING_SECONDS")
    if seconds < WARNING_MINIMUM:
        yield checks.Warning(
            f"SESSION_TIMEOUT_WARNING_SECONDS is {seconds:.12g} s; WCAG 2.2 (2.2.1) "
            f"asks for at least {WARNING_MINIMUM} s to react.",
            hint=f"Write {WARNING_MINIMUM} or more.",
            id="session_timeout.W042",
        )


def check_message() -> Messages:
    if not config().message or apps.is_installed("django.contrib.messages"):
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
