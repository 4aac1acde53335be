"""Making the response to a request whose session has ended."""

from typing import TypeVar

from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext

from session_timeout.conf import SettingError, get_config
from session_timeout.flow import as_sync
from session_timeout.policy import Expiry
from session_timeout.responses import requests
from session_timeout.responses.next_page import add_next, next_for_request
from session_timeout.responses.redirect import (
    is_same_page,
    redirect_page,
    warn_if_missing,
)

Response = TypeVar("Response", bound=HttpResponseBase)


def get_expired_response(
    request: HttpRequest, expiry: Expiry
) -> HttpResponseBase | None:
    """Return the response, or None to let the request go on to its view."""
    handler = get_config().handler
    if handler is not None:
        return checked_response(as_sync(handler)(request, expiry))
    return default_response(request, expiry)


def default_response(request: HttpRequest, expiry: Expiry) -> HttpResponse | None:
    """Return the response of the table in docs/behaviour.md.

    Returns None if the request is for the page to redirect to, to avoid a loop.
    """
    page, takes_next = redirect_page(request, requests.resolve_request(request))
    warn_if_missing(request, page)
    if is_same_page(request, page):
        leave_message(request, None)
        return None
    if takes_next:
        page = add_next(page, next_for_request(request, page))
    url = iri_to_uri(page)
    response: HttpResponse
    if requests.is_htmx(request):
        # htmx reads this header only in a 2xx response.
        response = HttpResponse(headers={"HX-Redirect": url})
    elif requests.is_inertia(request):
        # With this status and header, Inertia loads the location as a whole page.
        response = HttpResponse(status=409, headers={"X-Inertia-Location": url})
    elif requests.is_script(request):
        detail = gettext("Your session has ended.")
        content = {"detail": detail, "reason": expiry.reason, "redirect": url}
        # RFC 9110, 11.6.1, requires this header in a 401.
        headers = {"WWW-Authenticate": "Session"}
        response = JsonResponse(content, status=401, headers=headers)
    elif request.method in ("GET", "HEAD"):
        response = HttpResponseRedirect(url)
    else:
        response = see_other(url)
    leave_message(request, response)
    return response


def see_other(url: str) -> HttpResponse:
    """Return a redirect that the browser follows with GET, after any method.

    After a 302, browsers repeat PUT, PATCH and DELETE: RFC 9110, 15.4.3 and 15.4.4.
    """
    return HttpResponseRedirect(url, status=303)


def checked_response(response: object) -> HttpResponseBase | None:
    if response is None or isinstance(response, HttpResponseBase):
        return response
    problem = f"returned {response!r}"
    hint = "Return an HttpResponse, or None to go on to the view."
    raise SettingError("SESSION_TIMEOUT_HANDLER", problem, hint)


def never_cache(response: Response) -> Response:
    """Forbid caches to store the response, and return it."""
    patch_cache_control(response, no_store=True, private=True)
    return response


def protect_expired_response(response: HttpResponseBase) -> None:
    """Forbid caches to store the response. Add Clear-Site-Data if the site wants it."""
    never_cache(response)
    if get_config().clear_site_data:
        response.headers["Clear-Site-Data"] = get_config().clear_site_data


def leave_message(request: HttpRequest, response: HttpResponse | None) -> None:
    """Add SESSION_TIMEOUT_MESSAGE for the page that the visitor sees next.

    If response is None, that is the page of this request.
    """
    text = get_config().message
    if text is None or not apps.is_installed("django.contrib.messages"):
        return
    from django.contrib.messages import WARNING
    from django.contrib.messages.storage import default_storage

    if hasattr(request, "_messages"):
        request._messages.add(WARNING, str(text))
        return
    # MessageMiddleware comes later, or this response skips it: store the message here.
    storage = default_storage(request)
    storage.add(WARNING, str(text))
    carrier = response or HttpResponse()
    storage.update(carrier)
    if response is None:
        cookies = {name: morsel.value for name, morsel in carrier.cookies.items()}
        request.COOKIES.update(cookies)
