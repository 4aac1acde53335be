"""Ending a session: the signal, the logout, the log line."""

import logging
from functools import partial

from django.apps import apps
from django.contrib.auth import aget_user, alogout, get_user, logout
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from session_timeout.backends import delete_session
from session_timeout.flow import Flow, IOCall
from session_timeout.policy import Expiry
from session_timeout.signals import session_expired

logger = logging.getLogger("session_timeout")


def expire(
    request: HttpRequest, expiry: Expiry, sender: type, now: float
) -> Flow[None]:
    """End the request's session.

    now is in Unix seconds. If a receiver of a signal or the store raises an exception,
    the session is ended all the same, and this function does not raise.
    """
    yield IOCall(
        session_expired.send_robust,
        session_expired.asend_robust,
        sender=sender,
        request=request,
        reason=expiry.reason,
        user_id=expiry.user_id,
        started_at=expiry.started_at,
        last_activity=expiry.last_activity,
    )
    if expiry.user_id is not None and apps.is_installed("django.contrib.auth"):
        yield from log_out(request)
    session = request.session
    if not session.is_empty():
        yield from delete_session(session)
    idle = None if expiry.last_activity is None else round(now - expiry.last_activity)
    logger.info(
        "Session expired: reason %s, user %s, idle for %s s.",
        expiry.reason,
        expiry.user_id,
        idle,
        extra={"reason": expiry.reason, "user_id": expiry.user_id, "idle": idle},
    )


def log_out(request: HttpRequest) -> Flow[None]:
    """Log the user out. Receivers of user_logged_out get the user."""
    if not hasattr(request, "user"):
        # AuthenticationMiddleware comes later. Don't fill its cache of the user.
        request.user = SimpleLazyObject(partial(get_user, request))  # type: ignore[assignment]
        request.auser = partial(aget_user, request)
    try:
        yield IOCall(logout, alogout, request)
    except Exception:
        logger.exception("The logout failed. The session is ended nevertheless.")
    be_anonymous(request)


def be_anonymous(request: HttpRequest) -> None:
    """Make request.user and request.auser() anonymous."""
    from django.contrib.auth.models import AnonymousUser

    user = AnonymousUser()

    async def auser() -> AnonymousUser:
        return user

    request.user = user
    # The logout of Django 5.2 does not change request.auser().
    request.auser = auser
