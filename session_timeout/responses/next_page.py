"""The next parameter: the page to which a user returns after the login."""

import re
from urllib.parse import unquote, urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, QueryDict
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme

from session_timeout.responses.requests import (
    is_boosted,
    is_htmx,
    is_inertia,
    is_script,
    resolve_path,
)

NEXT = "next"
NEXT_MAX_LENGTH = 2000  # characters
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
LOGOUT = re.compile(r"\b(log|sign) ?(out|off)\b")
# Browsers treat such a path as a URL with a host, because they ignore these characters
# (https://url.spec.whatwg.org/#concept-basic-url-parser).
NETWORK_PATH = re.compile(r"/[\t\n\r]*[/\\]")


def next_for_request(request: HttpRequest, page: str) -> str | None:
    """Return the path to which the user returns after the login, or None.

    For a navigation, that is the path of the request. For any other request, it is the
    page that made the request, if the browser names it.
    """
    headers = request.headers
    if is_htmx(request):
        in_page = not is_boosted(request)
    else:
        in_page = is_script(request) and not is_inertia(request)
    if request.method in ("GET", "HEAD") and not in_page:
        path = request.get_full_path()
    else:
        page_url = headers.get("HX-Current-URL") or headers.get("Referer", "")
        path = own_path(request, page_url)
    return allowed_next(request, page, path)


def allowed_next(request: HttpRequest, page: str, path: str) -> str | None:
    """Return the path if it may be the next parameter of the page, or None."""
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, None)
    safe = safe and not NETWORK_PATH.match(path)
    if not safe or len(path) > NEXT_MAX_LENGTH or is_logout(request, path):
        return None
    return None if urlsplit(path).path == urlsplit(page).path else path


def own_path(request: HttpRequest, url: str) -> str:
    """Return the path and the query of a URL, or "" if it is on another host."""
    try:
        hosts, secure = {request.get_host()}, request.is_secure()
    except DisallowedHost:
        return ""
    if not url_has_allowed_host_and_scheme(url, hosts, require_https=secure):
        return ""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def is_logout(request: HttpRequest, path: str) -> bool:
    """Whether a path leads to a logout view, by the name of its URL or its view."""
    match = resolve_path(request, path_info_of(path))
    if match is None:
        return False
    names = {match.url_name or "", getattr(match.func, "__name__", "")}
    view = getattr(match.func, "view_class", type(None))
    names |= {base.__name__ for base in view.__mro__}
    return any(LOGOUT.search(words_in(name)) for name in names)


def words_in(name: str) -> str:
    """Return the words of an identifier in lower case, separated by spaces."""
    return " ".join(WORD.findall(name)).lower()


def path_info_of(path: str) -> str:
    """Return a path of this host without the script prefix and the query."""
    path = unquote(urlsplit(path).path)
    return f"/{path.removeprefix(get_script_prefix()).lstrip('/')}"


def add_next(page: str, path: str | None) -> str:
    """Return the URL of the page with the path as its next parameter."""
    if path is None:
        return page
    parts = urlsplit(page)
    query = QueryDict(parts.query, mutable=True)
    query[NEXT] = path
    return parts._replace(query=query.urlencode(safe="/")).geturl()


def referring_path(request: HttpRequest) -> str:
    """Return the path of the page that makes the request, or ""."""
    return own_path(request, request.headers.get("Referer", ""))
