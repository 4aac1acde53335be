"""Removing the sessions that their next request would find ended, before it comes."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import cast

from django.conf import settings

from session_timeout.conf import config
from session_timeout.copies import Cookie
from session_timeout.engines import engine_for
from session_timeout.entries import Entry
from session_timeout.inventory import Batch, Inventory, Stored, inventory_of
from session_timeout.policy import (
    Limits,
    MalformedRecordError,
    Reason,
    Record,
    merge,
    reason_to_end,
)
from session_timeout.site_policy import (
    overrides_limits,
    require_middleware,
    session_store,
)
from session_timeout.store import Data, find, find_labd

logger = logging.getLogger("session_timeout")


class ClearingError(Exception):
    """Why sessions cannot be cleared, as a sentence."""


class NothingToClear(Exception):  # noqa: N818
    """Why there is nothing that could be cleared, as a sentence."""


@dataclass
class Counts:
    """What has happened so far; without a removal, what would have."""

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
    cookie_age: bool

    def reason_to_end(self, record: Record) -> Reason | None:
        return reason_to_end(record, self.limits, self.now, cookie_age=self.cookie_age)

    def reason_for(self, own: Record | None, beside: object) -> Reason | None:
        """Return why a session has ended, by its own record and what is beside it."""
        if own is None:
            return Reason.INVALID
        if beside is None:
            return self.reason_to_end(own)
        try:
            record = merge(own, Record.parse(beside), self.now)
        except MalformedRecordError:
            return Reason.INVALID
        return self.reason_to_end(cast("Record", record))


def clear(
    inventory: Inventory,
    limits: Limits,
    now: float,
    *,
    batch_size: int = 1000,
    dry_run: bool = False,
) -> Iterator[Counts]:
    """Remove what has ended by now (Unix seconds); yield the counts after each batch.

    A session that is used while this lasts is kept. now stays the same throughout:
    what ends meanwhile is left to the next time.
    """
    counts, rule = Counts(), Rule(limits, now, inventory.enforces_expiry)
    for batch in inventory.batches(batch_size):
        counts.seen += len(batch)
        suspects = [*find_suspects(batch, rule, counts)]
        beside = inventory.beside([item for item, _ in suspects])
        reasons = {
            item.key: reason
            for item, own in suspects
            if (reason := rule.reason_for(own, beside.get(item.key)))
        }
        removed = set(reasons)
        if not dry_run:
            ended = [item for item, _ in suspects if item.key in reasons]
            removed = inventory.remove(ended)
        counts.changed += len(reasons) - len(removed)
        counts.removed.update(reasons[key] for key in removed)
        yield counts
    if not dry_run:
        log(counts)


def find_suspects(
    batch: Batch, rule: Rule, counts: Counts
) -> Iterator[tuple[Stored, Record | None]]:
    """Yield the sessions that have ended by their own records; None is malformed."""
    for item in batch:
        try:
            record = own_record(item.data)
        except MalformedRecordError:
            yield item, None
            continue
        if record is None:
            counts.without_record += bool(item.data)
            counts.unreadable += not item.data
        elif rule.reason_to_end(record):
            yield item, record


def own_record(data: Data) -> Record | None:
    """Return the record in a session, or what django-session-timeout has left there.

    Raises MalformedRecordError.
    """
    record = find(data)
    if record is None and (stamp := find_labd(data)) is not None:
        return Record(stamp, stamp, inf)
    return record


def log(counts: Counts) -> None:
    removed = {str(reason): number for reason, number in counts.removed.items()}
    logger.info(
        "Idle sessions cleared: %s of %s removed.",
        counts.removed.total(),
        counts.seen,
        extra={"removed": removed, "seen": counts.seen},
    )


def site_limits(idle: float | None = None, absolute: float | None = None) -> Limits:
    """Return the site's limits, in seconds, with those given in the place of its own.

    Where one is given, the other may be unknown: nothing ends by it then.

    Raises ClearingError where both are unknown, as they depend on the request;
    ImproperlyConfigured where a setting is wrong, or where the middleware is not in its
    place and stamps nothing; NothingToClear where there is no limit.
    """
    conf = config()
    require_middleware()
    is_asked = overrides_limits()
    if idle is None and absolute is None and (is_asked or conf.limits is None):
        raise ClearingError(
            "The limits are told for each request, and cannot be known without one. "
            "Give the longest that a session can have as --idle-seconds, "
            "--absolute-seconds or both."
        )
    own = [
        None if is_asked or callable(limit) else limit
        for limit in (conf.idle, conf.absolute)
    ]
    idle, absolute = idle or own[0], absolute or own[1]
    if idle is None and absolute is None:
        raise NothingToClear("There is neither an idle nor an absolute limit.")
    return Limits.of(idle, absolute, from_start=conf.from_start)


def site_inventory() -> Inventory:
    """Return how the site's sessions are gone through.

    Raises NothingToClear where they expire by themselves or lie with the visitors;
    ClearingError where the engine is one that is not known.
    """
    inventory = inventory_of(session_store()())
    if inventory is not None:
        return inventory
    engine = settings.SESSION_ENGINE
    if issubclass(engine_for(session_store()), Entry):
        raise NothingToClear(f"{engine}: a cache removes what has expired by itself.")
    if issubclass(engine_for(session_store()), Cookie):
        raise NothingToClear(f"{engine}: the sessions lie with the visitors.")
    raise ClearingError(f"{engine}: its sessions cannot be gone through.")


def paced(
    progress: Iterable[Counts], seconds: float, clock: Callable[[], float]
) -> Iterator[tuple[Counts, bool]]:
    """Yield each of the counts, and whether so long has passed since it last had."""
    told_at = clock()
    for counts in progress:
        now = clock()
        is_time = now - told_at >= seconds
        if is_time:
            told_at = now
        yield counts, is_time
