"""SessionTimeoutMiddleware: what happens to a request, sync and async."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from session_timeout import classify, responses, store
from session_timeout.conf import config
from session_timeout.ending import end
from session_timeout.policy import Expiry, Limits, Reason
from session_timeout.steps import Steps, arun, calling, run
from session_timeout.visit import Visit

SESSION_TIMEOUT_KEY = store.KEY

Response = HttpResponseBase


class SessionTimeoutMiddleware:
    """Ends sessions that have been idle too long, and stamps the others.

    Stands anywhere after SessionMiddleware; directly after it is best. A subclass
    may override get_limits(), is_activity() and get_expired_response(), also with
    coroutine functions.

    Raises ImproperlyConfigured where a setting is wrong, or where SessionMiddleware
    is missing or comes later.
    """

    sync_capable = True
    async_capable = True

    def __init__(
        self, get_response: Callable[[HttpRequest], Response | Awaitable[Response]]
    ) -> None:
        self.get_response: Callable[..., Any] = get_response
        self.async_mode = iscoroutinefunction(get_response)
        if self.async_mode:
            markcoroutinefunction(self)
        own, base = type(self), SessionTimeoutMiddleware
        # The hooks that a subclass has made its own, which may do I/O.
        self._asks_limits = own.get_limits is not base.get_limits
        self._asks_activity = own.is_activity is not base.is_activity
        self._asks_response = own.get_expired_response is not base.get_expired_response
        config()

    def __call__(self, request: HttpRequest) -> Response | Awaitable[Response]:
        if self.async_mode:
            return self.__acall__(request)
        visit, response = Visit(request, self._asks_limits), None
        if visit.is_checked and not visit.load():
            response = run(self._before(request, visit))
        if response is None:
            response = self.get_response(request)
        if visit.is_touched(request):
            run(self._after(request, visit, response))
        return response

    async def __acall__(self, request: HttpRequest) -> Response:
        visit, response = Visit(request, self._asks_limits), None
        if visit.is_checked and not await visit.aload():
            response = await arun(self._before(request, visit))
        if response is None:
            response = await self.get_response(request)
        if visit.is_touched(request):
            await arun(self._after(request, visit, response))
        return response

    def get_limits(self, request: HttpRequest) -> Limits:
        """Return the limits of this request's session, in seconds."""
        return config().limits_for(request)

    def is_activity(self, request: HttpRequest) -> bool:
        """Return whether the request shows that somebody is there.

        Asked only where it matters: when a stamp is due, or to be had for free.
        """
        return not classify.is_passive(request)

    def get_expired_response(
        self, request: HttpRequest, expiry: Expiry
    ) -> Response | None:
        """Return the response to an expired request; None lets it go on, anonymous."""
        return responses.expired_response(request, expiry)

    def _before(self, request: HttpRequest, visit: Visit) -> Steps[Response | None]:
        """Check the session; end it, or stamp it if that is due."""
        limits = visit.limits
        yield from visit.clean()
        if not visit.is_checked:
            return None
        if limits is None:
            limits = yield calling(self.get_limits, request)
        reason = yield from visit.check(limits)
        if reason is None and not visit.is_due:
            return None
        if classify.is_exempt(request):
            visit.is_checked = visit.is_activity = visit.is_due = False
            return None
        if reason is not None:
            return (yield from self._expire(request, visit, reason))
        is_activity = yield from self._ask_activity(request, visit)
        visit.is_due = is_activity or visit.is_new or visit.is_ahead()
        if visit.is_due and not visit.engine.in_response:
            yield from visit.stamp()
        return None

    def _expire(
        self, request: HttpRequest, visit: Visit, reason: Reason
    ) -> Steps[Response | None]:
        """End the session and return the response, or None to go on to the view."""
        conf, user_id = visit.conf, store.find_user(visit.data)
        started_at, last_activity = visit.record[:2] if visit.record else (None, None)
        expiry = Expiry(reason, user_id, started_at, last_activity)
        yield from end(request, expiry, type(self), visit.now)
        visit.record = None
        visit.is_checked = visit.is_due = False
        visit.expiry = expiry
        if classify.is_report(request):
            return None
        if user_id is None and not conf.redirect_anonymous:
            return None
        response: Response | None
        if conf.asks_for_response or self._asks_response:
            response = yield calling(self.get_expired_response, request, expiry)
        else:
            response = self.get_expired_response(request, expiry)
        if response is not None:
            if not getattr(response, "is_rendered", True):
                response = yield calling(response.render)  # type: ignore[attr-defined]
            responses.finish(response)
        return response

    def _ask_activity(self, request: HttpRequest, visit: Visit) -> Steps[bool]:
        if self._asks_activity:
            visit.is_activity = yield calling(self.is_activity, request)
        else:
            visit.is_activity = self.is_activity(request)
        return bool(visit.is_activity)

    def _was_activity(self, request: HttpRequest, visit: Visit) -> Steps[bool]:
        """Whether the request, now that it is over, shows that somebody was there."""
        if visit.is_activity is None and classify.is_exempt(request):
            visit.is_activity = False
        if visit.is_activity is None:
            return (yield from self._ask_activity(request, visit))
        return visit.is_activity

    def _after(
        self, request: HttpRequest, visit: Visit, response: Response
    ) -> Steps[None]:
        """Let the record ride along with Django's save, or stamp a long one's end."""
        session = request.session
        saves = session.modified or visit.conf.save_every_request
        if visit.is_vacant and not session.accessed and not saves:
            store.unload(session, cast("str", visit.key))
            return
        visit.now = time.time()
        same = session.session_key == visit.key
        if saves and response.status_code < 500 and not session.is_empty():
            yield from visit.ride(
                session, (yield from self._was_activity(request, visit))
            )
        elif same and visit.is_checked:
            if visit.is_due:
                yield from visit.stamp()
            elif visit.now > visit.rests_until:
                yield from visit.stamp_end(
                    (yield from self._was_activity(request, visit))
                )
        if session.modified and not same and visit.key is not None:
            yield from visit.forget()
