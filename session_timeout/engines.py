"""Where a stamp is written, engine by engine, so that it costs nobody data.

A session is one value: whoever writes it from a copy overwrites what another
request has written since. Each engine has its own way around that.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.sessions.backends import cache as cache_backend
from django.contrib.sessions.backends import cached_db, db, file
from django.contrib.sessions.backends.base import SessionBase

from session_timeout.copies import Cookie, Copy, Row
from session_timeout.entries import CachedRow, Entry, File


def engine_of(session: Any, key: str | None) -> Copy:
    """Return how the session that is stored under this key is stamped."""
    return engine_for(session.__class__)(session, key)


@cache
def engine_for(store: type[SessionBase]) -> type[Copy]:
    if issubclass(store, cached_db.SessionStore):
        return CachedRow
    if issubclass(store, db.SessionStore):
        return Row
    if issubclass(store, cache_backend.SessionStore):
        return Entry
    if issubclass(store, file.SessionStore):
        return File
    # Saving changes the key: the key is made from the data.
    if store._get_session_key is not SessionBase._get_session_key:
        return Cookie
    return Copy
