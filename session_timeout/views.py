"""What a page asks of its session: how long it lasts, and that it goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import get_script_prefix
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from session_timeout import classify, pages, responses, store
from session_timeout.conf import config
from session_timeout.decorators import passive
from session_timeout.policy import Limits, MalformedRecordError
from session_timeout.status import Standing, known, stored, visit_of
from session_timeout.steps import Steps, arun, calling, run
from session_timeout.visit import Visit

View = Callable[..., Any]


def endpoint(view: View) -> View:
    """Return the view marked for the middleware, and for the site's others."""
    # The check of the token is within: it would hide that a session, and its token
    # with it, has ended. What counts as activity is for the view to decide.
    view = csrf_exempt(login_not_required(passive(view)))
    view.session_timeout_reports = True  # type: ignore[attr-defined]
    return view


def protect_session(view: View) -> View:
    """Check the CSRF token where there is a session to protect."""
    protected = csrf_protect(view)

    def choose(request: HttpRequest) -> View:
        is_over = visit_of(request).expiry is not None
        return protected if store.loaded(request.session) and not is_over else view

    if iscoroutinefunction(view):

        @wraps(view)
        async def checked(request: HttpRequest) -> HttpResponse:
            response: HttpResponse = await choose(request)(request)
            return response

    else:

        @wraps(view)
        def checked(request: HttpRequest) -> HttpResponse:
            response: HttpResponse = choose(request)(request)
            return response

    return checked


@endpoint
@require_safe
@csrf_protect
def status(request: HttpRequest) -> HttpResponse:
    """Tell how long the session lasts. It is checked as ever, but not kept alive."""
    return run(answer_status(request))


@endpoint
@require_safe
@csrf_protect
async def astatus(request: HttpRequest) -> HttpResponse:
    """See status()."""
    return await arun(answer_status(request))


@endpoint
@require_POST
@protect_session
def extend(request: HttpRequest) -> HttpResponse:
    """Count as activity, and tell how long the session lasts now."""
    return run(answer_extend(request))


@endpoint
@require_POST
@protect_session
async def aextend(request: HttpRequest) -> HttpResponse:
    """See extend()."""
    return await arun(answer_extend(request))


def answer_status(request: HttpRequest) -> Steps[HttpResponse]:
    visit, session = visit_of(request), request.session
    limits = yield from limits_of(request, visit)
    if limits is not None:
        if visit.is_checked:
            with suppress(MalformedRecordError):  # for the next stamp to find
                yield from visit.look_again()
        if not visit.is_due:
            store.hold(session)
    saves = session.modified or (visit.is_due and config().save_every_request)
    here = known(request, limits, saves=saves, active=visit.is_due)
    if here is None:
        return (yield from answer_over(request, visit))
    return active(request, here)


def answer_extend(request: HttpRequest) -> Steps[HttpResponse]:
    visit, session = visit_of(request), request.session
    limits, here = (yield from limits_of(request, visit)), None
    if limits is not None:
        saves = session.modified or config().save_every_request
        visit.is_activity = True
        stamps = visit.is_checked and session.session_key == visit.key
        if stamps and not visit.engine.in_response:
            yield from visit.stamp(forced=True)
            here = yield from stored(visit, limits, saves=saves)
        else:  # the record goes with the response
            visit.is_due = stamps
            here = known(request, limits, saves=saves, active=True)
    if here is None:
        return (yield from answer_over(request, visit))
    if classify.prefers_json(request):
        return active(request, here)
    return see_other(page_to_return_to(request))


def limits_of(request: HttpRequest, visit: Visit) -> Steps[Limits | None]:
    """Return the limits of the request's session; None if there is no session.

    Raises ImproperlyConfigured where the middleware has been told to look away.
    """
    session = request.session
    if classify.is_exempt(request):
        raise ImproperlyConfigured(
            f"{request.path} is exempt, so that nothing is known of the session. Take "
            "it out of SESSION_TIMEOUT_EXEMPT_URLS."
        )
    if visit.expiry is not None:
        return None
    if store.loaded(session) is None:
        yield from store.load(session)  # raises what the store did
    if not store.loaded(session):
        return None
    conf = config()
    limits = visit.limits or conf.limits
    if limits is None:  # the session has begun after the middleware had its look
        limits = yield calling(conf.limits_for, request)
    return limits


def active(request: HttpRequest, here: Standing) -> HttpResponse:
    left = here.left
    return responses.uncached(
        JsonResponse(
            {
                "active": True,
                "expires_in": left.expires_in,
                "reason": left.reason,
                "can_extend": left.can_extend,
                "warn_before": left.warn_before,
                "session": here.tag,
                "csrf_token": token_of(request),
            }
        )
    )


def answer_over(request: HttpRequest, visit: Visit) -> Steps[HttpResponse]:
    """Tell that there is no session, and where to go."""
    conf, expiry, path = config(), visit.expiry, pages.referring_path(request)
    if conf.asks_for_response:
        url = yield calling(pages.redirect_of, request, path)
    else:
        url = pages.redirect_of(request, path)
    is_told = expiry and (expiry.user_id is not None or conf.redirect_anonymous)
    if request.method == "POST" and not classify.prefers_json(request):
        stays = expiry is not None and not is_told
        response = see_other(page_to_return_to(request) if stays else url)
    else:
        response = over(url, expiry.reason if expiry else None)
    if is_told:
        responses.finish(response)
    if is_told and conf.handler is None:
        with classify.language_of(pages.path_info_of(path)):
            responses.leave_message(request, response)
    return response


def over(url: str, reason: str | None) -> HttpResponse:
    return responses.uncached(
        JsonResponse(
            {
                "active": False,
                "expires_in": 0,
                "reason": reason,
                "can_extend": False,
                "warn_before": config().warning,
                "session": "",
                "redirect": url,
            }
        )
    )


def token_of(request: HttpRequest) -> str:
    """Return the CSRF token for the next POST.

    A cookie that the browser has is not sent again: it would take the place of the
    one that a login has brought meanwhile.
    """
    has_cookie = "CSRF_COOKIE" in request.META
    is_due = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    token = get_token(request)
    if has_cookie:
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = is_due
    return token


def page_to_return_to(request: HttpRequest) -> str:
    """Return the page that the form was on, always one of this host."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        path = pages.usable_next(request, request.path, pages.own_path(request, url))
        if path is not None:
            return path
    return get_script_prefix()


def see_other(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return responses.uncached(response)
