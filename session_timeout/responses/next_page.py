"""The page to come back to after the login: the next parameter."""

import re
from urllib.parse import unquote, urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from session_timeout.responses.requests import is_boosted, is_htmx, is_script

NEXT = "next"
NEXT_MAX_LENGTH = 2000  # characters
LOGOUT = re.compile(r"(log|sign)[_-]?(out|off)", re.IGNORECASE)


def next_for_request(request: HttpRequest, page: str) -> str | None:
    """Return the path to come back to after the login, or None.

    For a navigation, that is where it went; for everything else the page that the
    visitor was looking at, as far as the browser says so.
    """
    headers = request.headers
    htmx, boosted = is_htmx(request), is_boosted(request)
    in_page = not boosted if htmx else is_script(request)
    if request.method in ("GET", "HEAD") and not in_page:
        path = request.get_full_path()
    else:
        page_url = headers.get("HX-Current-URL") or headers.get("Referer", "")
        path = own_path(request, page_url)
    return allowed_next(request, page, path)


def allowed_next(request: HttpRequest, page: str, path: str) -> str | None:
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


def add_next(page: str, path: str | None) -> str:
    """Return the page's URL with the path to come back to in its query."""
    if path is None:
        return page
    parts = urlsplit(page)
    query = QueryDict(parts.query, mutable=True)
    query[NEXT] = path
    return parts._replace(query=query.urlencode(safe="/")).geturl()


def referring_path(request: HttpRequest) -> str:
    """Return the page that makes the request, or the empty string."""
    return own_path(request, request.headers.get("Referer", ""))
