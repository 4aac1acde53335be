"""The page to redirect to: the login page, or SESSION_TIMEOUT_REDIRECT."""

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
missing_pages: set[str] = set()  # those that warn_if_missing() has logged


def redirect_for_page(request: HttpRequest, path: str) -> str:
    """Return the URL to which a page goes at the end. path is the path of the page."""
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

    match is the view of the page that the visitor sees. Raises SettingError if the
    callable in SESSION_TIMEOUT_REDIRECT returns anything else than a path or a URL.
    """
    redirect = get_config().redirect
    try:
        if redirect is None:
            return login_page(request, match), True
        return site_page(request, redirect), False
    except NoReverseMatch:
        # The system checks report this to the developer. Visitors must not get a 500.
        logger.exception(
            "The page to redirect to when a session has ended has no URL. The visitor "
            "goes to the site's root."
        )
        return get_script_prefix(), False


def warn_if_missing(request: HttpRequest, page: str) -> None:
    """Log once that the page to redirect to does not exist.

    If the app is in INSTALLED_APPS, the system checks have reported it already.
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
    """Return the URL of the login page, with the path as its next parameter.

    Raises NoReverseMatch if LOGIN_URL is a URL name that does not exist.
    """
    page = login_page(request, request.resolver_match)
    return iri_to_uri(add_next(page, path))


def login_page(request: HttpRequest, match: ResolverMatch | None) -> str:
    """Return the login page: LOGIN_URL, or in an admin site that site's own."""
    page = name_in_admin(match, "login") or str(settings.LOGIN_URL)
    return named_page(request, page)


def name_in_admin(match: ResolverMatch | None, name: str) -> str | None:
    """Return the URL name of a page of this admin site, or None outside the admin."""
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
    """Return the path of a URL name. A path or URL is returned unchanged."""
    return page if "/" in page else reverse(page, getattr(request, "urlconf", None))


def is_same_page(request: HttpRequest, page: str) -> bool:
    """Whether the request is for that page."""
    parts = urlsplit(page)
    return unquote(parts.path) == request.path and (
        not parts.netloc or parts.netloc == request.get_host()
    )
