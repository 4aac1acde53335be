"""The views that pages call: status, extend and resumed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import get_script_prefix
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from session_timeout import responses, tracking
from session_timeout.backends import get_loaded, load_quietly
from session_timeout.browser.dialog import find_nonce, find_template, session_timeout
from session_timeout.browser.status import active_status, ended_status, session_marks
from session_timeout.conf import get_config
from session_timeout.decorators import passive
from session_timeout.flow import run_sync
from session_timeout.policy import Limits, MalformedRecordError
from session_timeout.tracking import SessionStatus, State, Tracked

View = Callable[..., HttpResponse]


def session_view(view: View) -> View:
    """Return the view, marked for this middleware and for the site's own."""
    # extend() checks the CSRF token itself. CsrfViewMiddleware would answer 403 if the
    # token has ended with the session, and the page would not learn about the end.
    # passive: each of these views decides itself if its request is activity.
    view = csrf_exempt(login_not_required(passive(view)))
    view.session_timeout_view = True  # type: ignore[attr-defined]
    # With ATOMIC_REQUESTS, the view's transaction would lock the row of the session.
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


def protect_session(view: View) -> View:
    """Return the view with a check of the CSRF token, if there is a session."""
    protected = csrf_protect(view)

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        has_session = (
            get_loaded(request.session) and not tracking.get_tracked(request).expired
        )
        return (protected if has_session else view)(request)

    return checked


@session_view
@require_safe
@csrf_protect
def status(request: HttpRequest) -> HttpResponse:
    """Respond with how long the session lasts, without extending it.

    If the query string contains the parameter dialog, the response has the HTML of the
    dialog too, for a page without the template tag.
    """
    tracked = tracking.get_tracked(request)
    limits = limits_of_session(request, tracked)
    if limits is None:
        return answer(request, tracked, None)
    if tracked.goes_on:
        stored = tracking.reread_store(tracked.backend, tracked.record, time.time())
        with suppress(MalformedRecordError):  # the next request will end the session
            tracked.record = run_sync(stored)
    return answer(request, tracked, tracked.status(request.session, limits))


@session_view
@require_POST
@protect_session
def extend(request: HttpRequest) -> HttpResponse:
    """Extend the session, and respond with how long it lasts now."""
    tracked, session = tracking.get_tracked(request), request.session
    limits, found = limits_of_session(request, tracked), None
    if limits is not None:
        tracked.is_activity = True
        is_known = tracked.goes_on and session.session_key == tracked.key
        if is_known and not tracked.backend.writes_with_response:
            run_sync(tracking.write_activity(tracked, forced=True))
            found = run_sync(tracking.read_status(session, tracked.key, limits))
        else:
            if is_known:
                tracked.state = State.DUE
            found = tracked.status(session, limits, active=True)
    if found is None or responses.prefers_json(request):
        return answer(request, tracked, found)
    return responses.never_cache(responses.see_other(page_of_form(request)))


@require_safe
def resumed(request: HttpRequest) -> HttpResponse:
    """Respond with the page that tells waiting pages that the user has signed in again.

    The login page gets the URL of this view as its next parameter.
    """
    tracked = tracking.get_tracked(request)
    limits = limits_of_session(request, tracked)
    found = limits and tracked.status(request.session, limits)
    if not found or found.user_id is None:
        url = responses.login_url(request, request.get_full_path())
        return responses.never_cache(redirect(url))
    context = {"session": session_marks(found)[0], "nonce": find_nonce(request, None)}
    html = find_template("resumed.html").render(context, request)
    return responses.never_cache(HttpResponse(html))


def limits_of_session(request: HttpRequest, tracked: Tracked) -> Limits | None:
    """Return the limits of the request's session, or None if there is no session.

    Raises ImproperlyConfigured if the request is exempt: then the middleware has not
    read its session.
    """
    session = request.session
    if responses.is_exempt(request):
        raise ImproperlyConfigured(
            f"{request.path} is exempt, so that nothing is known of the session. Take "
            "it out of SESSION_TIMEOUT_EXEMPT_URLS."
        )
    if tracked.expired is not None:
        return None
    if get_loaded(session) is None:
        run_sync(load_quietly(session))  # raises whatever the store raises
    if not get_loaded(session):
        return None
    return tracked.limits or get_config().limits_for(request)


def answer(
    request: HttpRequest, tracked: Tracked, found: SessionStatus | None
) -> HttpResponse:
    """Return the response with the status, or with the page to go to.

    found is the status of the session, or None if there is no session.
    """
    if found is not None:
        with csrf_cookie_kept(request):
            content = active_status(found, get_token(request))
            if "dialog" in request.GET:
                content["dialog"] = session_timeout(request)
        return responses.never_cache(JsonResponse(content))
    config, expired = get_config(), tracked.expired
    path = responses.referring_path(request)
    url = responses.redirect_for_page(request, path)
    is_told = expired and (expired.user_id is not None or config.redirect_anonymous)
    if request.method == "POST" and not responses.prefers_json(request):
        stays = expired is not None and not is_told
        response = responses.see_other(page_of_form(request) if stays else url)
    else:
        content = ended_status(url, expired.reason if expired else None)
        response = JsonResponse(content)
    responses.never_cache(response)
    if is_told:
        responses.protect_expired_response(response)
    if is_told and config.handler is None:
        with responses.language_of(request, responses.path_info_of(path)):
            responses.leave_message(request, response)
    return response


@contextmanager
def csrf_cookie_kept(request: HttpRequest) -> Iterator[None]:
    """Keep get_token() from sending a cookie if the browser has one.

    It could replace a newer cookie, from a login in another tab.
    """
    has_cookie = "CSRF_COOKIE" in request.META
    is_due = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    yield
    if has_cookie:
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = is_due


def page_of_form(request: HttpRequest) -> str:
    """Return the path of the page with the form, which is always on this host."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        path = responses.allowed_next(
            request, request.path, responses.own_path(request, url)
        )
        if path is not None:
            return path
    return get_script_prefix()
