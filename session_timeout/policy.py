"""The rules: when a session ends, and when its activity is due to be recorded.

Nothing here knows Django, reads a clock, or does I/O. Points in time are Unix seconds,
as time.time() returns them; lengths of time are seconds.
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

# How many seconds before the end a page warns, at the least, if the end cannot be
# moved: saving one's work takes longer than pressing a button.
FINAL_WARNING = 300.0


class Reason(StrEnum):
    """Which limit ends a session; INVALID means that its record is malformed."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    COOKIE_AGE = "cookie_age"
    INVALID = "invalid"


class MalformedRecordError(ValueError):
    """The session holds something else where its record should be."""


RECORD = re.compile(r" ".join([r"(\d+(?:\.\d+)?)"] * 3), re.ASCII)


class Record(NamedTuple):
    """What a session knows about its own times, all in Unix seconds.

    started_at is the login, or before a login the beginning of the session. expires_at
    is when Django's own limit ends the session, counted from the application's last
    write.
    """

    started_at: float
    last_activity: float
    expires_at: float

    @classmethod
    def decode(cls, stored: object) -> "Record":
        """Return the record that encode() has made into a string.

        Raises MalformedRecordError unless that is three finite decimal numbers, none of
        them negative.
        """
        try:
            return parse_record(stored)
        except TypeError:  # no string
            raise MalformedRecordError(stored) from None

    def encode(self) -> str:
        """Return the record as a string: three numbers, separated by spaces.

        Every request decodes it together with the session, and a string is cheaper to
        decode than anything with a structure. Times are cut off after the millisecond,
        so that no stored time is later than the real one.
        """
        return " ".join(f"{truncate_to_ms(when):.3f}" for when in self)

    def truncated(self) -> "Record":
        """Return the record as a store gives it back."""
        return Record(*map(truncate_to_ms, self))


@lru_cache(maxsize=10_000)
def parse_record(stored: Any) -> Record:
    """See Record.decode(). Raises TypeError for what is no string.

    Cached, because requests between two writes find the same string.
    """
    match = RECORD.fullmatch(stored)
    record = Record(*map(float, match.groups())) if match else None
    if record is None or max(record) == inf:
        raise MalformedRecordError(stored)
    return record


def truncate_to_ms(when: float) -> float:
    rounded = round(when, 3)
    return rounded if rounded <= when else max(0.0, round(when - 0.001, 3))


@dataclass(frozen=True, slots=True, init=False)
class Limits:
    """The limits of one session, in seconds. None means that there is no such limit.

    idle counts from the last activity, or with from_start from the start of the
    session; absolute always counts from the start. grace is the grace period: the
    shortest time between two writes of the last activity. Its default is a sixtieth of
    the idle limit, at least 1 and at most 60 seconds. It is never more than half of the
    idle limit, because a longer one would end sessions that are in use.
    """

    idle: float | None
    absolute: float | None
    grace: float
    from_start: bool
    #: The limit that counts from the start of the session, in seconds, or infinity.
    lifetime: float = field(init=False, repr=False, compare=False)
    #: A request that lasts longer, in seconds, is activity at its end once more. At a
    #: grace period of 0 that would be every request, and each would write twice.
    moment: float = field(init=False, repr=False, compare=False)

    def __init__(
        self,
        idle: float | None,
        absolute: float | None = None,
        grace: float | None = None,
        from_start: bool = False,
    ) -> None:
        if grace is None:
            grace = 60.0 if idle is None else min(max(idle / 60, 1.0), 60.0)
        if idle is not None and grace >= idle:
            grace = idle / 2
        lifetime = inf if absolute is None else absolute
        if idle is not None and from_start:
            lifetime = min(lifetime, idle)
        values = idle, absolute, grace, from_start, lifetime, max(grace, 1.0)
        for name, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Expiry:
    """Why and when one session ended, for signals, logs and response handlers.

    started_at and last_activity are Unix seconds, and None if the record was malformed.
    user_id is a string, and None if nobody was logged in.
    """

    reason: Reason
    user_id: str | None = None
    started_at: float | None = None
    last_activity: float | None = None


def deadline(
    record: Record, limits: Limits, *, include_cookie_age: bool = True
) -> tuple[float, Reason]:
    """Return when the session ends (Unix seconds, or infinity), and by which limit.

    A session has ended at its deadline, not only after it: NIST SP 800-63B counts
    inactivity that lasts "N minutes or longer". Pass include_cookie_age=False for a
    store that enforces Django's own limit itself; the record's expires_at is then
    ignored.
    """
    when, reason = inf, Reason.IDLE
    if limits.idle is not None and not limits.from_start:
        when = record.last_activity + limits.idle
    if record.started_at + limits.lifetime < when:
        when, reason = record.started_at + limits.lifetime, Reason.ABSOLUTE
    if include_cookie_age and record.expires_at < when:
        when, reason = record.expires_at, Reason.COOKIE_AGE
    return when, reason


def final_deadline(
    record: Record, limits: Limits, *, slides: bool
) -> tuple[float, Reason]:
    """Return the deadline that no activity can move: see deadline().

    slides is whether activity also moves Django's own limit.
    """
    fixed = limits if limits.from_start else replace(limits, idle=None)
    return deadline(record, fixed, include_cookie_age=not slides)


def expiry_reason(
    record: Record, limits: Limits, now: float, *, include_cookie_age: bool
) -> Reason | None:
    """Return the limit that has ended the session by now, or None: see deadline()."""
    when, reason = deadline(
        clamp_to_now(record, now), limits, include_cookie_age=include_cookie_age
    )
    return reason if when <= now else None


def clamp_to_now(record: Record, now: float) -> Record:
    """Return the record with times from the future replaced by now."""
    started_at, last_activity, expires_at = record
    if last_activity <= now and started_at <= now:
        return record
    return Record(min(started_at, now), min(last_activity, now), expires_at)


def warning_lead(wanted: float, limit: float) -> float:
    """Return how many seconds before the end of a limit a page warns.

    That is at most half of the limit, or short limits would leave a page always
    warning.
    """
    return min(wanted, limit / 2)


def is_fresh(record: Record, limits: Limits, now: float) -> bool:
    """Whether a session certainly goes on and its activity needs no write yet.

    This is the quick check for nearly every request. It may say no to a session that a
    closer look finds fresh.
    """
    started_at, last_activity, expires_at = record
    # One condition, because Python is quickest at comparing numbers where it jumps. The
    # grace period is shorter than an idle limit.
    if (  # noqa: SIM103
        now < started_at
        or now < last_activity
        or now >= expires_at
        or now - last_activity >= limits.grace
        or now - started_at >= limits.lifetime
    ):
        return False
    return True


def needs_write(record: Record, now: float, grace: float) -> bool:
    """Whether activity is due to be written: the last write is older than the grace
    period.

    Times that lie further in the future than the grace period need a write too. Those
    that are closer come from a server whose clock is slightly fast, and are left alone.
    """
    started_at, last_activity, _ = record
    return not now - grace < last_activity <= now + grace or started_at > now + grace


def merge_records(own: Record | None, side: Record | None, now: float) -> Record | None:
    """Return what a session's own record and its side record say together.

    The side record can only make the last activity later, and replace times of the own
    record that lie in the future. (Otherwise a time from the future in a session that
    cannot be rewritten would keep the session alive until then.)
    """
    if own is None or side is None:
        return own or side
    started_at, last_activity, expires_at = own
    if last_activity > now or last_activity < side.last_activity:
        last_activity = side.last_activity
    if started_at > now:
        started_at = side.started_at
    return Record(started_at, last_activity, expires_at)


def resolve_concurrent_write(
    stored: Record | None, seen: Record, written: Record, grace: float
) -> Record | None:
    """Return the record to store, or None if the stored one should stay.

    written is about to replace seen. If the stored record is a different one by now,
    another request has written activity in the meantime. Its record stays if it is
    later, so that activity never moves backwards, or if it is younger than the grace
    period, so that simultaneous requests write once.
    """
    if stored is None:
        return written
    changed = stored.last_activity != seen.last_activity
    if changed and stored.last_activity > written.last_activity - grace:
        return None
    started_at = min(stored.started_at, written.last_activity)
    return Record(started_at, written.last_activity, stored.expires_at)
