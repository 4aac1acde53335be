"""Deleting the sessions that their next request would find ended, before it comes."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import cast

from django.conf import settings

from session_timeout import backends, policy
from session_timeout.backends import Backend, StoredSession
from session_timeout.conf import find_installed, get_config, get_session_store
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.policy import Limits, MalformedRecordError, Reason, Record

logger = logging.getLogger("session_timeout")


class CleanupError(Exception):
    """Why sessions cannot be deleted, as a sentence."""


class NothingToDelete(Exception):  # noqa: N818
    """Why there is nothing to delete, as a sentence."""


@dataclass
class Counts:
    """What has happened so far, or in a dry run what would have."""

    seen: int = 0
    removed: Counter[Reason] = field(default_factory=Counter)
    without_record: int = 0
    unreadable: int = 0
    changed: int = 0  # between the reading and the removal


@dataclass(frozen=True, slots=True)
class Rule:
    """By which limits, and as of when (Unix seconds), a session has ended."""

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

    def reason(self, own: Record | None, side: object) -> Reason | None:
        """Return why a session has ended, by its own record and its side record."""
        if own is None:
            return Reason.INVALID
        if side is None:
            return self.reason_by_record(own)
        try:
            record = policy.merge_records(own, Record.decode(side), self.now)
        except MalformedRecordError:
            return Reason.INVALID
        return self.reason_by_record(cast("Record", record))


def delete_idle_sessions(
    backend: Backend,
    limits: Limits,
    now: float,
    *,
    batch_size: int = 1000,
    dry_run: bool = False,
) -> Iterator[Counts]:
    """Delete what has ended by now (Unix seconds); yield the counts after each batch.

    A session that is used meanwhile is kept. now does not move on, so that what ends
    meanwhile is left to the next run.
    """
    counts, rule = Counts(), Rule(limits, now, backend.include_cookie_age)
    for batch in backend.list_sessions(batch_size):
        counts.seen += len(batch)
        candidates = [*find_candidates(batch, rule, counts)]
        sides = backend.read_side_records([item for item, _ in candidates])
        reasons = {
            item.key: reason
            for item, own in candidates
            if (reason := rule.reason(own, sides.get(item.key)))
        }
        removed = set(reasons)
        if not dry_run:
            ended = [item for item, _ in candidates if item.key in reasons]
            removed = backend.delete_unchanged(ended)
        counts.changed += len(reasons) - len(removed)
        counts.removed.update(reasons[key] for key in removed)
        yield counts
    if not dry_run:
        log(counts)


def find_candidates(
    batch: list[StoredSession], rule: Rule, counts: Counts
) -> Iterator[tuple[StoredSession, Record | None]]:
    """Yield the sessions that have ended by their own records; None is malformed."""
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
    """Return the site's limits; idle and absolute, in seconds, replace its own.

    If one of them is given, the other may be unknown: no session ends by it then.

    Raises CleanupError if both are unknown because they depend on the request;
    ImproperlyConfigured if a setting is wrong, or if the middleware is missing or
    misplaced, so that nobody records activity; NothingToDelete if there is no limit.
    """
    config = get_config()
    installed = find_installed(SessionTimeoutMiddleware)
    per_request = installed.overrides("get_limits")
    if idle is None and absolute is None and (per_request or config.limits is None):
        raise CleanupError(
            "The limits depend on the request, and cannot be known without one. "
            "Give the longest that a session can have as --idle-seconds, "
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

    Raises NothingToDelete if sessions expire by themselves or are kept by the visitors;
    CleanupError if it cannot list its sessions, and SettingError if SESSION_ENGINE is
    wrong.
    """
    engine = settings.SESSION_ENGINE
    backend = backends.get_backend(get_session_store()(), None)
    if backend.cleanup_needless is not None:
        raise NothingToDelete(f"{engine}: {backend.cleanup_needless}")
    if not backend.can_list_sessions:
        raise CleanupError(f"{engine}: its sessions cannot be listed.")
    return backend


def throttled_progress(
    progress: Iterable[Counts], seconds: float, clock: Callable[[], float]
) -> Iterator[tuple[Counts, bool]]:
    """Yield each of the counts, and whether it is time to print them.

    That is when so many seconds have passed since the last time. clock returns seconds.
    """
    printed_at = clock()
    for counts in progress:
        now = clock()
        is_time = now - printed_at >= seconds
        if is_time:
            printed_at = now
        yield counts, is_time
