"""Writing activity: on its own, in Django's save, or after a long request."""

import logging
import time
from typing import Any, cast

from django.contrib.sessions.backends.base import UpdateError

from session_timeout import backends, policy
from session_timeout.backends import RECORD_KEY, SideRecordBackend
from session_timeout.flow import Flow
from session_timeout.policy import Limits, MalformedRecordError, Record
from session_timeout.tracking import assessment
from session_timeout.tracking.status import SessionStatus
from session_timeout.tracking.tracked import FRESH, Tracked

logger = logging.getLogger("session_timeout")


def write_activity(tracked: Tracked, *, forced: bool = False) -> Flow[bool]:
    """Write that there is activity now. If the store refuses it, log a warning.

    If forced, write even if another request has written activity within the grace
    period. Returns False if the store has refused the write.
    """
    seen, limits = cast("Record", tracked.record), cast("Limits", tracked.limits)
    now = time.time()
    record = Record(min(seen.started_at, now), now, seen.expires_at).truncated()
    tracked.record, tracked.state = record, FRESH
    backend = tracked.backend
    if backend.writes_with_response:
        tracked.session[RECORD_KEY] = record.encode()
        return True
    is_refused = False
    try:
        yield from backend.write_activity(seen, record, 0.0 if forced else limits.grace)
    except UpdateError:
        return True  # another request has ended the session since
    except Exception:
        logger.warning("Activity could not be written.", exc_info=True)
        is_refused = True
    # If the view saves its copy of the session, it must contain this record.
    data = backends.get_loaded(tracked.session)
    if data:
        data[RECORD_KEY] = record.encode()
    return not is_refused


def write_end_of_request(tracked: Tracked) -> Flow[None]:
    """Write the end of a request that has lasted longer than the grace period."""
    limits, now = cast("Limits", tracked.limits), time.time()
    backend = tracked.backend
    if isinstance(backend, SideRecordBackend):
        try:
            side = yield from assessment.find_side_record(backend, limits, now)
        except MalformedRecordError:
            return  # the next request will end the session
        now = time.time()
        tracked.record = policy.merge_records(tracked.record, side, now)
    if policy.needs_write(cast("Record", tracked.record), now, limits.grace):
        yield from write_activity(tracked)


def add_record_to_save(
    tracked: Tracked, session: Any, *, is_activity: bool
) -> Flow[None]:
    """Put the record into a session that Django is about to save anyway."""
    now, same = time.time(), session.session_key == tracked.key
    if backends.get_loaded(session) is None:
        try:
            yield from backends.load_quietly(session)
        except Exception as error:
            backends.raise_on_load(session, error)
    data = backends.get_loaded(session)
    if data is None or session.is_empty():
        return
    backend = tracked.backend
    try:
        own = assessment.find_any_record(backend, data, now)
        # After flush(), the session has nothing in common with the one before.
        record = policy.merge_records(own, tracked.record, now) if own or same else None
        if tracked.key is not None and (own or same) and not is_activity:
            record = yield from assessment.reread_store(backend, record, now)
    except MalformedRecordError:
        return  # the next request will end the session
    record = policy.clamp_to_now(record or backend.new_record(data, now), now)
    last_activity = now if is_activity else record.last_activity
    expires_at = backend.expires_at(data, now)
    if same and not tracked.goes_on and backend.include_cookie_age:
        # On an exempt request, nothing has checked Django's own limit. If it has
        # passed, this save must not extend it.
        expires_at = record.expires_at if record.expires_at <= now else expires_at
    data[RECORD_KEY] = Record(record.started_at, last_activity, expires_at).encode()


def keep_start(session: Any, status: SessionStatus) -> None:
    """Give a session that begins in this request the record in the page's status."""
    data = backends.get_loaded(session)
    if data and session.modified and RECORD_KEY not in data:
        data[RECORD_KEY] = status.record.encode()


def forget_side_record(tracked: Tracked) -> Flow[None]:
    """Delete the side record of a session that does not exist any more."""
    backend = tracked.backend
    if not isinstance(backend, SideRecordBackend):
        return
    try:
        yield from backend.forget_side_record()
    except Exception:
        logger.warning("A side record could not be deleted.", exc_info=True)
