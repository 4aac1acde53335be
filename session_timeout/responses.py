"""What the visitor of an expired session gets."""

from __future__ import annotations

from typing import TypeVar

from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext

from session_timeout import classify, pages
from session_timeout.conf import config
from session_timeout.parsers import SettingError
from session_timeout.policy import Expiry
from session_timeout.steps import synchronous

Response = TypeVar("Response", bound=HttpResponseBase)


def expired_response(request: HttpRequest, expiry: Expiry) -> HttpResponseBase | None:
    """Return the response to an expired request; None lets it go on to the view."""
    handler = config().handler
    if handler is not None:
        return check_response(synchronous(handler)(request, expiry))
    with classify.language_of(request.path_info):
        return default_response(request, expiry)


def default_response(request: HttpRequest, expiry: Expiry) -> HttpResponse | None:
    """Return what the response table says; None for the redirect target itself."""
    page, takes_next = pages.redirect_page(request, classify.match_of(request))
    if pages.is_same_page(request, page):
        leave_message(request, None)
        return None
    if takes_next:
        page = pages.with_next(page, pages.next_of(request, page))
    url = iri_to_uri(page)
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


def uncached(response: Response) -> Response:
    """Keep the response out of every cache, and return it."""
    patch_cache_control(response, no_store=True, private=True)
    return response


def finish(response: HttpResponseBase) -> None:
    """Keep the response out of every cache, and clear what the site wants cleared."""
    uncached(response)
    if config().clear_site_data:
        response.headers["Clear-Site-Data"] = config().clear_site_data


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
