"""The JSON that describes a session to its page."""

from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from session_timeout.browser.countdown import countdown
from session_timeout.conf import get_config
from session_timeout.policy import truncate_to_ms
from session_timeout.tracking import SessionStatus

SALT = "session_timeout.status"


def active_status(status: SessionStatus, csrf_token: str) -> dict[str, Any]:
    """Return the JSON for a session that has not ended."""
    left = countdown(status, get_config().warning)
    mark, *former_marks = session_marks(status)
    content: dict[str, Any] = {
        "active": True,
        "expires_in": left.expires_in,
        "reason": left.reason,
        "can_extend": left.can_extend,
        "warn_before": left.warn_before,
        "session": mark,
        "signed_in": status.user_id is not None,
        "csrf_token": csrf_token,
    }
    if former_marks:
        content["former_sessions"] = former_marks
    return content


def ended_status(redirect: str, reason: str | None) -> dict[str, Any]:
    """Return the JSON for a page without a session, or whose session has ended."""
    return {
        "active": False,
        "expires_in": 0,
        "reason": reason,
        "can_extend": False,
        "warn_before": get_config().warning,
        "session": "",
        "redirect": redirect,
    }


def session_marks(status: SessionStatus) -> list[str]:
    """Return marks that identify the owner of the session, and reveal nothing else.

    The first is for pages that are rendered now. The others are the marks of pages that
    were rendered when a key of SECRET_KEY_FALLBACKS was the SECRET_KEY. A user has the
    same marks after logging in again.
    """
    owner = f"user {status.user_id}"
    if status.user_id is None:
        # To the millisecond, as the store returns it. This request has more digits.
        owner = f"began {truncate_to_ms(status.record.started_at)!r}"
    return [
        salted_hmac(SALT, owner, secret=key, algorithm="sha256").hexdigest()[:32]
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
