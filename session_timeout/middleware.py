"""SessionTimeoutMiddleware, sync and async."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from session_timeout import backends, responses, tracking
from session_timeout.backends import RECORD_KEY
from session_timeout.conf import get_config
from session_timeout.flow import Flow, call_hook, run_async, run_sync
from session_timeout.policy import Expiry, Limits
from session_timeout.tracking import Assessment, State, Tracked

#: The key of the record in the session.
SESSION_TIMEOUT_KEY = RECORD_KEY

Response = HttpResponseBase

# Local names, because looking up an enum member on its class is slow.
UNTRACKED, PENDING, VACANT, FRESH, DUE, EXPIRED = State


class SessionTimeoutMiddleware:
    """Ends sessions that have been idle too long, and records activity in the others.

    Put it after SessionMiddleware, best directly after it. A subclass may override
    get_limits(), is_activity() and get_expired_response() with plain functions or
    coroutine functions. Views and templates can read request.session_timeout.

    Raises ImproperlyConfigured if a setting is wrong, or if SessionMiddleware is
    missing or comes later.
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
        # A hook of a subclass may do I/O: call it by call_hook().
        self._limits_per_request = self.overrides("get_limits")
        self._activity_is_hook = self.overrides("is_activity")
        self._response_is_hook = self.overrides("get_expired_response")
        tracking.connect_login_receiver()
        get_config()

    def __call__(self, request: HttpRequest) -> Response | Awaitable[Response]:
        if self.async_mode:
            return self.__acall__(request)
        tracked = Tracked(request, self._limits_per_request)
        request.session_timeout, response = tracked, None  # type: ignore[attr-defined]
        if tracked.state is PENDING:
            tracked.load()
            if tracked.state is PENDING:
                response = run_sync(self._before(request, tracked))
        if response is None:
            response = self.get_response(request)
        if self._has_work_left(request, tracked):
            run_sync(self._after(request, tracked, response))
        return response

    async def __acall__(self, request: HttpRequest) -> Response:
        tracked = Tracked(request, self._limits_per_request)
        request.session_timeout, response = tracked, None  # type: ignore[attr-defined]
        if tracked.state is PENDING:
            await tracked.aload()
            if tracked.state is PENDING:
                response = await run_async(self._before(request, tracked))
        if response is None:
            response = await self.get_response(request)
        if self._has_work_left(request, tracked):
            await run_async(self._after(request, tracked, response))
        return response

    @classmethod
    def overrides(cls, hook: str) -> bool:
        """Whether this class is a subclass with its own version of a hook."""
        return getattr(cls, hook) is not getattr(SessionTimeoutMiddleware, hook)

    # ---- Hooks -----------------------------------------------------------------------

    def get_limits(self, request: HttpRequest) -> Limits:
        """Return the limits of this request's session, in seconds.

        Raises ImproperlyConfigured if a callable in the settings returns anything else
        than a positive number of seconds, a timedelta or None.
        """
        return get_config().limits_for(request)

    def is_activity(self, request: HttpRequest) -> bool:
        """Return whether the request counts as activity.

        The middleware calls this only when activity is due to be written, or when
        Django saves the session anyway.
        """
        return not responses.is_passive(request)

    def get_expired_response(
        self, request: HttpRequest, expiry: Expiry
    ) -> Response | None:
        """Return the response to a request whose session has ended.

        None lets the request go on to its view, without the session. Raises
        ImproperlyConfigured if SESSION_TIMEOUT_HANDLER returns anything else than a
        response or None, or if SESSION_TIMEOUT_REDIRECT returns anything else than a
        path or a URL.
        """
        return responses.get_expired_response(request, expiry)

    # ---- One request -----------------------------------------------------------------

    def _before(self, request: HttpRequest, tracked: Tracked) -> Flow[Response | None]:
        """Check the session. End it, or write activity, if that is due.

        Returns the response to an expired request, or None to go on to the view.
        """
        data = yield from tracking.finish_load(tracked)
        if data is None:
            return None
        if self._limits_per_request:
            tracked.limits = yield call_hook(self.get_limits, request)
        elif tracked.limits is None:
            tracked.limits = yield from tracked.config.find_limits(request)
        limits = cast("Limits", tracked.limits)
        found = yield from tracking.assess(tracked.backend, data, limits)
        is_fresh = found.reason is None and not found.needs_write
        tracked.record = found.record
        if not is_fresh and responses.is_exempt(request):
            tracked.state, tracked.is_activity = UNTRACKED, False
            return None
        tracked.lasts_long_at = found.now + limits.moment
        if found.reason is not None:
            with responses.language_of(request, request.path_info):
                return (yield from self._expire(request, tracked, found))
        tracked.state = FRESH
        if is_fresh:
            return None
        if (yield from self._is_activity(request, tracked)) or found.must_write:
            tracked.state = DUE
            if not tracked.backend.writes_with_response:
                yield from tracking.write_activity(tracked)
        return None

    def _expire(
        self, request: HttpRequest, tracked: Tracked, found: Assessment
    ) -> Flow[Response | None]:
        """End the session. Return the response, or None to go on to the view."""
        user_id = backends.find_user_id(backends.get_loaded(tracked.session) or {})
        started_at, last_activity = found.record[:2] if found.record else (None, None)
        expiry = Expiry(cast("Any", found.reason), user_id, started_at, last_activity)
        yield from tracking.expire(request, expiry, type(self), found.now)
        tracked.record, tracked.expired, tracked.state = None, expiry, EXPIRED
        config = tracked.config
        if responses.is_session_view(request):
            return None
        if user_id is None and not config.redirect_anonymous:
            return None
        response: Response | None
        if self._response_is_hook or config.calls_site_for_response:
            response = yield call_hook(self.get_expired_response, request, expiry)
        else:
            response = self.get_expired_response(request, expiry)
        if response is not None:
            if not getattr(response, "is_rendered", True):
                response = yield call_hook(cast("Any", response).render)
            responses.protect_expired_response(response)
        return response

    def _is_activity(self, request: HttpRequest, tracked: Tracked) -> Flow[bool]:
        """Return whether the request is activity. Calls the hook at most once."""
        if tracked.is_activity is None and self._activity_is_hook:
            tracked.is_activity = yield call_hook(self.is_activity, request)
        elif tracked.is_activity is None:
            tracked.is_activity = self.is_activity(request)
        return bool(tracked.is_activity)

    def _was_activity(self, request: HttpRequest, tracked: Tracked) -> Flow[bool]:
        """Return whether the request was activity. An exempt request was not."""
        if tracked.is_activity is None and responses.is_exempt(request):
            tracked.is_activity = False
        return (yield from self._is_activity(request, tracked))

    def _has_work_left(self, request: HttpRequest, tracked: Tracked) -> bool:
        """Whether _after() has something to do, now that the view has run."""
        try:
            session = request.session
            is_modified = session.modified
        except AttributeError:  # the view has removed the session from the request
            return False
        if tracked.marked_by_load and session.accessed:
            session.modified = is_modified = True
        if is_modified or tracked.config.save_every_request or tracked.is_private:
            return True
        if tracked.state is FRESH:
            return time.time() > tracked.lasts_long_at
        return tracked.state is DUE or tracked.state is VACANT

    def _after(
        self, request: HttpRequest, tracked: Tracked, response: Response
    ) -> Flow[None]:
        """Add the record to Django's own save, or write the end of a long request."""
        if tracked.is_private:
            patch_cache_control(response, private=True)
        session = request.session
        saves = session.modified or tracked.config.save_every_request
        if tracked.state is VACANT and not session.accessed and not saves:
            backends.restore_unloaded(session, cast("str", tracked.key))
            return
        same = session.session_key == tracked.key
        if saves and response.status_code < 500 and not session.is_empty():
            is_activity = yield from self._was_activity(request, tracked)
            yield from tracking.add_record_to_save(
                tracked, session, is_activity=is_activity
            )
        elif same and tracked.state is DUE:
            yield from tracking.write_activity(tracked)
        elif (
            same
            and tracked.state is FRESH
            and time.time() > tracked.lasts_long_at
            and (yield from self._was_activity(request, tracked))
        ):
            yield from tracking.write_end_of_request(tracked)
        if session.modified and not same and tracked.key is not None:
            yield from tracking.forget_side_record(tracked)
