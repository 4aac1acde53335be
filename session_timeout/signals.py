"""The signal that a session has ended, and what happens at a login."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal
from django.http import HttpRequest

from session_timeout import store
from session_timeout.engines import engine_of

#: Sent before an expired session is emptied; its data can still be read. Arguments:
#: request, reason ("idle", "absolute", "cookie_age" or "invalid"), user_id (a string,
#: None where nobody was logged in), started_at and last_activity (Unix seconds, None
#: where the record was malformed). The sender is the middleware's class.
session_expired = Signal()


def restart_record(request: HttpRequest | None, **kwargs: Any) -> None:
    """Let the session's limits count from the login that has just happened."""
    session = getattr(request, "session", None)
    data = store.loaded(session)
    if data is not None:
        record = engine_of(session, None).begin(data, time.time())
        data[store.KEY] = record.stored()


user_logged_in.connect(restart_record, dispatch_uid="session_timeout.signals")
