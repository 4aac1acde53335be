"""SessionTimeoutMiddleware: what happens to a request, sync and async."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from session_timeout import classify, responses, store
from session_timeout.conf import Config, config
from session_timeout.ending import end
from session_timeout.policy import Expiry, Limits, Reason
from session_timeout.steps import Call, Steps, arun, calling, run
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
        config()

    def __call__(self, request: HttpRequest) -> Response | Awaitable[Response]:
        flow = self._flow(request)
        return arun(flow) if self.async_mode else run(flow)

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

    def _flow(self, request: HttpRequest) -> Steps[Response]:
        session = getattr(request, "session", None)
        if session is None:
            raise ImproperlyConfigured(
                "SessionTimeoutMiddleware found no request.session. Put "
                '"session_timeout.middleware.SessionTimeoutMiddleware" after '
                '"django.contrib.sessions.middleware.SessionMiddleware" in MIDDLEWARE.'
            )
        conf, visit = config(), Visit(request, session)
        response = None
        if visit.key is not None:
            response = yield from self._before(visit, conf)
        if response is None:
            response = yield Call(self.get_response, self.get_response, request)
        yield from self._after(visit, response, conf)
        return response

    def _before(self, visit: Visit, conf: Config) -> Steps[Response | None]:
        """Check the session; end it, or stamp it if that is due."""
        request = visit.request
        if conf.exempt.match_path(request.path_info):
            visit.is_activity = False
            return None
        data = yield from visit.load()
        if data is None:
            return None
        limits = conf.limits
        if limits is None or self._overrides("get_limits"):
            limits = yield calling(self.get_limits, request)
        reason = yield from visit.check(data, limits)
        if reason is None and not visit.is_due:
            return None
        if classify.is_exempt(request):
            visit.is_activity = visit.is_due = False
            return None
        if reason is not None:
            return (yield from self._expire(visit, data, reason, conf))
        is_activity = yield from self._ask_activity(visit)
        visit.is_due = is_activity or visit.is_new or visit.is_ahead()
        if visit.is_due and not visit.engine.in_response:
            yield from visit.stamp()
        return None

    def _expire(
        self, visit: Visit, data: store.Data, reason: Reason, conf: Config
    ) -> Steps[Response | None]:
        """End the session and return the response, or None to go on to the view."""
        user_id = None if data.get(USER_KEY) is None else str(data[USER_KEY])
        started_at, last_activity = visit.record[:2] if visit.record else (None, None)
        expiry = Expiry(reason, user_id, started_at, last_activity)
        yield from end(visit.request, expiry, type(self), visit.now)
        visit.record = visit.limits = None
        visit.is_due = False
        if user_id is None and not conf.redirect_anonymous:
            return None
        response: Response | None
        if conf.asks_for_response or self._overrides("get_expired_response"):
            response = yield calling(self.get_expired_response, visit.request, expiry)
        else:
            response = self.get_expired_response(visit.request, expiry)
        if response is not None:
            if not getattr(response, "is_rendered", True):
                response = yield calling(response.render)  # type: ignore[attr-defined]
            responses.finish(response)
        return response

    def _ask_activity(self, visit: Visit) -> Steps[bool]:
        if self._overrides("is_activity"):
            visit.is_activity = yield calling(self.is_activity, visit.request)
        else:
            visit.is_activity = self.is_activity(visit.request)
        return bool(visit.is_activity)

    def _was_activity(self, visit: Visit) -> Steps[bool]:
        """Whether the request, now that it is over, shows that somebody was there."""
        if visit.is_activity is None and classify.is_exempt(visit.request):
            visit.is_activity = False
        if visit.is_activity is None:
            return (yield from self._ask_activity(visit))
        return visit.is_activity

    def _after(self, visit: Visit, response: Response, conf: Config) -> Steps[None]:
        """Let the record ride along with Django's save, or stamp a long one's end."""
        session = getattr(visit.request, "session", None)
        if session is None:  # the view has thrown it away
            return
        saves = session.modified or conf.save_every_request
        if visit.is_vacant and not session.accessed and not saves:
            store.unload(session, visit.key)
            return
        began_at, visit.now = visit.now, time.time()
        same = session.session_key == visit.key
        if saves and response.status_code < 500 and not session.is_empty():
            yield from visit.ride((yield from self._was_activity(visit)))
        elif same and visit.limits is not None:
            if visit.is_due:
                yield from visit.stamp()
            elif visit.now - began_at > visit.limits.grace:
                yield from visit.stamp_end((yield from self._was_activity(visit)))
        if session.modified and not same and visit.key is not None:
            yield from visit.forget()

    def _overrides(self, hook: str) -> bool:
        """Whether a subclass has its own, which may do I/O."""
        return getattr(type(self), hook) is not getattr(SessionTimeoutMiddleware, hook)
