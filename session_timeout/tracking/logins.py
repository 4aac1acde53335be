"""A login starts the session's limits anew."""

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from session_timeout.backends import RECORD_KEY, get_backend, get_loaded


def restart_record(request: HttpRequest | None, **kwargs: Any) -> None:
    """Let the session's limits count from the login that has just happened."""
    session = getattr(request, "session", None)
    # Unit tests of a site may log in with something else for a session.
    data = get_loaded(session) if isinstance(session, SessionBase) else None
    if data is not None:
        record = get_backend(session, None).new_record(data, time.time())
        data[RECORD_KEY] = record.encode()


def connect_login_receiver() -> None:
    """Connect restart_record(), once, however often this is called."""
    user_logged_in.connect(restart_record, dispatch_uid="session_timeout.tracking")
