"""Starting the limits again when a user logs in."""

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from session_timeout.backends import RECORD_KEY, get_backend, get_loaded


def restart_record(request: HttpRequest | None, **kwargs: Any) -> None:
    """Start a new record, so that the limits count from this login."""
    session = getattr(request, "session", None)
    # In the unit tests of a site, the session may be another object, such as a dict.
    data = get_loaded(session) if isinstance(session, SessionBase) else None
    if data is not None:
        record = get_backend(session, None).new_record(data, time.time())
        data[RECORD_KEY] = record.encode()


def connect_login_receiver() -> None:
    """Connect restart_record(). Further calls have no effect."""
    user_logged_in.connect(restart_record, dispatch_uid="session_timeout.tracking")
