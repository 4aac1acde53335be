"""Monitoring the session of an open WebSocket."""

import time
from collections.abc import Callable
from io import BytesIO
from math import inf
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest

from session_timeout.backends import get_loaded, load_quietly
from session_timeout.flow import Flow, call_hook, run_async
from session_timeout.policy import Limits, Reason, Record, clamp_to_now, deadline
from session_timeout.tracking import State, Tracked, assess, write_activity

# Seconds until the monitor looks again for a session that does not exist.
ABSENT_FOR = 60.0
# Seconds until the monitor tries again to write activity that the store has refused.
RETRY_AFTER = 5.0

Scope = dict[str, Any]


class UnknownSessionError(Exception):
    """The store could not be read, so it is not known if the session has ended."""


class SessionMonitor:
    """Checks the session of an ASGI scope. Each check reads it from the store.

    It does not use the copy in the scope, because other requests change and end the
    session. All times are in Unix seconds.
    """

    reason: Reason | None = None  # the limit that has ended the session
    check_at = inf  # when the session ends without further activity
    # Until then, a message needs no check: any message, and one that is activity.
    known_until = written_until = inf

    def __init__(
        self,
        scope: Scope,
        get_limits: Callable[[HttpRequest], Any],
        limits_per_request: bool,
    ) -> None:
        self._scope = scope
        self._get_limits = get_limits
        self._limits_per_request = limits_per_request
        self._has_begun = bool(get_loaded(scope["session"]))
        self._first: Record | None = None
        self._is_unwritten = False  # activity that the store has refused
        self._key: str | None = None
        self._checked_at = 0.0

    def is_known_to_go_on(self, *, is_activity: bool) -> bool:
        """Whether the session certainly has not ended, without a check()."""
        if self._scope["session"].session_key != self._key:
            return False
        until = self.written_until if is_activity else self.known_until
        return self._checked_at <= time.time() < min(until, self.check_at)

    async def check(self, *, is_activity: bool = False) -> bool:
        """Return whether the session has not ended. Write activity if that is due.

        Raises UnknownSessionError if the store cannot be read.
        """
        key = self._key = self._scope["session"].session_key
        if key is None:
            # There is no session, or the application has logged the user out.
            self._has_begun = False
            self._remember(0.0, inf, 0.0, 0.0)
            return True
        request = handshake(self._scope, key)
        tracked = Tracked(request, self._limits_per_request)
        if tracked.state is State.UNTRACKED:  # exempt
            return True
        # Django does this after each request. This connection has no further requests.
        await sync_to_async(close_old_connections)()
        try:
            return await run_async(self._check(request, tracked, is_activity))
        finally:
            await sync_to_async(close_old_connections)()

    def _check(
        self, request: HttpRequest, tracked: Tracked, is_activity: bool
    ) -> Flow[bool]:
        try:
            data = yield from load_quietly(tracked.session)
        except Exception as error:
            raise UnknownSessionError from error
        if not data:
            # Another request has ended the session, or it never existed, because the
            # cookie is old.
            now = time.time()
            self._remember(now, inf, now, ABSENT_FOR)
            return not self._has_begun
        self._has_begun = True
        if self._limits_per_request:
            tracked.limits = yield call_hook(self._get_limits, request)
        elif tracked.limits is None:
            tracked.limits = yield from tracked.config.find_limits(request)
        limits, backend = cast("Limits", tracked.limits), tracked.backend
        backend.may_wait = False
        # A session without a record starts with the first check, not with each one.
        found = yield from assess(backend, data, limits, first=self._first)
        self._first = found.record if found.is_new else self._first
        self.reason = found.reason
        if found.reason is not None:
            return False
        tracked.record = found.record
        is_activity = is_activity or self._is_unwritten
        is_due = found.is_new or (found.needs_write and is_activity)
        self._is_unwritten = False
        if is_due and not backend.writes_with_response:
            self._is_unwritten = not (yield from write_activity(tracked))
        record = clamp_to_now(cast("Record", tracked.record), found.now)
        # If Django enforces its own limit, expires_at in the record may be outdated.
        is_old = record.expires_at <= found.now
        include_cookie_age = backend.include_cookie_age or not is_old
        check_at, _ = deadline(record, limits, include_cookie_age=include_cookie_age)
        retry_at = found.now + RETRY_AFTER if self._is_unwritten else inf
        check_at = min(check_at, retry_at)
        self._remember(found.now, check_at, record.last_activity, limits.grace)
        return True

    def _remember(
        self, now: float, check_at: float, written_at: float, grace: float
    ) -> None:
        """Remember a check, so that messages need no further check for a while."""
        self._checked_at, self.check_at = now, check_at
        self.known_until, self.written_until = now + grace, written_at + grace


def handshake(scope: Scope, key: str) -> HttpRequest:
    """Return the request that has opened the connection. Its session is not loaded."""
    request = ASGIRequest({**scope, "method": "GET"}, BytesIO())
    request.session = scope["session"].__class__(key)
    if "user" in scope:
        user = request.user = scope["user"]

        async def auser() -> Any:
            return user

        request.auser = auser
    return request
