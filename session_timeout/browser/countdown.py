"""When a page warns before the end of a session, and announces the remaining time.

All lengths of time are seconds.
"""

from dataclasses import dataclass
from math import inf

from session_timeout import policy
from session_timeout.policy import FINAL_WARNING, Limits, Reason
from session_timeout.tracking import SessionStatus

# The last announcements. Before them, there is one at each minute of the last hour.
LAST_CHECKPOINTS = (40.0, 20.0)
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Countdown:
    """How long a session lasts, and when its page warns, in seconds.

    expires_in and reason are None if no limit applies. can_extend is whether activity
    would move the end. warn_before is how long before the end the page warns.
    final_lead is the same for an end that activity cannot move, or None if there is no
    such end.
    """

    expires_in: float | None
    reason: Reason | None
    can_extend: bool
    warn_before: float
    final_lead: float | None


def countdown(status: SessionStatus, warning: float) -> Countdown:
    """Return the countdown of a session.

    warning is SESSION_TIMEOUT_WARNING_SECONDS.
    """
    record, limits = status.record, status.limits
    last, last_reason = policy.final_deadline(record, limits, slides=status.slides)
    final_lead = None
    if last < inf:
        length = limit_length(last_reason, limits, status.cookie_age)
        final_lead = policy.warning_lead(max(warning, FINAL_WARNING), length)
    if status.can_extend:
        _, reason = policy.deadline(record, limits)
        warn_before = policy.warning_lead(
            warning, limit_length(reason, limits, status.cookie_age)
        )
    else:
        warn_before = warning if final_lead is None else final_lead
    return Countdown(
        status.expires_in, status.reason, status.can_extend, warn_before, final_lead
    )


def limit_length(reason: Reason, limits: Limits, cookie_age: float) -> float:
    """Return the length of the limit that ends a session for this reason."""
    if reason is Reason.COOKIE_AGE:
        return cookie_age
    if reason is Reason.IDLE:
        return limits.idle or inf
    return limits.lifetime


def checkpoints(leads: set[float]) -> list[float]:
    """Return when to announce the remaining time, in seconds before the end.

    The page announces it when it warns, at each minute of the last hour, and at 40 and
    20 seconds. leads are the times at which it can warn.
    """
    longest = max(leads)
    minutes = range(MINUTE, HOUR + 1, MINUTE)
    between = [at for at in (*minutes, *LAST_CHECKPOINTS) if at < longest]
    return sorted({*leads, *map(float, between)}, reverse=True)
