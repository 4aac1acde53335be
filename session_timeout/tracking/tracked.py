"""request.session_timeout: what the middleware knows about the session."""

import time
from enum import Enum
from math import inf
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from session_timeout.backends import (
    RECORD_KEY,
    Backend,
    get_backend,
    raise_on_load,
    recent_records,
)
from session_timeout.conf import get_config
from session_timeout.policy import (
    Expiry,
    Limits,
    MalformedRecordError,
    Reason,
    Record,
    is_fresh,
    parse_record,
)
from session_timeout.tracking.status import SessionStatus, get_status

MISPLACED = (
    "SessionTimeoutMiddleware found no request.session. Put "
    '"session_timeout.middleware.SessionTimeoutMiddleware" after '
    '"django.contrib.sessions.middleware.SessionMiddleware" in MIDDLEWARE.'
)


class State(Enum):
    """What the middleware has found out about the session of a request so far."""

    UNTRACKED = "left alone: there is none, the request is exempt, or loading failed"
    PENDING = "not yet assessed"
    VACANT = "the store has no session under the cookie's key"
    FRESH = "goes on, with nothing (more) to write before the view"
    DUE = "goes on, with activity to be written together with the response"
    EXPIRED = "this request has found it ended"


# Local names, because looking up an enum member on its class is slow.
UNTRACKED, PENDING, VACANT, FRESH, DUE, EXPIRED = State


class Tracked:
    """What the middleware knows about the session of a request.

    expires_in, reason, can_extend and expired are public. They do no I/O. You can use
    them in views, in templates, and in your callables for SESSION_TIMEOUT_REDIRECT and
    SESSION_TIMEOUT_HANDLER.
    """

    # Each request makes one of these objects, and slots make it cheaper.
    __slots__ = (
        "_backend",
        "config",
        "expired",
        "is_activity",
        "is_private",
        "key",
        "lasts_long_at",
        "limits",
        "marked_by_load",
        "record",
        "session",
        "state",
        "was_accessed",
        "was_modified",
    )

    def __init__(self, request: HttpRequest, limits_per_request: bool) -> None:
        """Track the request's session, without loading it.

        limits_per_request is whether a subclass of the middleware has its own
        get_limits().
        Raises ImproperlyConfigured if there is no request.session, or if a setting is
        wrong.
        """
        try:
            session: Any = request.session
            self.key: str | None = session.session_key  # from the cookie
        except AttributeError:
            raise ImproperlyConfigured(MISPLACED) from None
        self.session = session
        self.config = config = get_config()
        # None means that they are not known yet.
        self.limits = None if limits_per_request else config.limits
        match = config.exempt.match_path
        is_left_alone = self.key is None or (match and match(request.path_info))
        self.state = UNTRACKED if is_left_alone else PENDING
        #: Why and when the session ended, if this request has found it ended, or None.
        self.expired: Expiry | None = None
        self.record: Record | None = None  # as far as it is known
        self.was_accessed = self.was_modified = False  # before the session was loaded
        self.marked_by_load = False  # loading the session has marked it as modified
        self.is_activity: bool | None = None  # None means not known yet
        self.is_private = False  # the response belongs to this session
        # Unix seconds. If the request ends later, its end counts as activity too.
        self.lasts_long_at = inf
        self._backend: Backend | None = None

    # ---- Public ----------------------------------------------------------------------

    @property
    def expires_in(self) -> float | None:
        """In how many seconds the session ends without further activity.

        None if there is no session, or if no limit applies to it.
        """
        status = self.status()
        return None if status is None else status.expires_in

    @property
    def reason(self) -> Reason | None:
        """The limit that ends the session then: "idle", "absolute" or "cookie_age"."""
        status = self.status()
        return None if status is None else status.reason

    @property
    def can_extend(self) -> bool:
        """Whether activity would let the session last longer."""
        status = self.status()
        return status is not None and status.can_extend

    # ---- For the package -------------------------------------------------------------

    @property
    def backend(self) -> Backend:
        if self._backend is None:
            self._backend = get_backend(self.session, self.key)
        return self._backend

    @property
    def goes_on(self) -> bool:
        """Whether the middleware has found that the session has not ended."""
        return self.state is FRESH or self.state is DUE

    def status(
        self,
        session: Any = None,
        limits: Limits | None = None,
        *,
        active: bool = False,
    ) -> SessionStatus | None:
        """Return the status of the session without I/O, or None if it is not known.

        Pass request.session if the view may have replaced the session. active is
        whether the response stores the activity of this request.
        """
        return get_status(
            self.session if session is None else session,
            limits or self.limits,
            key=self.key,
            known=self.record,
            active=active or self.state is DUE,
        )

    def load(self) -> None:
        """Load the session. If it is fresh without further I/O, set the state to FRESH.

        If the load fails, this does not raise. The view gets the error if it uses the
        session.
        """
        session, limits = self.session, self.limits
        accessed = self.was_accessed = session.accessed
        modified = self.was_modified = session.modified
        try:
            stored = session.get(RECORD_KEY)
        except Exception as error:
            self.abandon(error)
            return
        session.accessed = accessed
        if limits is None or session.modified is not modified:
            return
        try:
            record = parse_record(stored)
        except (MalformedRecordError, TypeError):  # TypeError: there is no record yet
            return
        now = time.time()
        recents = recent_records.get(session.__class__)
        if recents is not None and (recent := recents.get(self.key)) is not None:
            record = recent.merged_with(record, now)
        if is_fresh(record, limits, now):
            self.record, self.state = record, FRESH
            self.lasts_long_at = now + limits.moment

    async def aload(self) -> None:
        """See load(). This loads the session first, so that load() does no I/O."""
        session = self.session
        self.was_accessed, self.was_modified = session.accessed, session.modified
        try:
            await session.aget(RECORD_KEY)
        except Exception as error:
            self.abandon(error)
            return
        modified = self.was_modified
        changed = session.modified is not modified
        session.accessed = self.was_accessed
        self.load()
        self.was_modified = modified
        if changed and self.state is FRESH:
            self.hide_mark()

    def abandon(self, error: Exception) -> None:
        """Stop tracking a session that could not be loaded."""
        self.session.accessed = self.was_accessed
        self.session.modified = self.was_modified
        self.state = UNTRACKED
        raise_on_load(self.session, error)

    def hide_mark(self) -> None:
        """Keep Django from saving a session only because the middleware loaded it.

        An engine may mark a session as modified when it loads it, for example to save a
        new IP address of the visitor.
        """
        self.marked_by_load = True
        self.session.modified = False


def get_tracked(request: HttpRequest) -> Tracked:
    """Return request.session_timeout.

    Raises ImproperlyConfigured if the middleware has not seen the request.
    """
    tracked: Tracked | None = getattr(request, "session_timeout", None)
    if tracked is None:
        raise ImproperlyConfigured(
            "SessionTimeoutMiddleware has not seen this request. Put "
            '"session_timeout.middleware.SessionTimeoutMiddleware" into MIDDLEWARE, '
            'after "django.contrib.sessions.middleware.SessionMiddleware".'
        )
    return tracked
