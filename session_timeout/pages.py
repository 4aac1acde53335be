"""Which page the visitor of an expired session goes to, and comes back from."""

from __future__ import annotations

import logging
import re
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, QueryDict
from django.urls import (
    NoReverseMatch,
    Resolver404,
    ResolverMatch,
    get_script_prefix,
    resolve,
    reverse,
)
from django.utils.encoding import iri_to_uri
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme

from session_timeout import classify
from session_timeout.conf import config
from session_timeout.parsers import SettingError, import_function
from session_timeout.steps import synchronous

NEXT = "next"
NEXT_MAX_LENGTH = 2000
LOGOUT = re.compile(r"(log|sign)[_-]?(out|off)", re.IGNORECASE)

logger = logging.getLogger("session_timeout")


def referring_path(request: HttpRequest) -> str:
    """Return the page that makes the request, or the empty string."""
    return own_path(request, request.headers.get("Referer", ""))


def redirect_of(request: HttpRequest, path: str) -> str:
    """Return where a page of this host goes when its session has ended."""
    path_info, urlconf = path_info_of(path), getattr(request, "urlconf", None)
    match = classify.match_of_path(path_info, urlconf)
    with classify.language_of(path_info):
        page, takes_next = redirect_page(request, match)
    if takes_next:
        page = with_next(page, usable_next(request, page, path))
    return iri_to_uri(page)


def redirect_page(
    request: HttpRequest, match: ResolverMatch | None
) -> tuple[str, bool]:
    """Return the URL to redirect to, and whether it takes a next parameter.

    match is what the visitor was looking at.
    """
    redirect = config().redirect
    try:
        if redirect is None:
            return login_page(request, match), True
        return site_page(request, redirect), False
    except NoReverseMatch:
        # The system checks tell the developer; the visitor shall not meet a 500.
        logger.exception("The page to redirect expired sessions to has no URL.")
        return get_script_prefix(), False


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
    name = "SESSION_TIMEOUT_REDIRECT"
    if not callable(redirect):
        text = str(redirect)
        try:
            return named_page(request, text)
        except NoReverseMatch:
            if "." not in text:
                raise
        redirect = import_function(name, text, "a URL name")
    page = synchronous(redirect)(request)
    if isinstance(page, str | Promise) and str(page):
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


def next_of(request: HttpRequest, page: str) -> str | None:
    """Return the path to come back to after the login, or None.

    For a navigation, that is where it went; for everything else the page that the
    visitor was looking at, as far as the browser says so.
    """
    headers = request.headers
    htmx, boosted = classify.is_htmx(request), classify.is_boosted(request)
    in_page = not boosted if htmx else classify.is_fetch(request)
    if request.method in ("GET", "HEAD") and not in_page:
        path = request.get_full_path()
    else:
        page_url = headers.get("HX-Current-URL") or headers.get("Referer", "")
        path = own_path(request, page_url)
    return usable_next(request, page, path)


def usable_next(request: HttpRequest, page: str, path: str) -> str | None:
    """Return a path of this host if the visitor may be sent there after the page."""
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, None)
    if not safe or len(path) > NEXT_MAX_LENGTH or is_logout(request, path):
        return None
    return None if urlsplit(path).path == urlsplit(page).path else path


def own_path(request: HttpRequest, url: str) -> str:
    """Return path and query of a URL on this host, or the empty string."""
    try:
        hosts, secure = {request.get_host()}, request.is_secure()
    except DisallowedHost:
        return ""
    if not url_has_allowed_host_and_scheme(url, hosts, require_https=secure):
        return ""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def is_logout(request: HttpRequest, path: str) -> bool:
    """Whether a path looks like that of a logout view, by its URL's or view's name."""
    urlconf = getattr(request, "urlconf", None)
    path_info = path_info_of(path).rstrip("/")
    for candidate in (path_info, f"{path_info}/"):  # APPEND_SLASH
        try:
            match = resolve(candidate, urlconf)
        except Resolver404:
            continue
        names = {match.url_name or "", getattr(match.func, "__name__", "")}
        view = getattr(match.func, "view_class", type(None))
        names |= {base.__name__ for base in view.__mro__}
        if any(LOGOUT.search(name) for name in names):
            return True
    return False


def path_info_of(path: str) -> str:
    """Return a path of this host without the script prefix and the query."""
    path = unquote(urlsplit(path).path)
    return f"/{path.removeprefix(get_script_prefix()).lstrip('/')}"


def with_next(page: str, path: str | None) -> str:
    """Return the page's URL with the path to come back to in its query."""
    if path is None:
        return page
    parts = urlsplit(page)
    query = QueryDict(parts.query, mutable=True)
    query[NEXT] = path
    return parts._replace(query=query.urlencode(safe="/")).geturl()
