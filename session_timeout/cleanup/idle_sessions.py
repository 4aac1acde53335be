"""Deleting ended sessions before their next request, which may never come."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from django.conf import settings

from session_timeout import backends, policy
from session_timeout.backends import Backend, StoredSession
from session_timeout.conf import find_installed, get_config, get_session_store
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.policy import (
    Expiry,
    Limits,
    MalformedRecordError,
    Reason,
    Record,
)
from session_timeout.signals import session_cleared

logger = logging.getLogger("session_timeout")


class CleanupError(Exception):
    """Why sessions cannot be deleted, as a sentence."""


class NothingToDelete(Exception):  # noqa: N818
    """Why there is nothing to delete, as a sentence."""


@dataclass
class Counts:
    """How many sessions were read and deleted so far, or would be in a dry run."""

    seen: int = 0
    removed: Counter[Reason] = field(default_factory=Counter)
    without_record: int = 0
    unreadable: int = 0
    changed: int = 0  # between the reading and the removal


@dataclass(frozen=True, slots=True)
class Rule:
    """The limits by which sessions end, and the time (Unix seconds) that counts."""

    limits: Limits
    now: float
    include_cookie_age: bool

    def reason_by_record(self, record: Record) -> Reason | None:
        return policy.expiry_reason(
            record,
            self.limits,
            self.now,
            include_cookie_age=self.include_cookie_age,
        )

    def expiry(
        self, session: StoredSession, own: Record | None, side: object
    ) -> Expiry | None:
        """Return why and when a session has ended, or None if it has not.

        own is the session's own record, None if it is malformed; side is its side
        record as stored, None if there is none.
        """
        user_id = backends.find_user_id(session.data)
        try:
            record = own and policy.merge_records(
                own, None if side is None else Record.decode(side), self.now
            )
        except MalformedRecordError:
            record = None
        if record is None:
            return Expiry(Reason.INVALID, user_id)
        reason = self.reason_by_record(record)
        if reason is None:
            return None
        return Expiry(reason, user_id, record.started_at, record.last_activity)


def delete_idle_sessions(
    backend: Backend,
    limits: Limits,
    now: float,
    *,
    batch_size: int = 1000,
    dry_run: bool = False,
) -> Iterator[Counts]:
    """Delete the sessions that have ended by now (Unix seconds).

    Yields the counts after each batch. Sends the signal session_cleared for each
    session that has been deleted.

    A session that is used in the meantime is kept. now stays the same, so a session
    that ends in the meantime is deleted by the next run.
    """
    counts, rule = Counts(), Rule(limits, now, backend.include_cookie_age)
    for batch in backend.list_sessions(batch_size):
        counts.seen += len(batch)
        candidates = [*find_candidates(batch, rule, counts)]
        sides = backend.read_side_records([item for item, _ in candidates])
        expiries = {
            item.key: expiry
            for item, own in candidates
            if (expiry := rule.expiry(item, own, sides.get(item.key)))
        }
        removed = set(expiries)
        if not dry_run:
            ended = [item for item, _ in candidates if item.key in expiries]
            removed = backend.delete_unchanged(ended)
            for key in removed:
                announce(expiries[key], type(backend.session))
        counts.changed += len(expiries) - len(removed)
        counts.removed.update(expiries[key].reason for key in removed)
        yield counts
    if not dry_run:
        log(counts)


def find_candidates(
    batch: list[StoredSession], rule: Rule, counts: Counts
) -> Iterator[tuple[StoredSession, Record | None]]:
    """Yield the sessions that have ended by their own records, and these records.

    The record is None if it is malformed.
    """
    for item in batch:
        try:
            record = find_own_record(item.data)
        except MalformedRecordError:
            yield item, None
            continue
        if record is None:
            counts.without_record += bool(item.data)
            counts.unreadable += not item.data
        elif rule.reason_by_record(record):
            yield item, record


def announce(expiry: Expiry, sender: type) -> None:
    """Send session_cleared. If a receiver raises, Django logs that."""
    session_cleared.send_robust(
        sender=sender,
        reason=expiry.reason,
        user_id=expiry.user_id,
        started_at=expiry.started_at,
        last_activity=expiry.last_activity,
    )


def find_own_record(data: dict[str, object]) -> Record | None:
    """Return the record in a session, or one made from LabD's timestamp, or None.

    Raises MalformedRecordError.
    """
    record = backends.find_record(data)
    if record is None and (timestamp := backends.find_labd_timestamp(data)) is not None:
        return Record(timestamp, timestamp, inf)
    return record


def log(counts: Counts) -> None:
    removed = {str(reason): number for reason, number in counts.removed.items()}
    logger.info(
        "Idle sessions cleared: %s of %s removed.",
        counts.removed.total(),
        counts.seen,
        extra={"removed": removed, "seen": counts.seen},
    )


def get_site_limits(idle: float | None = None, absolute: float | None = None) -> Limits:
    """Return the site's limits. idle and absolute, in seconds, replace the settings.

    If only one of them is given, and the other depends on the request, no session ends
    by the other.

    Raises CleanupError if both depend on the request; ImproperlyConfigured if a setting
    is wrong, or if the middleware is missing or misplaced, because nothing records
    activity then; NothingToDelete if there is no limit.
    """
    config = get_config()
    installed = find_installed(SessionTimeoutMiddleware)
    per_request = installed.overrides("get_limits")
    if idle is None and absolute is None and (per_request or config.limits is None):
        raise CleanupError(
            "The limits depend on the request, and this command has no request. Give "
            "the longest limit that any session has, with --idle-seconds, "
            "--absolute-seconds or both."
        )
    own = [
        None if per_request or callable(limit) else limit
        for limit in (config.idle, config.absolute)
    ]
    idle, absolute = idle or own[0], absolute or own[1]
    if idle is None and absolute is None:
        raise NothingToDelete("There is neither an idle nor an absolute limit.")
    return Limits(idle, absolute, from_start=config.from_start)


def get_site_backend() -> Backend:
    """Return the backend of the site's session engine.

    Raises NothingToDelete if the store deletes sessions by itself, or if sessions are
    in the visitors' cookies; CleanupError if the engine cannot list its sessions;
    SettingError if SESSION_ENGINE is wrong.
    """
    engine = settings.SESSION_ENGINE
    backend = backends.get_backend(get_session_store()(), None)
    if backend.cleanup_needless is not None:
        raise NothingToDelete(f"With {engine}, {backend.cleanup_needless}")
    if not backend.can_list_sessions:
        raise CleanupError(
            f"{engine} cannot list its sessions, so none can be deleted."
        )
    return backend


def throttled_progress(
    progress: Iterable[Counts], seconds: float, clock: Callable[[], float]
) -> Iterator[tuple[Counts, bool]]:
    """Yield each of the counts, and whether to print them.

    That is the case if this number of seconds has passed since the last time. clock
    returns seconds.
    """
    printed_at = clock()
    for counts in progress:
        now = clock()
        is_time = now - printed_at >= seconds
        if is_time:
            printed_at = now
        yield counts, is_time
