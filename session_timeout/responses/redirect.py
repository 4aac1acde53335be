"""Where the visitor of an expired session goes: the login page, or the site's own."""

import logging
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, ResolverMatch, get_script_prefix, reverse
from django.utils.encoding import iri_to_uri
from django.utils.functional import Promise

from session_timeout.conf import (
    SettingError,
    get_config,
    import_function,
    is_web_address,
)
from session_timeout.flow import as_sync
from session_timeout.responses.next_page import add_next, allowed_next, path_info_of
from session_timeout.responses.requests import language_of, resolve_path

logger = logging.getLogger("session_timeout")
missing_pages: set[str] = set()  # what warn_if_missing() has logged


def redirect_for_page(request: HttpRequest, path: str) -> str:
    """Return the URL where a page of this host, given by its path, goes on expiry."""
    path_info = path_info_of(path)
    match = resolve_path(request, path_info)
    with language_of(request, path_info):
        page, takes_next = redirect_page(request, match)
    if takes_next:
        page = add_next(page, allowed_next(request, page, path))
    return iri_to_uri(page)


def redirect_page(
    request: HttpRequest, match: ResolverMatch | None
) -> tuple[str, bool]:
    """Return the URL to redirect to, and whether it takes a next parameter.

    match is the view that the visitor was looking at. Raises SettingError if a redirect
    callable returns nonsense.
    """
    redirect = get_config().redirect
    try:
        if redirect is None:
            return login_page(request, match), True
        return site_page(request, redirect), False
    except NoReverseMatch:
        # The system checks report it to the developer; visitors should not get a 500.
        logger.exception(
            "The page to redirect to when a session has ended has no URL. The visitor "
            "goes to the site's root."
        )
        return get_script_prefix(), False


def warn_if_missing(request: HttpRequest, page: str) -> None:
    """Log once that visitors are sent to a page that does not exist.

    With the app in INSTALLED_APPS, the system checks say so at start-up.
    """
    if apps.is_installed("session_timeout") or missing_pages:
        return
    if not urlsplit(page).netloc and not resolve_path(request, path_info_of(page)):
        missing_pages.add(page)
        logger.warning(
            "Visitors whose session has ended are redirected to %s, which no URL "
            "pattern matches. Set LOGIN_URL or SESSION_TIMEOUT_REDIRECT, and add "
            '"session_timeout" to INSTALLED_APPS for the system checks.',
            page,
        )


def login_url(request: HttpRequest, path: str) -> str:
    """Return the URL of the login page that leads to a path of this host.

    Raises NoReverseMatch if LOGIN_URL is a name that no URL has.
    """
    page = login_page(request, request.resolver_match)
    return iri_to_uri(add_next(page, path))


def login_page(request: HttpRequest, match: ResolverMatch | None) -> str:
    """Return the login page: in an admin site its own, elsewhere LOGIN_URL."""
    page = name_in_admin(match, "login") or str(settings.LOGIN_URL)
    return named_page(request, page)


def name_in_admin(match: ResolverMatch | None, name: str) -> str | None:
    """Return the name of an admin site's own page; None elsewhere than in one."""
    if match is None or "admin" not in match.app_names:
        return None
    depth = match.app_names.index("admin") + 1
    return ":".join([*match.namespaces[:depth], name])


def site_page(request: HttpRequest, redirect: object) -> str:
    """Return the URL that SESSION_TIMEOUT_REDIRECT names."""
    name, page = "SESSION_TIMEOUT_REDIRECT", redirect
    if not callable(redirect):
        text = str(redirect)
        try:
            page = named_page(request, text)
        except NoReverseMatch:
            if "." not in text:
                raise
            redirect = import_function(name, text, "a URL name")
    if callable(redirect):
        page = as_sync(redirect)(request)
    if isinstance(page, str | Promise) and is_web_address(str(page)):
        return str(page)
    problem = f"is {redirect!r}, which returned {page!r}"
    raise SettingError(name, problem, "Return a path or a URL.")


def named_page(request: HttpRequest, page: str) -> str:
    """Return a path or URL as it is, and the path of a URL name."""
    return page if "/" in page else reverse(page, getattr(request, "urlconf", None))


def is_same_page(request: HttpRequest, page: str) -> bool:
    """Whether the request is for that page already."""
    parts = urlsplit(page)
    return unquote(parts.path) == request.path and (
        not parts.netloc or parts.netloc == request.get_host()
    )
