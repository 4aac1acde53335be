"""What lies in a store: gone through in batches, removed only as it was read.

The site is running meanwhile. Whatever it writes to a session between the reading and
the removal keeps that session.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.db import connections, router, transaction

from session_timeout.copies import EXPIRY_KEY, Row
from session_timeout.engines import engine_for, engine_of
from session_timeout.entries import CachedRow, File
from session_timeout.store import KEY, Data

AT_ONCE = 500  # rows locked together; some databases take no more than 999 parameters

logger = logging.getLogger("session_timeout")


class Stored(NamedTuple):
    """A session as it was read: as_read tells whether it has changed since."""

    key: str
    data: Data  # {} where it could not be decoded
    as_read: Any


Batch = list[Stored]


class Rows:
    """The db engine, its subclasses and their models."""

    enforces_expiry = False

    def __init__(self, session: Any) -> None:
        self.session = session
        model = session.model
        self.using = router.db_for_write(model)
        self.rows = model.objects.using(self.using)

    def batches(self, size: int) -> Iterator[Batch]:
        """Go through the rows by their keys.

        Each batch is a query of its own, which the index answers: nothing is held open,
        or in memory, between two of them.
        """
        last = ""
        while batch := self.read(last, size):
            last = batch[-1].key
            yield batch

    def read(self, last: str, size: int) -> Batch:
        rows = self.rows.filter(session_key__gt=last).order_by("session_key")
        found = rows.values_list("session_key", "session_data")[:size]
        return [Stored(key, self.session.decode(raw), raw) for key, raw in found]

    def beside(self, batch: Batch) -> dict[str, Any]:
        """Return what is kept beside these sessions, as it is stored, by their keys."""
        return {}

    def remove(self, batch: Batch) -> set[str]:
        """Remove the sessions that are as they were read; return their keys."""
        removed: set[str] = set()
        for part in parts(batch, AT_ONCE):
            with transaction.atomic(using=self.using):
                keys = self.lock_unchanged({item.key: item.as_read for item in part})
                if keys:  # some models' own delete() cannot do without
                    self.rows.filter(session_key__in=keys).delete()
            removed.update(keys)
        return removed

    def lock_unchanged(self, as_read: dict[str, str]) -> list[str]:
        features = connections[self.using].features
        if not features.has_select_for_update:
            # SQLite has one lock for all: a write that meets no row takes it.
            self.rows.filter(session_key="").update(session_data="")
        # A row that is locked is in use, and not waited for.
        skips = features.has_select_for_update_skip_locked
        rows = self.rows.filter(session_key__in=as_read)
        stored = rows.select_for_update(skip_locked=skips)
        found = stored.values_list("session_key", "session_data")
        return [key for key, data in found if data == as_read[key]]


class CachedRows(Rows):
    """The cached_db engine: rows, with a copy and an entry in the cache for each."""

    def name(self, key: str) -> str:
        return engine_of(self.session, key).name  # type: ignore[attr-defined, no-any-return]

    def beside(self, batch: Batch) -> dict[str, Any]:
        keys = {self.name(item.key): item.key for item in batch}
        try:
            found = self.session._cache.get_many(keys)
        except Exception:  # the row has each stamp as well
            logger.warning("The sessions' entries could not be read.", exc_info=True)
            return {}
        return {keys[name]: raw for name, raw in found.items()}

    def remove(self, batch: Batch) -> set[str]:
        removed = super().remove(batch)
        # After the rows, or another request might copy a row into the cache again.
        prefix = self.session.cache_key_prefix
        names = [name for key in removed for name in (self.name(key), f"{prefix}{key}")]
        try:
            self.session._cache.delete_many(names)
        except Exception:  # a copy has a record of its own, by which it is refused
            logger.warning("Removed sessions stay in the cache.", exc_info=True)
        return removed


class Files:
    """The file engine: a file for each session, and one beside it for its stamps.

    No file system removes a file on condition. Each is looked at once more just
    before it is removed; what remains is the moment between these two calls.
    """

    enforces_expiry = True  # see entries.File

    def __init__(self, session: Any) -> None:
        self.session = session
        self.entries: dict[str, Any] = {}  # as they were read, by the sessions' keys

    def batches(self, size: int) -> Iterator[Batch]:
        with os.scandir(self.session.storage_path) as entries:
            found = (self.read(key) for key in map(self.key_of, entries) if key)
            sessions = (item for item in found if item and not is_entry(item))
            yield from parts(sessions, size)

    def key_of(self, entry: os.DirEntry[str]) -> str | None:
        """Return the session key in a file's name, if there is one."""
        prefix, name = self.session.file_prefix, entry.name
        key = name.removeprefix(prefix)
        is_key = name.startswith(prefix) and set(key) <= set(VALID_KEY_CHARS)
        return key if is_key and entry.is_file() else None

    def read(self, key: str) -> Stored | None:
        """Return the session in a file, or None if there is no file.

        load() would delete it where Django's own limit has passed, and create another.
        """
        path = self.session._key_to_file(key)
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                as_read, text = signature(os.fstat(file.fileno())), file.read()
        except FileNotFoundError:
            return None
        # Django creates a file before it writes to it.
        return Stored(key, self.session.decode(text) if text else {}, as_read)

    def beside(self, batch: Batch) -> dict[str, Any]:
        found = {item.key: self.read(self.name(item.key)) for item in batch}
        self.entries = {key: entry.as_read for key, entry in found.items() if entry}
        return {key: entry.data.get(KEY) for key, entry in found.items() if entry}

    def remove(self, batch: Batch) -> set[str]:
        """Remove the sessions that are as they were read, and those beside()."""
        removed = set()
        for key, _, as_read in batch:
            entry = self.name(key)
            if self.look(key) == as_read and self.look(entry) == self.entries.get(key):
                self.session.delete(key)
                self.session.delete(entry)
                removed.add(key)
        return {key for key in removed if not self.session.exists(key)}

    def look(self, key: str) -> Any:
        try:
            return signature(os.stat(self.session._key_to_file(key)))
        except FileNotFoundError:
            return None

    def name(self, key: str) -> str:
        return engine_of(self.session, key).name  # type: ignore[attr-defined, no-any-return]


Inventory = Rows | Files


def inventory_of(session: Any) -> Inventory | None:
    """Return how the sessions of this class are gone through, or None.

    A cache cannot be gone through, and removes what has expired by itself; a cookie
    lies with its visitor.
    """
    engine = engine_for(session.__class__)
    if issubclass(engine, CachedRow):
        return CachedRows(session)
    if issubclass(engine, File):
        return Files(session)
    return Rows(session) if issubclass(engine, Row) else None


def parts(items: Iterable[Stored], size: int) -> Iterator[Batch]:
    """Cut what may be long into lists that are not."""
    left = iter(items)
    while part := list(islice(left, size)):
        yield part


def signature(status: os.stat_result) -> tuple[int, int, int]:
    """Return what changes when a session is saved: each save makes a new file."""
    return status.st_ino, status.st_mtime_ns, status.st_size


def is_entry(item: Stored) -> bool:
    """Whether a file is one beside a session: see entries.File.

    It goes with its session. One that is left without is removed by clearsessions.
    """
    return len(item.key) == 64 and item.data.keys() <= {KEY, EXPIRY_KEY}
