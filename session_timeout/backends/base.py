"""The interface of a backend: how one session engine records activity."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from django.conf import settings

from session_timeout.backends.recent import Recent, RecentRecords, recent_records
from session_timeout.backends.session_access import Data
from session_timeout.flow import Flow
from session_timeout.policy import Record

logger = logging.getLogger("session_timeout")

EXPIRY_KEY = "_session_expiry"  # what Django's set_expiry() leaves in a session


class StoredSession(NamedTuple):
    """A session as a store holds it. as_read changes whenever the session is saved."""

    key: str
    data: Data  # {} if it could not be decoded
    as_read: Any


class Backend:
    """How activity of one session is recorded, and how its store is cleaned up.

    A session is stored as one value, and saving a copy of it overwrites what another
    request has written since the copy was loaded. Each backend has its own way to
    record activity without overwriting anything. For your own session engine, write a
    subclass of this class, and name it on your SessionStore as session_timeout_backend:
    see docs/backends.md.

    Methods that return a Flow are generators; they yield each read or write as an
    IOCall.
    """

    #: Whether activity makes the store keep a session past Django's own limit. The
    #: middleware then ends the session by the record's expires_at.
    include_cookie_age: ClassVar[bool] = True
    #: Whether the browser's cookie is the store, so that Django writes it when it
    #: responds.
    writes_with_response: ClassVar[bool] = False
    #: Whether list_sessions() can list all sessions of the store.
    can_list_sessions: ClassVar[bool] = False
    #: Why clear_idle_sessions has nothing to delete on this engine, as the end of a
    #: sentence; None if it has something to delete.
    cleanup_needless: ClassVar[str | None] = None

    #: Whether write_activity() may wait for a lock that another transaction holds. For
    #: a WebSocket it may not, because the WebSockets of a process share a thread.
    may_wait = True

    def __init__(self, session: Any, key: Any) -> None:
        self.session = session
        self.key = key

    # ---- When Django ends the session ------------------------------------------------

    def last_write(self, now: float) -> float:
        """Return when the application last wrote the session, or now if unknown."""
        return now

    def expires_at(self, data: Data, written_at: float) -> float:
        """Return when Django ends a session that was last written at written_at."""
        timezone, expiry = UTC if settings.USE_TZ else None, data.get(EXPIRY_KEY)
        modified = datetime.fromtimestamp(written_at, timezone)
        try:
            age = self.session.get_expiry_age(modification=modified, expiry=expiry)
            return written_at + float(age)
        except (TypeError, ValueError):  # a junk set_expiry(); saving it would fail
            return written_at + settings.SESSION_COOKIE_AGE

    def new_record(self, data: Data, now: float) -> Record:
        """Return the record of a session that begins now."""
        return Record(now, now, self.expires_at(data, now))

    # ---- Activity --------------------------------------------------------------------

    def read_record(self) -> Flow[Record | None]:
        """Read the record as it is stored now, side record included.

        Not called if writes_with_response. Raises MalformedRecordError.
        """
        raise NotImplementedError

    def write_activity(self, seen: Record, written: Record, grace: float) -> Flow[bool]:
        """Store the record written, and return whether that was done.

        seen is the record that the middleware has seen when it decided to write. Pass
        the record that is stored now, seen, written and the grace period to
        policy.resolve_concurrent_write(), and store what it returns. Must not bring
        back a session that has been deleted. Not called if writes_with_response.
        """
        raise NotImplementedError

    # ---- Cleanup, for clear_idle_sessions: sync only ---------------------------------

    def list_sessions(self, batch_size: int) -> Iterator[list[StoredSession]]:
        """Yield all sessions of the store, in batches. The backend's key is not used.

        No transaction may stay open between two batches.
        """
        raise NotImplementedError

    def read_side_records(self, sessions: list[StoredSession]) -> dict[str, Any]:
        """Return the side records of these sessions as stored, by session key."""
        return {}

    def delete_unchanged(self, sessions: list[StoredSession]) -> set[str]:
        """Delete those sessions that have not changed since they were read.

        Returns their keys. A session that has been used since then must be kept.
        """
        raise NotImplementedError


class SideRecordBackend(Backend):
    """A backend that stores activity in a side record, beside the session.

    It is for stores that can only replace a session as a whole. A subclass loads, saves
    and deletes the side record.
    """

    def load_side_record(self) -> Flow[Any]:
        """Load what save_side_record() has saved; None if there is nothing."""
        raise NotImplementedError

    def save_side_record(self, record: Record) -> Flow[None]:
        """Save record.encode(), for at least as long as the session lives."""
        raise NotImplementedError

    def delete_side_record(self) -> Flow[None]:
        raise NotImplementedError

    def read_record(self) -> Flow[Record | None]:
        try:
            stored = yield from self.load_side_record()
        except Exception:
            logger.warning("A session's side record could not be read.", exc_info=True)
            return None
        return None if stored is None else Record.decode(stored)

    def write_activity(self, seen: Record, written: Record, grace: float) -> Flow[bool]:
        yield from self.save_side_record(written)
        self.remember(written, written.last_activity)
        return True

    @property
    def recent(self) -> RecentRecords:
        return recent_records.setdefault(self.session.__class__, RecentRecords())

    def recall_side_record(self, now: float, grace: float) -> Recent | None:
        """Return the side record that this process has lately read or written."""
        return self.recent.recall(self.key, now, grace)

    def read_side_record(self, now: float) -> Flow[Record | None]:
        """Read the side record and remember it. Raises MalformedRecordError."""
        record = yield from SideRecordBackend.read_record(self)
        self.remember(record, now)
        return record

    def forget_side_record(self) -> Flow[None]:
        """Delete the side record of a session that has been deleted."""
        self.recent.forget(self.key)
        yield from self.delete_side_record()

    def remember(self, record: Record | None, now: float) -> None:
        self.recent.remember(self.key, record and record.truncated(), now)
