"""Helpers for the tests of your project: they make a session idle or old.

    client.force_login(user)
    make_idle(client, seconds=1800)
    assertRedirects(client.get("/accounts/"), "/login/?next=/accounts/")

They rewrite the stored session, so you don't need to freeze the time. They work with
every session engine. Each has an async form for AsyncClient.
"""

import time
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import AsyncClient, Client

from session_timeout import backends
from session_timeout.backends import RECORD_KEY, SideRecordBackend
from session_timeout.conf import get_session_store
from session_timeout.flow import run_sync
from session_timeout.policy import Record, merge_records

AnyClient = Client | AsyncClient

__all__ = [
    "aget_record",
    "amake_idle",
    "amake_old",
    "get_record",
    "make_idle",
    "make_old",
]


def make_idle(client: AnyClient, seconds: float) -> Record:
    """Make the client's session idle for this number of seconds.

    Returns the session's new record. Raises ValueError if the client has no session.
    """
    return _rewrite(client, _idle, seconds)


def make_old(client: AnyClient, seconds: float) -> Record:
    """Move the start of the client's session to this number of seconds ago.

    The last activity stays the same, so only the absolute limit can end the session.
    Returns the session's new record. Raises ValueError if the client has no session.
    """
    return _rewrite(client, _old, seconds)


def get_record(client: AnyClient) -> Record:
    """Return the record of the client's session: three times in Unix seconds.

    Raises ValueError if the client has no session.
    """
    return _rewrite(client, None, 0)


amake_idle = sync_to_async(make_idle)
amake_old = sync_to_async(make_old)
aget_record = sync_to_async(get_record)

Change = Callable[[Record, float], Record]


def _idle(record: Record, since: float) -> Record:
    return Record(min(record.started_at, since), since, record.expires_at)


def _old(record: Record, since: float) -> Record:
    return record._replace(started_at=since)


def _rewrite(client: AnyClient, change: Change | None, seconds: float) -> Record:
    name, now = settings.SESSION_COOKIE_NAME, time.time()
    key = client.cookies[name].value if name in client.cookies else ""
    session = get_session_store()(key)
    data = run_sync(backends.load_quietly(session))
    if data is None:
        raise ValueError("The client has no session: log in, or visit a page, first.")
    backend, side = backends.get_backend(session, key), None
    if isinstance(backend, SideRecordBackend):
        side = run_sync(backend.read_side_record(now))
    record = merge_records(backends.find_record(data), side, now)
    record = record or backend.new_record(data, now)
    if change is None:
        return record
    record = change(record, now - seconds).truncated()
    data[RECORD_KEY] = record.encode()
    session.save()
    if isinstance(backend, SideRecordBackend):
        run_sync(backend.forget_side_record())
    client.cookies[name] = session.session_key
    return record
