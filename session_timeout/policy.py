"""The rules, and nothing else: no Django, no clock, no I/O.

All points in time are Unix seconds, as time.time() gives them; all lengths of
time are seconds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any, NamedTuple, TypeGuard

NUMBERS = (float, int)  # but not bool, which is a subclass of int


class Reason(StrEnum):
    """Why a session ends."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    COOKIE_AGE = "cookie_age"
    INVALID = "invalid"


class MalformedRecordError(ValueError):
    """What stands in the place of a record is none."""


class Record(NamedTuple):
    """What a session remembers of its own times, all in Unix seconds.

    expires_at is when Django's own limit ends the session, counted from the
    application's last write.
    """

    started_at: float
    last_activity: float
    expires_at: float

    @classmethod
    def parse(cls, raw: object) -> Record:
        """Return the record in raw. Raises MalformedRecordError if it is none."""
        if isinstance(raw, dict):
            started_at, last_activity, expires_at = map(raw.get, cls._fields)
            if is_time(started_at) and is_time(last_activity) and is_time(expires_at):
                return cls(started_at, last_activity, expires_at)
        raise MalformedRecordError(raw)

    def stored(self) -> dict[str, float]:
        """Return what parse() reads, each time cut to the millisecond.

        Further digits would say nothing, and each request would have to decode them.
        """
        return {name: cut(when) for name, when in self._asdict().items()}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one session, in seconds; None is no limit.

    grace is the least time between two stamps. from_start counts the idle limit
    from the session's start instead of its last activity.
    """

    idle: float | None
    absolute: float | None = None
    grace: float = 60.0
    from_start: bool = False

    @classmethod
    def of(
        cls,
        idle: float | None,
        absolute: float | None = None,
        grace: float | None = None,
        from_start: bool = False,
    ) -> Limits:
        """Return limits whose grace period fits the idle limit.

        The default is a sixtieth of the limit, within 1 and 60 seconds. A grace
        period that is not below the limit would end sessions that are in use, so
        it never exceeds half of it.
        """
        if grace is None:
            grace = 60.0 if idle is None else min(max(idle / 60, 1.0), 60.0)
        if idle is not None and grace >= idle:
            grace = idle / 2
        return cls(idle, absolute, grace, from_start)


@dataclass(frozen=True, slots=True)
class Expiry:
    """The end of one session: what the signal, the log and a handler are told.

    The times are Unix seconds, and None where the record was malformed; user_id
    is the session's own, a string, and None where nobody was logged in.
    """

    reason: Reason
    user_id: str | None = None
    started_at: float | None = None
    last_activity: float | None = None


def is_time(value: object) -> TypeGuard[float]:
    """Whether value is a point in time: a finite number, not negative, no bool."""
    # Comparing with inf would let through integers that no float can hold.
    return type(value) in NUMBERS and 0 <= value <= sys.float_info.max  # type: ignore[operator]


def cut(when: float) -> float:
    """Return the time at the beginning of its millisecond; it never lies later."""
    rounded = round(when, 3)
    return rounded if rounded <= when else round(when - 0.001, 3)


def deadline(
    record: Record, limits: Limits, *, cookie_age: bool = True
) -> tuple[float, Reason]:
    """Return when the session ends (Unix seconds, or infinity), and by which limit.

    The session has ended once the time is at or past the deadline: NIST SP 800-63B
    counts inactivity "lasting N minutes or longer". With cookie_age=False the
    record's expires_at is left out, for stores that keep Django's own limit
    themselves.
    """
    when, reason = inf, Reason.IDLE
    if limits.idle is not None:
        if limits.from_start:
            when, reason = record.started_at + limits.idle, Reason.ABSOLUTE
        else:
            when = record.last_activity + limits.idle
    if limits.absolute is not None and record.started_at + limits.absolute < when:
        when, reason = record.started_at + limits.absolute, Reason.ABSOLUTE
    if cookie_age and record.expires_at < when:
        when, reason = record.expires_at, Reason.COOKIE_AGE
    return when, reason


def reason_to_end(
    record: Record, limits: Limits, now: float, *, cookie_age: bool
) -> Reason | None:
    """Return by which limit the session has ended by now, if it has: see deadline()."""
    when, reason = deadline(as_of(record, now), limits, cookie_age=cookie_age)
    return reason if when <= now else None


def as_of(record: Record, now: float) -> Record:
    """Return the record with whatever lies in the future counted as now."""
    started_at, last_activity, expires_at = record
    if last_activity <= now and started_at <= now:
        return record
    return Record(min(started_at, now), min(last_activity, now), expires_at)


def is_at_rest(raw: Any, limits: Limits, now: float) -> bool:
    """Whether a stored record is surely good for now, with no stamp due.

    A short cut, for nearly every request between two stamps: False says nothing.
    """
    try:
        started_at = raw["started_at"]
        last_activity = raw["last_activity"]
        expires_at = raw["expires_at"]
    except (KeyError, TypeError):
        return False
    since = started_at if limits.from_start else last_activity
    return (
        float is type(started_at) is type(last_activity) is type(expires_at)
        and now - limits.grace < last_activity <= now < expires_at < inf
        and 0 <= started_at <= now
        and (limits.idle is None or now < since + limits.idle)
        and (limits.absolute is None or now < started_at + limits.absolute)
    )


def is_due(record: Record, now: float, grace: float) -> bool:
    """Whether a stamp is due: the last one is older than the grace period, or false.

    A stamp that is ahead by less than the grace period is that of a server whose
    clock is a little fast. It counts as now, and time will mend it.
    """
    started_at, last_activity, _ = record
    return not now - grace < last_activity <= now + grace or started_at > now + grace


def merge(record: Record | None, other: Record | None, now: float) -> Record | None:
    """Return what two records of one session say together: the latest activity.

    The first is the session's own; from the other only what the first lacks, or
    what its future stamps leave unknown. Otherwise a stamp from the future that
    cannot be rewritten would keep the session alive until that future.
    """
    if record is None or other is None:
        return record or other
    started_at, last_activity, expires_at = record
    if last_activity > now or last_activity < other.last_activity:
        last_activity = other.last_activity
    if started_at > now:
        started_at = other.started_at
    return Record(started_at, last_activity, expires_at)


def advance(
    stored: Record | None, seen: Record, stamp: Record, grace: float
) -> Record | None:
    """Return what a stamp makes of the stored record, or None to leave it alone.

    seen is the record that the stamp was decided upon. If the stored one is
    another by now, then another request has stamped meanwhile: its stamp stands if
    it is later, so that none moves backwards, or not yet older than the grace
    period, so that a burst of requests stamps once.
    """
    if stored is None:
        return stamp
    changed = stored.last_activity != seen.last_activity
    if changed and stored.last_activity > stamp.last_activity - grace:
        return None
    started_at = min(stored.started_at, stamp.last_activity)
    return Record(started_at, stamp.last_activity, stored.expires_at)
