"""What a page is told about its session, in JSON."""

from typing import Any

from django.utils.crypto import salted_hmac

from session_timeout.browser.countdown import countdown
from session_timeout.conf import get_config
from session_timeout.tracking import SessionStatus

SALT = "session_timeout.status"


def active_status(status: SessionStatus, csrf_token: str) -> dict[str, Any]:
    """Return what a page is told about a session that goes on."""
    left = countdown(status, get_config().warning)
    return {
        "active": True,
        "expires_in": left.expires_in,
        "reason": left.reason,
        "can_extend": left.can_extend,
        "warn_before": left.warn_before,
        "session": session_mark(status),
        "csrf_token": csrf_token,
    }


def ended_status(redirect: str, reason: str | None) -> dict[str, Any]:
    """Return what a page is told if there is no session, or none any more."""
    return {
        "active": False,
        "expires_in": 0,
        "reason": reason,
        "can_extend": False,
        "warn_before": get_config().warning,
        "session": "",
        "redirect": redirect,
    }


def session_mark(status: SessionStatus) -> str:
    """Return a mark of whose session it is, which tells nothing else about them.

    A user who logs in again keeps it.
    """
    owner = f"user {status.user_id}"
    if status.user_id is None:
        owner = f"began {status.record.started_at!r}"
    return salted_hmac(SALT, owner, algorithm="sha256").hexdigest()[:32]
