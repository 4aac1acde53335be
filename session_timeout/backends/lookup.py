"""Which backend records the activity of a session."""

from functools import cache
from typing import Any

from django.contrib.sessions.backends import cache as cache_engine
from django.contrib.sessions.backends import cached_db, db, file
from django.contrib.sessions.backends.base import SessionBase

from session_timeout.backends.base import Backend
from session_timeout.backends.cache import CacheBackend
from session_timeout.backends.cached_db import CachedDatabaseBackend
from session_timeout.backends.db import DatabaseBackend
from session_timeout.backends.file import FileBackend
from session_timeout.backends.generic import GenericBackend
from session_timeout.backends.signed_cookies import SignedCookiesBackend

# A subclass of an engine uses the first that fits.
BACKENDS: tuple[tuple[type[SessionBase], type[Backend]], ...] = (
    (cached_db.SessionStore, CachedDatabaseBackend),
    (db.SessionStore, DatabaseBackend),
    (cache_engine.SessionStore, CacheBackend),
    (file.SessionStore, FileBackend),
)


def get_backend(session: Any, key: str | None) -> Backend:
    """Return the backend of the session that is stored under this key."""
    return get_backend_class(session.__class__)(session, key)


@cache
def get_backend_class(store: type[SessionBase]) -> type[Backend]:
    """Return the backend that a SessionStore names, or the one that fits it."""
    named: type[Backend] | None = getattr(store, "session_timeout_backend", None)
    if named is not None:
        return named
    for engine, backend in BACKENDS:
        if issubclass(store, engine):
            return backend
    # Saving changes the key where the key is made from the data.
    has_own_keys = store._get_session_key is SessionBase._get_session_key
    return GenericBackend if has_own_keys else SignedCookiesBackend
