"""The session of a connection that outlives requests: whether it still goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from io import BytesIO
from math import inf
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest

from session_timeout import store
from session_timeout.policy import Limits, Reason, Record, as_of, deadline
from session_timeout.steps import Steps, arun, calling
from session_timeout.visit import Visit

STALE = 60.0  # for so long, a session that is not there is not asked for again

logger = logging.getLogger("session_timeout")
Scope = dict[str, Any]


class UnknownError(Exception):
    """The store did not tell how the session stands."""


class Watch:
    """The session in an ASGI scope, which is read anew with each look.

    Never from the scope's copy: other requests use the session, and end it.
    """

    reason: Reason | None = None  # why the session has ended, if a limit did it
    # Until when nothing needs to be read: for the timer, for a message, and for one
    # that is activity.
    until = rests_until = stamped_until = inf

    def __init__(
        self, scope: Scope, get_limits: Callable[..., Any], asks: bool
    ) -> None:
        self._scope = scope
        self._get_limits = get_limits
        self._asks_limits = asks
        self._has_begun = bool(store.loaded(scope["session"]))
        self._first: Record | None = None
        self._key: str | None = None
        self._looked_at = 0.0

    def is_known(self, *, is_activity: bool) -> bool:
        """Whether the session goes on, with no need to look."""
        if self._scope["session"].session_key != self._key:
            return False
        rests_until = self.stamped_until if is_activity else self.rests_until
        return self._looked_at <= time.time() < min(rests_until, self.until)

    async def look(self, *, is_activity: bool = False) -> bool:
        """Return whether the session goes on; stamp it if that is due.

        Raises UnknownError where the store does not tell.
        """
        key = self._key = self._scope["session"].session_key
        if key is None:
            # Nobody's; or the application itself has logged its user out.
            self._has_begun = False
            self._rest(0.0, inf, 0.0, 0.0)
            return True
        request = handshake(self._scope, key)
        visit = Visit(request, self._asks_limits)
        if not visit.is_checked:  # exempt
            return True
        # The connection outlives the requests at whose ends Django does this.
        await sync_to_async(close_old_connections)()
        try:
            return await arun(self._look(request, visit, is_activity))
        finally:
            await sync_to_async(close_old_connections)()

    def _look(
        self, request: HttpRequest, visit: Visit, is_activity: bool
    ) -> Steps[bool]:
        try:
            data = yield from store.load(visit.session)
        except Exception as error:
            raise UnknownError from error
        if not data:
            # Another request has ended it; or a stale cookie, and nobody's connection.
            self._rest(time.time(), inf, time.time(), STALE)
            return not self._has_begun
        self._has_begun = True
        limits = visit.limits or (yield calling(self._get_limits, request))
        self.reason = yield from visit.check(limits)
        if visit.is_new:
            self.reason = self._adopt(visit)
        if self.reason is not None:
            return False
        visit.is_due = visit.is_new or (visit.is_due and is_activity)
        if visit.is_due and not visit.engine.in_response:
            yield from visit.stamp()
        record = as_of(cast("Record", visit.record), visit.now)
        until = until_of(visit, record)
        self._rest(visit.now, until, record.last_activity, limits.grace)
        return True

    def _adopt(self, visit: Visit) -> Reason | None:
        """Let a session without a record begin once, not with each look at it."""
        self._first = visit.record = self._first or visit.record
        return visit.reason_to_end()

    def _rest(self, now: float, until: float, stamped_at: float, grace: float) -> None:
        self._looked_at, self.until = now, until
        self.rests_until, self.stamped_until = now + grace, stamped_at + grace


def until_of(visit: Visit, record: Record) -> float:
    """Return when to look again, at the latest."""
    limits = cast("Limits", visit.limits)
    when, _ = deadline(record, limits, cookie_age=visit.engine.enforces_expiry)
    # Where Django keeps its own limit itself, the record's may be an old one.
    return min(when, record.expires_at) if record.expires_at > visit.now else when


def handshake(scope: Scope, key: str) -> HttpRequest:
    """Return the request that has opened the connection, its session unloaded."""
    request = ASGIRequest({**scope, "method": "GET"}, BytesIO())
    request.session = scope["session"].__class__(key)
    if "user" in scope:
        user = request.user = scope["user"]

        async def auser() -> Any:
            return user

        request.auser = auser
    return request
