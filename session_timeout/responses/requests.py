"""Finding out if a request is exempt, passive, from htmx, Inertia or a script."""

from contextlib import AbstractContextManager, suppress

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.http import HttpRequest
from django.urls import ResolverMatch, resolve
from django.utils.translation import get_language_from_path, override

from session_timeout.conf import Urls, get_config


def resolve_request(request: HttpRequest) -> ResolverMatch | None:
    """Return the ResolverMatch of the request, or None."""
    return request.resolver_match or resolve_path(request, request.path_info)


def resolve_path(request: HttpRequest, path_info: str) -> ResolverMatch | None:
    """Return the ResolverMatch of a path without SCRIPT_NAME, or None.

    If the path has no slash at the end, this also tries it with one, as
    CommonMiddleware does.
    """
    urlconf = getattr(request, "urlconf", None)
    is_complete = path_info.endswith("/") or not settings.APPEND_SLASH
    with language_of(request, path_info):
        for candidate in [path_info] if is_complete else [path_info, f"{path_info}/"]:
            # A path converter can raise any exception. If this is the path of the
            # request, Django raises it again later.
            with suppress(Exception):
                return resolve(candidate, urlconf)
    return None


def language_of(request: HttpRequest, path_info: str) -> AbstractContextManager[None]:
    """Return a context manager that activates the language of a page.

    path_info is the path of the page without SCRIPT_NAME. The language is the one in
    the path if the site has i18n_patterns, or else the one that LocaleMiddleware has
    found, or else LANGUAGE_CODE. The active language of the thread does not count,
    because it can come from an earlier request.
    """
    urlconf = getattr(request, "urlconf", None) or settings.ROOT_URLCONF
    has_prefixes, prefixes_default = is_language_prefix_patterns_used(urlconf)
    language = get_language_from_path(path_info) if has_prefixes else None
    if language is None and (prefixes_default or not has_prefixes):
        language = getattr(request, "LANGUAGE_CODE", None)
    return override(language or settings.LANGUAGE_CODE)


def is_exempt(request: HttpRequest) -> bool:
    """Whether the middleware ignores the request: no check, no activity."""
    return _matches(request, get_config().exempt, "session_timeout_exempt")


def is_passive(request: HttpRequest) -> bool:
    """Whether the middleware checks the request, but does not count it as activity.

    It is safe to accept X-Session-Passive from anyone, because it can only shorten the
    sender's own session. A prefetch comes from the browser and not from the visitor
    (https://wicg.github.io/nav-speculation/prefetch.html).
    """
    headers = request.headers
    return (
        headers.get("X-Session-Passive") == "1"
        or headers.get("Sec-Purpose", "").startswith("prefetch")
        or _matches(request, get_config().passive, "session_timeout_passive")
    )


def is_session_view(request: HttpRequest) -> bool:
    """Whether the view makes its own response to an expired request.

    The views status and extend of session_timeout.urls do.
    """
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
    """Whether htmx makes the request instead of a navigation (hx-boost)."""
    return request.headers.get("HX-Boosted") == "true"


def is_inertia(request: HttpRequest) -> bool:
    """Whether Inertia makes the request (https://inertiajs.com/the-protocol)."""
    return request.headers.get("X-Inertia") == "true"


def is_script(request: HttpRequest) -> bool:
    """Whether the request comes from a script or a subresource, not a navigation."""
    headers = request.headers
    # Compare the value: Android's WebView sends the name of the app in X-Requested-With
    # with every navigation.
    if headers.get("X-Requested-With") == "XMLHttpRequest" or prefers_json(request):
        return True
    mode = headers.get("Sec-Fetch-Mode", "navigate")
    return mode != "navigate" and "text/html" not in headers.get("Accept", "")


def prefers_json(request: HttpRequest) -> bool:
    """Whether the Accept header prefers JSON to HTML."""
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
