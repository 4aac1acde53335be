"""For the test suites of projects that use the package: time passes for one session.

    client.force_login(user)
    make_idle(client, seconds=1800)
    assertRedirects(client.get("/accounts/"), "/login/?next=/accounts/")

Nothing is frozen or patched; the stored session is rewritten. Each helper works
with every session engine, and has an async twin for AsyncClient.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.test import AsyncClient, Client

from session_timeout import store
from session_timeout.engines import engine_of
from session_timeout.policy import Record, merge
from session_timeout.steps import Call, Steps, arun, run

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
    """Make the client's session one that has been idle for so many seconds.

    Returns the session's new record. Raises ValueError if the client has no session.
    """
    return run(_rewrite(client, _idle, seconds))


async def amake_idle(client: AnyClient, seconds: float) -> Record:
    """See make_idle()."""
    return await arun(_rewrite(client, _idle, seconds))


def make_old(client: AnyClient, seconds: float) -> Record:
    """Make the client's session one that began so many seconds ago.

    Its last activity stays, so that only the absolute limit can end it. Returns the
    session's new record. Raises ValueError if the client has no session.
    """
    return run(_rewrite(client, _old, seconds))


async def amake_old(client: AnyClient, seconds: float) -> Record:
    """See make_old()."""
    return await arun(_rewrite(client, _old, seconds))


def get_record(client: AnyClient) -> Record:
    """Return the record of the client's session: three times in Unix seconds.

    Raises ValueError if the client has no session.
    """
    return run(_rewrite(client, None, 0))


async def aget_record(client: AnyClient) -> Record:
    """See get_record()."""
    return await arun(_rewrite(client, None, 0))


Change = Callable[[Record, float], Record]


def _idle(record: Record, since: float) -> Record:
    return Record(min(record.started_at, since), since, record.expires_at)


def _old(record: Record, since: float) -> Record:
    return record._replace(started_at=since)


def _rewrite(client: AnyClient, change: Change | None, seconds: float) -> Steps[Record]:
    name, now = settings.SESSION_COOKIE_NAME, time.time()
    key = client.cookies[name].value if name in client.cookies else ""
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    data = yield from store.load(session)
    if data is None:
        raise ValueError("The client has no session: log in, or visit a page, first.")
    engine = engine_of(session, key)
    beside = yield from engine.beside(now)
    record = merge(store.find(data), beside, now) or engine.begin(data, now)
    if change is None:
        return record
    data[store.KEY] = change(record, now - seconds).stored()
    yield Call(session.save, session.asave)
    yield from engine.forget()
    client.cookies[name] = session.session_key
    return Record.parse(data[store.KEY])
