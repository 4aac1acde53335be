"""What a request is: exempt or passive; htmx, Inertia, a script, or a navigation."""

from contextlib import AbstractContextManager, suppress

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.http import HttpRequest
from django.urls import ResolverMatch, resolve
from django.utils.translation import get_language_from_path, override

from session_timeout.conf import Urls, get_config


def resolve_request(request: HttpRequest) -> ResolverMatch | None:
    """Return what the request's URL resolves to, or None."""
    return request.resolver_match or resolve_path(request, request.path_info)


def resolve_path(request: HttpRequest, path_info: str) -> ResolverMatch | None:
    """Return what a path without SCRIPT_NAME resolves to on this site, or None.

    As for CommonMiddleware, a path without its last slash stands for the one with it.
    """
    urlconf = getattr(request, "urlconf", None)
    is_complete = path_info.endswith("/") or not settings.APPEND_SLASH
    with language_of(request, path_info):
        for candidate in [path_info] if is_complete else [path_info, f"{path_info}/"]:
            # A path converter may raise anything. Django will meet it too, if this is
            # the path of the request.
            with suppress(Exception):
                return resolve(candidate, urlconf)
    return None


def language_of(request: HttpRequest, path_info: str) -> AbstractContextManager[None]:
    """Return a context in the language of a page, by its path without SCRIPT_NAME.

    That is the language in the path where the site has i18n_patterns, or the one that
    LocaleMiddleware has found, or LANGUAGE_CODE. The language that is active in the
    thread may be that of an earlier request.
    """
    urlconf = getattr(request, "urlconf", None) or settings.ROOT_URLCONF
    has_prefixes, prefixes_default = is_language_prefix_patterns_used(urlconf)
    language = get_language_from_path(path_info) if has_prefixes else None
    if language is None and (prefixes_default or not has_prefixes):
        language = getattr(request, "LANGUAGE_CODE", None)
    return override(language or settings.LANGUAGE_CODE)


def is_exempt(request: HttpRequest) -> bool:
    """Whether the request is neither checked nor counts as activity."""
    return _matches(request, get_config().exempt, "session_timeout_exempt")


def is_passive(request: HttpRequest) -> bool:
    """Whether the request is checked, but does not count as activity.

    With the header X-Session-Passive a page's own polling says so itself; it is safe to
    accept from anyone, since it can only shorten the sender's own session. A prefetch
    is the browser's doing, not the visitor's
    (https://wicg.github.io/nav-speculation/prefetch.html).
    """
    headers = request.headers
    return (
        headers.get("X-Session-Passive") == "1"
        or headers.get("Sec-Purpose", "").startswith("prefetch")
        or _matches(request, get_config().passive, "session_timeout_passive")
    )


def is_session_view(request: HttpRequest) -> bool:
    """Whether the view is one of session_timeout.urls, which answer themselves."""
    match = resolve_request(request)
    return match is not None and getattr(match.func, "session_timeout_view", False)


def _matches(request: HttpRequest, urls: Urls, mark: str) -> bool:
    if urls.match_path is not None and urls.match_path(request.path_info):
        return True
    match = resolve_request(request)
    if match is None:
        return False
    if getattr(match.func, mark, False):
        return True
    if not match.url_name:
        return False
    by_application = ":".join([*match.app_names, match.url_name])
    return match.view_name in urls.names or by_application in urls.names


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx makes the request (https://htmx.org/reference/#request_headers)."""
    return request.headers.get("HX-Request") == "true"


def is_boosted(request: HttpRequest) -> bool:
    """Whether htmx makes the request in place of a navigation (hx-boost)."""
    return request.headers.get("HX-Boosted") == "true"


def is_inertia(request: HttpRequest) -> bool:
    """Whether Inertia makes the request (https://inertiajs.com/the-protocol)."""
    return request.headers.get("X-Inertia") == "true"


def is_script(request: HttpRequest) -> bool:
    """Whether a script or a subresource makes the request, and not a navigation."""
    headers = request.headers
    # Android's WebView sends the app's name in X-Requested-With, with navigations too.
    if headers.get("X-Requested-With") == "XMLHttpRequest" or prefers_json(request):
        return True
    mode = headers.get("Sec-Fetch-Mode", "navigate")
    return mode != "navigate" and "text/html" not in headers.get("Accept", "")


def prefers_json(request: HttpRequest) -> bool:
    """Whether the request would rather have JSON than HTML."""
    try:
        accepted = request.accepted_types
    except (LookupError, ValueError):  # a header that Django cannot parse
        return False
    for media in accepted:  # the best first
        if media.sub_type == "json" or media.sub_type.endswith("+json"):
            return True
        if media.match("text/html"):
            return False
    return False
