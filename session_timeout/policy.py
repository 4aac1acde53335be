"""The rules: when a session ends, and when to write its last activity.

Nothing here imports Django, reads a clock, or does I/O. Points in time are in Unix
seconds, as time.time() returns them. Lengths of time are in seconds.
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

# If activity cannot move the end, a page warns at least this many seconds before it:
# users need more time to save their work than to press a button.
FINAL_WARNING = 300.0


class Reason(StrEnum):
    """The limit that ends a session. INVALID means that its record is malformed."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    COOKIE_AGE = "cookie_age"
    INVALID = "invalid"


class MalformedRecordError(ValueError):
    """The value under the key of the record is not a record."""


RECORD = re.compile(r" ".join([r"(\d+(?:\.\d+)?)"] * 3), re.ASCII)


class Record(NamedTuple):
    """The times of a session, in Unix seconds.

    started_at is the login, or before a login the start of the session. last_activity
    is the time of the latest activity that was written. expires_at is when Django's own
    limit ends the session, counted from the last write of the application.
    """

    started_at: float
    last_activity: float
    expires_at: float

    @classmethod
    def decode(cls, stored: object) -> "Record":
        """Return the record in a string that encode() has made.

        Raises MalformedRecordError unless the string is three finite decimal numbers,
        none of them negative.
        """
        try:
            return parse_record(stored)
        except TypeError:  # not a string
            raise MalformedRecordError(stored) from None

    def encode(self) -> str:
        """Return the record as a string: three numbers, separated by spaces.

        It is a string because each request decodes it together with the session, and a
        string takes the least time to decode. Times are cut off after the millisecond,
        so no stored time is later than the real one.
        """
        return " ".join(f"{truncate_to_ms(when):.3f}" for when in self)

    def truncated(self) -> "Record":
        """Return the record with the precision that a store keeps."""
        return Record(*map(truncate_to_ms, self))


@lru_cache(maxsize=10_000)
def parse_record(stored: Any) -> Record:
    """See Record.decode(). Raises TypeError if stored is not a string.

    This is cached, because all requests between two writes read the same string.
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
    session. absolute always counts from the start.

    grace is the grace period: the shortest time between two writes of the last
    activity. The default is a sixtieth of the idle limit, at least 1 and at most 60
    seconds. If it is not shorter than the idle limit, it becomes half of that limit:
    otherwise sessions in use would end.
    """

    idle: float | None
    absolute: float | None
    grace: float
    from_start: bool
    #: The limit that counts from the start of the session, in seconds, or infinity.
    lifetime: float = field(init=False, repr=False, compare=False)
    #: A request that lasts longer than this, in seconds, counts as activity at its end
    #: too. It is at least 1: with a grace period of 0, each request would write twice.
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
    """Why and when a session has ended, for signals, logs and response handlers.

    started_at and last_activity are in Unix seconds, or None if the record was
    malformed. user_id is a string, or None if nobody was logged in.
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
    inactivity that lasts "N minutes or longer".

    Pass include_cookie_age=False for a store that enforces Django's own limit itself.
    The function then ignores expires_at of the record.
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

    slides is whether each request moves Django's own limit too.
    """
    fixed = limits if limits.from_start else replace(limits, idle=None)
    return deadline(record, fixed, include_cookie_age=not slides)


def expiry_reason(
    record: Record, limits: Limits, now: float, *, include_cookie_age: bool
) -> Reason | None:
    """Return the limit that has ended the session, or None: see deadline()."""
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

    It is at most half of the limit. With a short limit, the page would show a warning
    all the time otherwise.
    """
    return min(wanted, limit / 2)


def is_fresh(record: Record, limits: Limits, now: float) -> bool:
    """Whether a session has not ended, and needs no write of its activity yet.

    This is the quick check for nearly every request. True is certain. False means that
    the session needs the complete check.
    """
    started_at, last_activity, expires_at = record
    # One condition in an if statement is the fastest form in Python. It does not need
    # the idle limit, because the grace period is shorter.
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
    """Whether to write activity: the last write is older than the grace period.

    Times that are ahead by more than the grace period need a write too. Times that are
    ahead by less come from a server whose clock is slightly fast, and stay.
    """
    started_at, last_activity, _ = record
    return not now - grace < last_activity <= now + grace or started_at > now + grace


def merge_records(own: Record | None, side: Record | None, now: float) -> Record | None:
    """Return the record that results from a session's own record and its side record.

    The side record can only make the last activity later, and replace times of the own
    record that are in the future. (Otherwise such a time would keep the session alive
    until then, because the package does not rewrite the session in these stores.)
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

    seen is the record that this request has read, and written the one that it wants to
    store. If stored differs from seen, another request has written activity since. Its
    record stays if it is later, so that the last activity never moves backwards. It
    also stays if it is younger than the grace period, so that simultaneous requests
    write once. But if seen is later than written, and stored even later, the clock has
    been set back. Neither tells when there was activity, so stored does not stay.
    """
    if stored is None:
        return written
    changed = stored.last_activity != seen.last_activity
    set_back = stored.last_activity > seen.last_activity > written.last_activity
    is_recent = stored.last_activity > written.last_activity - grace
    if changed and is_recent and not set_back:
        return None
    started_at = min(stored.started_at, written.last_activity)
    return Record(started_at, written.last_activity, stored.expires_at)
