"""A first look at a request's session: all that is needed between two stamps."""

from __future__ import annotations

import time
from functools import cached_property
from math import inf
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from session_timeout import store
from session_timeout.conf import config
from session_timeout.policy import Record, is_at_rest

MISPLACED = (
    "SessionTimeoutMiddleware found no request.session. Put "
    '"session_timeout.middleware.SessionTimeoutMiddleware" after '
    '"django.contrib.sessions.middleware.SessionMiddleware" in MIDDLEWARE.'
)


class Glance:
    """A request's session, loaded without a trace, and whether that settles it.

    Every request with a session pays for this. A load that fails is for the view to
    meet, if it needs the session.
    """

    now = 0.0
    rests_until = inf  # after it, the end of the request is worth a stamp
    raw: object = None  # the record as it is stored, if it needs no second look
    is_activity: bool | None = None  # not asked yet
    is_due = False  # a stamp is
    is_marked = False  # loading the session has marked it as modified
    is_vacant = False  # there is no session under the cookie's key

    def __init__(self, request: HttpRequest, asks_limits: bool) -> None:
        request._session_timeout = self  # type: ignore[attr-defined]
        self.conf = conf = config()
        self.limits = None if asks_limits else conf.limits  # None: to be asked for
        self.session: Any = getattr(request, "session", None)
        if self.session is None:
            raise ImproperlyConfigured(MISPLACED)
        self.key = self.session.session_key
        self.flags = self.session.accessed, self.session.modified
        # Whether the session is checked and goes on, as far as is known.
        self.is_checked = self.key is not None
        if conf.exempt.match_path(request.path_info):
            self.is_checked = self.is_activity = False

    @cached_property
    def record(self) -> Record | None:
        """The record as far as it is known."""
        return None if self.raw is None else Record.parse(self.raw)

    @property
    def data(self) -> store.Data:
        return store.loaded(self.session) or {}

    def load(self) -> bool:
        """Load the session; return whether that settles it.

        It does where the session surely goes on and no stamp is due, by what it says
        itself: stamps beside it need a second look.
        """
        session, limits = self.session, self.limits
        accessed, modified = self.flags
        try:
            raw = session.get(store.KEY)
        except Exception as error:
            return self.refuse(error)
        session.accessed = accessed
        now = time.time()
        if limits is None or not is_at_rest(raw, limits, now):
            return False
        self.raw = raw
        self.rests_until = now + limits.grace
        if session.modified is not modified:
            self.hide()
        return True

    async def aload(self) -> bool:
        """See load(), which does no I/O any more once the session has been loaded."""
        try:
            await self.session.aget(store.KEY)
        except Exception as error:
            return self.refuse(error)
        return self.load()

    def refuse(self, error: Exception) -> bool:
        self.session.accessed, self.session.modified = self.flags
        store.refuse(self.session, error)
        self.is_checked = False
        return True

    def hide(self) -> None:
        """Keep Django from saving a session only because it has been loaded.

        An engine may mark it then, to save that the visitor's address is another.
        """
        self.is_marked = True
        self.session.modified = False

    def is_touched(self, request: HttpRequest) -> bool:
        """Whether the request has left something to be done after it."""
        session = getattr(request, "session", None)
        if session is None:  # the view has thrown it away
            return False
        if self.is_marked and session.accessed:
            session.modified = True
        if session.modified or self.conf.save_every_request:
            return True
        return self.is_due or self.is_vacant or time.time() > self.rests_until
