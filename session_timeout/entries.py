"""Stamps beside the session, for stores that only replace whole values."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import cached_property
from typing import Any

from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.db import DatabaseError
from django.utils.crypto import salted_hmac

from session_timeout.copies import EXPIRY_KEY, Copy, Row
from session_timeout.memory import Memory
from session_timeout.policy import Record
from session_timeout.steps import Call, Steps
from session_timeout.store import KEY, load, loaded

logger = logging.getLogger("session_timeout")
memory = Memory(size=10_000)


class Entry(Copy):
    """The cache engine: an entry of its own beside the session's, which stays."""

    enforces_expiry = False

    @cached_property
    def name(self) -> str:
        # No session's cache key can be made to look like this one.
        return f"session_timeout:{self.session.cache_key_prefix}{self.key}"

    def recall(self, now: float, grace: float) -> tuple[bool, Record | None]:
        return memory.recall(self.name, now, grace)

    def beside(self, now: float) -> Steps[Record | None]:
        record = yield from self.read()
        memory.note(self.name, record, now)
        return record

    def read(self) -> Steps[Record | None]:
        try:
            raw = yield from self.get()
        except Exception:
            logger.warning("A session's entry could not be read.", exc_info=True)
            return None
        return None if raw is None else Record.parse(raw)

    latest = read

    def stamp(self, seen: Record, stamp: Record, grace: float) -> Steps[bool]:
        yield from self.set(stamp)
        memory.note(self.name, stamp, stamp.last_activity)
        return True

    def forget(self) -> Steps[None]:
        memory.forget(self.name)
        yield from self.delete()

    def get(self) -> Steps[object]:
        entries = self.session._cache
        return (yield Call(entries.get, entries.aget, self.name))

    def set(self, stamp: Record) -> Steps[None]:
        entries, now = self.session._cache, stamp.last_activity
        # As long as a session that is saved now: never shorter than the session's own.
        timeout = self.expires_at(loaded(self.session) or {}, now) - now
        yield Call(entries.set, entries.aset, self.name, stamp.stored(), timeout)

    def delete(self) -> Steps[None]:
        entries = self.session._cache
        yield Call(entries.delete, entries.adelete, self.name)


class File(Entry):
    """The file engine: a file of its own beside the session's, which stays.

    It is written as a session is, so that it lives as long as one that is saved now,
    and clearsessions removes it then.
    """

    # Django's file engine never ends a session whose set_expiry() is in seconds.
    enforces_expiry = True

    def written_at(self, now: float) -> float:
        try:
            return float(self.session._last_modification().timestamp())
        except OSError:  # another request has ended the session meanwhile
            return now

    @cached_property
    def name(self) -> str:
        # A session key that nobody can guess, nor give to a session of their own.
        salt = "session_timeout.entries"
        return salted_hmac(salt, self.key, algorithm="sha256").hexdigest()

    def get(self) -> Steps[object]:
        data = yield from load(self.open())
        return data and data.get(KEY)

    def set(self, stamp: Record) -> Steps[None]:
        entry, data = self.open(), loaded(self.session) or {}
        entry._session_cache = {KEY: stamp.stored()}
        if EXPIRY_KEY in data:
            entry._session_cache[EXPIRY_KEY] = data[EXPIRY_KEY]
        try:
            yield Call(entry.save, entry.asave)
        except UpdateError:  # there is none yet
            # Unless another request has written the first one in this moment.
            with suppress(CreateError):
                yield Call(entry.save, entry.asave, must_create=True)

    def delete(self) -> Steps[None]:
        entry = self.open()
        yield Call(entry.delete, entry.adelete)

    def open(self) -> Any:
        return type(self.session)(self.name)


class CachedRow(Entry):
    """The cached_db engine: the row, since caches are flushed, and the entry, since
    sessions are read from the cache. The cached copy of the session is left alone.
    """

    def latest(self) -> Steps[Record | None]:
        # A cache that refuses writes, or has evicted the entry, knows less.
        entry = yield from self.read()
        row = yield from Row(self.session, self.key).latest()
        if entry is None or (row and row.last_activity > entry.last_activity):
            return row
        return entry

    def stamp(self, seen: Record, stamp: Record, grace: float) -> Steps[bool]:
        try:
            stamped = yield from Row(self.session, self.key).stamp(seen, stamp, grace)
        except DatabaseError:
            logger.warning("A session's row could not be stamped.", exc_info=True)
            stamped = True
        return stamped and (yield from super().stamp(seen, stamp, grace))
