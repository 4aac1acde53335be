"""Assessing a session: whether it has ended, and whether to write activity."""

import logging
import time
from typing import Any, NamedTuple

from session_timeout import backends, policy
from session_timeout.backends import Backend, SideRecordBackend
from session_timeout.flow import Flow
from session_timeout.policy import Limits, MalformedRecordError, Reason, Record
from session_timeout.tracking.tracked import UNTRACKED, VACANT, Tracked

logger = logging.getLogger("session_timeout")
Data = dict[str, Any]


class Assessment(NamedTuple):
    """The state of a session at the time now (Unix seconds)."""

    now: float
    record: Record | None  # None if it is malformed
    reason: Reason | None = None  # the limit that has ended the session
    needs_write: bool = False  # the last write is older than the grace period
    is_new: bool = False  # the session had no record before

    @property
    def must_write(self) -> bool:
        """Whether a passive request writes too.

        It does so if the session had no record, or one with a time from the future.
        """
        record = self.record
        return self.is_new or (
            record is not None and policy.clamp_to_now(record, self.now) != record
        )


def finish_load(tracked: Tracked) -> Flow[Data | None]:
    """Undo the side effects of a load that did not find a fresh session.

    Returns the data of the session. If there are none, returns None, and sets the state
    to VACANT or UNTRACKED.
    """
    session = tracked.session
    accessed, modified = tracked.was_accessed, tracked.was_modified
    try:
        yield from backends.undo_load_side_effects(
            session, tracked.key, accessed, modified
        )
    except Exception as error:
        tracked.abandon(error)
        return None
    data = backends.get_loaded(session)
    if not data:
        tracked.state = VACANT if session.session_key is None else UNTRACKED
        return None
    if session.modified and not modified:
        tracked.hide_mark()
    return data


def assess(
    backend: Backend, data: Data, limits: Limits, *, first: Record | None = None
) -> Flow[Assessment]:
    """Assess a session by its data and its side record.

    Reads the store again before it finds that the session has ended. first is the
    record to assume for a session that has none. By default, that is a new record.
    """
    now = time.time()
    try:
        record = find_any_record(backend, data, now)
        if record is not None and is_settled(backend, record, limits, now):
            return Assessment(now, record)
        if isinstance(backend, SideRecordBackend):
            side = yield from find_side_record(backend, limits, now)
            now = time.time()
            record = policy.merge_records(record, side, now)
        if record and has_ended(backend, record, limits, now):
            record = yield from reread_store(backend, record, now)
    except MalformedRecordError:
        return Assessment(now, None, Reason.INVALID)
    is_new = record is None
    record = record or first or adopted_record(backend, data, now, now)
    return Assessment(
        now,
        record,
        has_ended(backend, record, limits, now),
        needs_write=is_new or policy.needs_write(record, now, limits.grace),
        is_new=is_new,
    )


def is_settled(backend: Backend, record: Record, limits: Limits, now: float) -> bool:
    """Whether the session's own record is enough to assess the session."""
    return not (
        policy.needs_write(record, now, limits.grace)
        or has_ended(backend, record, limits, now)
    )


def has_ended(
    backend: Backend, record: Record, limits: Limits, now: float
) -> Reason | None:
    """Return the limit by which the session has ended, or None."""
    return policy.expiry_reason(
        record, limits, now, include_cookie_age=backend.include_cookie_age
    )


def find_any_record(backend: Backend, data: Data, now: float) -> Record | None:
    """Return the session's own record, or one made from LabD's timestamp, or None.

    LabD is the author of django-session-timeout. Raises MalformedRecordError.
    """
    record = backends.find_record(data)
    if record is None and (timestamp := backends.find_labd_timestamp(data)) is not None:
        return adopted_record(backend, data, timestamp, now)
    return record


def adopted_record(backend: Backend, data: Data, since: float, now: float) -> Record:
    """Return the first record of a session that began before it had one."""
    expires_at = backend.expires_at(data, backend.last_write(now))
    return Record(since, since, expires_at)


def find_side_record(
    backend: SideRecordBackend, limits: Limits, now: float
) -> Flow[Record | None]:
    """Return the side record that this process remembers, or else read it.

    Raises MalformedRecordError.
    """
    recent = backend.recall_side_record(now, limits.grace)
    if recent is not None:
        return recent.record
    return (yield from backend.read_side_record(now))


def reread_store(
    backend: Backend, record: Record | None, now: float
) -> Flow[Record | None]:
    """Read the record in the store again, and return the result of both.

    Another request may have written activity since this one loaded its session. Raises
    MalformedRecordError.
    """
    if backend.writes_with_response:
        return record
    try:
        stored = yield from backend.read_record()
    except MalformedRecordError:
        raise
    except Exception:
        logger.warning("A session could not be read again.", exc_info=True)
        return record
    return policy.merge_records(record, stored, now)
