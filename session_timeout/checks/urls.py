"""System checks of the URLs that the settings name. See docs/checks.md."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse

from session_timeout import conf
from session_timeout.checks.manual import link_to_manual
from session_timeout.conf import SettingError

Messages = Iterator[CheckMessage]


@link_to_manual
def check_urls(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return which URLs among the settings lead nowhere."""
    try:
        conf.get_config()
    except ImproperlyConfigured:
        return []  # reported by check_settings()
    found = check_redirect(), check_login_url(), check_url_names()
    return [*chain.from_iterable(found)]


def check_redirect() -> Messages:
    redirect = conf.read_setting("SESSION_TIMEOUT_REDIRECT")
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
            conf.import_function("SESSION_TIMEOUT_REDIRECT", page, "a URL name")
        except SettingError:
            yield Error(
                f"SESSION_TIMEOUT_REDIRECT is {page!r}, which is neither a URL name "
                "nor the dotted path of a callable.",
                hint="Write a path that begins with a slash, or a name that exists.",
                id="session_timeout.E030",
            )


def check_login_url() -> Messages:
    config = conf.get_config()
    if config.redirect is not None and config.reauthenticate is None:
        return
    try:
        nowhere = leads_nowhere(resolve_url(settings.LOGIN_URL))
    except (AttributeError, NoReverseMatch, TypeError):  # it may be of any type
        nowhere = True
    if nowhere:
        hint = "Set LOGIN_URL to the login page, such as '/accounts/login/'"
        if config.reauthenticate is None:
            hint += ", or SESSION_TIMEOUT_REDIRECT to another page"
        yield checks.Warning(
            f"LOGIN_URL is {str(settings.LOGIN_URL)!r}, which no URL pattern matches, "
            "but visitors go there when their session has ended.",
            hint=f"{hint}.",
            id="session_timeout.W032",
        )


def leads_nowhere(url: str) -> bool:
    """Whether a URL of this site matches no URL pattern."""
    try:
        parts = urlsplit(url)
    except ValueError:  # "http://["
        return True
    if parts.netloc:
        return False
    for path in (parts.path, f"{parts.path}/"):  # APPEND_SLASH
        try:
            resolve(path)
        except Resolver404:
            continue
        except Exception:  # a path converter may raise anything: nobody can tell
            return False
        return False
    return True


def check_url_names() -> Messages:
    known = set(url_names(get_resolver().url_patterns))
    for name in ("SESSION_TIMEOUT_PASSIVE_URLS", "SESSION_TIMEOUT_EXEMPT_URLS"):
        for unknown in sorted(conf.read_setting(name).names - known):
            yield Error(
                f"{name} contains {unknown!r}, which is not the name of a URL.",
                hint="Write the name of a URL pattern with its namespaces "
                '("app:name"), or a regex that begins with "/" or "^".',
                id="session_timeout.E033",
            )


def url_names(
    patterns: Iterable[Any], namespaces: str = "", apps: str = ""
) -> Iterator[str]:
    """Yield the name of each URL pattern, by its namespaces and by its applications."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            inner, app = pattern.namespace, pattern.app_name
            yield from url_names(
                pattern.url_patterns,
                f"{namespaces}{inner}:" if inner else namespaces,
                f"{apps}{app}:" if app else apps,
            )
        elif pattern.name:
            yield f"{namespaces}{pattern.name}"
            yield f"{apps}{pattern.name}"
