"""What the visitor of an expired session gets."""

from __future__ import annotations

import logging
import re
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse
from django.utils.cache import patch_cache_control
from django.utils.encoding import iri_to_uri
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from session_timeout import classify
from session_timeout.conf import config
from session_timeout.parsers import SettingError, import_function
from session_timeout.policy import Expiry
from session_timeout.steps import synchronous

NEXT = "next"
NEXT_MAX_LENGTH = 2000
LOGOUT = re.compile(r"(log|sign)[_-]?(out|off)", re.IGNORECASE)

logger = logging.getLogger("session_timeout")


def expired_response(request: HttpRequest, expiry: Expiry) -> HttpResponseBase | None:
    """Return the response to an expired request; None lets it go on to the view."""
    handler = config().handler
    if handler is not None:
        return check_response(synchronous(handler)(request, expiry))
    with classify.language_of(request):
        return default_response(request, expiry)


def default_response(request: HttpRequest, expiry: Expiry) -> HttpResponse | None:
    """Return what the response table says; None for the redirect target itself."""
    page, takes_next = redirect_page(request)
    if is_same_page(request, page):
        leave_message(request, None)
        return None
    url = iri_to_uri(with_next(page, next_of(request, page)) if takes_next else page)
    response: HttpResponse
    if classify.is_htmx(request):
        # htmx follows the header only in a 2xx response.
        response = HttpResponse(headers={"HX-Redirect": url})
    elif classify.is_fetch(request):
        detail = gettext("Your session has ended.")
        content = {"detail": detail, "reason": expiry.reason, "redirect": url}
        response = JsonResponse(content, status=401)
    else:
        response = HttpResponseRedirect(url)
    leave_message(request, response)
    return response


def check_response(response: object) -> HttpResponseBase | None:
    if response is None or isinstance(response, HttpResponseBase):
        return response
    problem = f"returned {response!r}"
    hint = "Return an HttpResponse, or None to go on to the view."
    raise SettingError("SESSION_TIMEOUT_HANDLER", problem, hint)


def finish(response: HttpResponseBase) -> None:
    """Keep the response out of every cache, and clear what the site wants cleared."""
    patch_cache_control(response, no_store=True, private=True)
    if config().clear_site_data:
        response.headers["Clear-Site-Data"] = config().clear_site_data


def redirect_page(request: HttpRequest) -> tuple[str, bool]:
    """Return the URL to redirect to, and whether it takes a next parameter."""
    redirect = config().redirect
    try:
        if redirect is None:
            return login_page(request), True
        return site_page(request, redirect), False
    except NoReverseMatch:
        # The system checks tell the developer; the visitor shall not meet a 500.
        logger.exception("The page to redirect expired sessions to has no URL.")
        return get_script_prefix(), False


def login_page(request: HttpRequest) -> str:
    """Return the login page: in an admin site its own, elsewhere LOGIN_URL."""
    match = classify.match_of(request)
    if match is not None and "admin" in match.app_names:
        depth = match.app_names.index("admin") + 1
        name = ":".join([*match.namespaces[:depth], "login"])
        return reverse(name, getattr(request, "urlconf", None))
    return named_page(request, str(settings.LOGIN_URL))


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
    path_info = unquote(urlsplit(path).path).removeprefix(get_script_prefix())
    path_info, urlconf = f"/{path_info.strip('/')}", getattr(request, "urlconf", None)
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


def with_next(page: str, path: str | None) -> str:
    """Return the page's URL with the path to come back to in its query."""
    if path is None:
        return page
    parts = urlsplit(page)
    query = QueryDict(parts.query, mutable=True)
    query[NEXT] = path
    return parts._replace(query=query.urlencode(safe="/")).geturl()


def leave_message(request: HttpRequest, response: HttpResponse | None) -> None:
    """Leave the site's message for the page that the visitor will see next.

    Without a response, that is the page being requested.
    """
    text = config().message
    if text is None or not apps.is_installed("django.contrib.messages"):
        return
    from django.contrib.messages import WARNING
    from django.contrib.messages.storage import default_storage

    if hasattr(request, "_messages"):
        request._messages.add(WARNING, str(text))
        return
    # MessageMiddleware comes later, or never for this request: store it here.
    storage = default_storage(request)
    storage.add(WARNING, str(text))
    carrier = response or HttpResponse()
    storage.update(carrier)
    if response is None:
        cookies = {name: morsel.value for name, morsel in carrier.cookies.items()}
        request.COOKIES.update(cookies)
