"""How much time a session has left, and when a page speaks of it. Rules only.

All points in time are Unix seconds, all lengths of time seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from session_timeout.policy import Limits, Reason, Record, deadline

# Whoever has to save their work needs longer than whoever has to press a button.
FINAL_LEAD = 300.0

# The last checkpoints, in seconds. Above them it is each minute of the last hour.
LAST_CHECKPOINTS = (40.0, 20.0)
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Countdown:
    """What is left of a session, in seconds.

    expires_in is None, and so is reason, where no limit applies. can_extend tells
    whether activity would move the end. warn_before is the lead of the warning,
    final_lead the one of an end that cannot be moved; None where there is none.
    """

    expires_in: float | None
    reason: Reason | None
    can_extend: bool
    warn_before: float
    final_lead: float | None


def countdown(
    record: Record,
    limits: Limits,
    now: float,
    *,
    warning: float,
    cookie_age: float,
    slides: bool,
) -> Countdown:
    """Return what is left of a session.

    warning is the lead that the site asks for, cookie_age the length of Django's own
    limit, and slides whether Django counts that anew with each request.
    """
    when, reason = deadline(record, limits)
    # What is left of the limits once activity is taken for granted.
    fixed = limits if limits.from_start else replace(limits, idle=None)
    last, last_reason = deadline(record, fixed, cookie_age=not slides)
    final_lead = None
    if last < inf:
        length = length_of(last_reason, limits, cookie_age)
        final_lead = lead(max(warning, FINAL_LEAD), length)
    can_extend = when < last
    if can_extend:
        warn_before = lead(warning, length_of(reason, limits, cookie_age))
    else:
        warn_before = warning if final_lead is None else final_lead
    return Countdown(
        None if when == inf else max(round(when - now, 3), 0.0),
        None if when == inf else reason,
        can_extend,
        warn_before,
        final_lead,
    )


def lead(wanted: float, length: float) -> float:
    """Return how long before its end a limit is warned of.

    At most half of the limit: a page that warned at once would warn for ever.
    """
    return min(wanted, length / 2)


def length_of(reason: Reason, limits: Limits, cookie_age: float) -> float:
    """Return the length of the limit that ends a session for this reason."""
    if reason is Reason.COOKIE_AGE:
        return cookie_age
    if reason is Reason.IDLE:
        return limits.idle or inf
    lengths = [limits.absolute, limits.idle if limits.from_start else None]
    return min(length for length in lengths if length is not None)


def checkpoints(leads: set[float]) -> list[float]:
    """Return when the time that is left is announced, in seconds before the end.

    That is at each lead, at each minute of the last hour, and at 40 and 20 seconds.
    """
    longest = max(leads)
    minutes = range(MINUTE, HOUR + 1, MINUTE)
    between = [at for at in (*minutes, *LAST_CHECKPOINTS) if at < longest]
    return sorted({*leads, *map(float, between)}, reverse=True)
