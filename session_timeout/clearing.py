"""Removing the sessions that are past a limit, which nobody may ever ask for again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS, SessionBase
from django.db import router, transaction

from session_timeout import store
from session_timeout.copies import EXPIRY_KEY, Copy, Row
from session_timeout.engines import engine_for
from session_timeout.entries import CachedRow, File
from session_timeout.policy import (
    Limits,
    MalformedRecordError,
    Reason,
    Record,
    as_of,
    deadline,
    merge,
)
from session_timeout.steps import run

Found = tuple[str, Any]  # a session's key, and what is stored under it
KEY_CHARACTERS = frozenset(VALID_KEY_CHARS)


class NotClearableError(Exception):
    """The engine's sessions cannot be walked through."""


@dataclass
class Tally:
    """How many sessions have been looked at, and how many removed for which reason."""

    seen: int = 0
    ended: Counter[Reason] = field(default_factory=Counter)


class Rows:
    """The sessions of the db engine, its subclasses and cached_db."""

    def __init__(self, session_store: Any) -> None:
        self.store = session_store
        self.session = session_store()
        self.model = self.session.model
        using = router.db_for_write(self.model)
        self.rows = self.model._base_manager.using(using)

    def batches(self, size: int) -> Iterator[list[Found]]:
        """Yield all sessions, so many at once, in the order of their keys.

        Nothing stays open in between; what is added meanwhile may be passed over.
        """
        rows = self.rows.order_by("pk").values_list("pk", "session_data")
        batch = list(rows[:size])
        while batch:
            yield batch
            batch = list(rows.filter(pk__gt=batch[-1][0])[:size])

    def decode(self, stored: Any) -> store.Data:
        return self.session.decode(stored)  # type: ignore[no-any-return]

    def remove(self, batch: Iterable[Found]) -> list[str]:
        """Remove sessions that are still what they were; return their keys.

        One that has been stamped or written since stays.
        """
        removed = []
        with transaction.atomic(using=self.rows.db):
            for key, stored in batch:
                if self.rows.filter(pk=key, session_data=stored).delete()[0]:
                    removed.append(key)
        if issubclass(engine_for(self.store), CachedRow):
            for key in removed:  # now that nobody can read the row into the cache again
                session = self.store(key)
                session.delete()
                run(CachedRow(session, key).forget())
        return removed


class Files:
    """The sessions of the file engine, and its entries, which are files like them."""

    def __init__(self, session_store: Any) -> None:
        self.store = session_store
        self.session = session_store()

    def batches(self, size: int) -> Iterator[list[Found]]:
        """Yield all files that are sessions, so many at once."""
        with os.scandir(self.session.storage_path) as files:
            found = (each for each in map(self.read, files) if each is not None)
            while batch := list(islice(found, size)):
                yield batch

    def read(self, file: os.DirEntry[str]) -> Found | None:
        """Return a session's key, its text, and which file it was."""
        prefix = self.session.file_prefix
        key = file.name.removeprefix(prefix)
        # Others are written to while they have a name with an underscore.
        if file.name != prefix + key or not KEY_CHARACTERS.issuperset(key):
            return None
        try:
            with open(file.path, encoding="ascii") as opened:
                return key, (opened.read(), mark(os.fstat(opened.fileno())))
        except (OSError, ValueError):  # ended meanwhile, or no session
            return None

    def decode(self, stored: Any) -> store.Data:
        return self.session.decode(stored[0]) if stored[0] else {}

    def remove(self, batch: Iterable[Found]) -> list[str]:
        """Remove files that are still what they were; return their keys."""
        removed = []
        for key, (_, seen) in batch:
            path = self.session._key_to_file(key)
            try:
                if mark(os.stat(path)) == seen:
                    os.unlink(path)
                    removed.append(key)
            except OSError:  # it has been ended meanwhile
                continue
            run(File(self.store(key), key).forget())
        return removed


def mark(stat: os.stat_result) -> tuple[int, int]:
    """Return what is another for a session that has been saved again."""
    return stat.st_ino, stat.st_mtime_ns


def clear(
    session_store: type[SessionBase],
    limits: Limits,
    now: float,
    *,
    batch_size: int = 1000,
    dry_run: bool = False,
) -> Iterator[Tally]:
    """Remove the sessions that are past a limit at now (Unix seconds).

    Yields the tally after each batch, always the same object. Sessions without a
    record are left alone, and so are those that only Django's own limit has ended:
    they are for clearsessions. With dry_run, nothing is removed.

    Raises NotClearableError where the engine keeps sessions elsewhere than in rows and
    files.
    """
    shelf = shelf_of(session_store)
    tally = Tally()
    for batch in shelf.batches(batch_size):
        ended = {}
        for key, stored in batch:
            data = shelf.decode(stored)
            # An entry is judged by itself: what is past a limit is of no use to the
            # session that it belongs to, which then is past it too, or knows better.
            tally.seen += not is_entry(data)
            engine = engine_for(session_store)(session_store(key), key)
            reason = why_ended(engine, data, limits, now)
            if reason is not None:
                ended[key] = stored, None if is_entry(data) else reason
        doomed = [(key, stored) for key, (stored, _) in ended.items()]
        for key in ended if dry_run else shelf.remove(doomed):
            reason = ended[key][1]
            tally.ended.update([reason] if reason else [])
        yield tally


def shelf_of(session_store: type[SessionBase]) -> Rows | Files:
    engine = engine_for(session_store)
    if issubclass(engine, Row | CachedRow):
        return Rows(session_store)
    if issubclass(engine, File):
        return Files(session_store)
    raise NotClearableError(session_store)


def is_entry(data: store.Data) -> bool:
    """Whether that is all that an entry beside a session holds."""
    return store.KEY in data and data.keys() <= {store.KEY, EXPIRY_KEY}


def why_ended(
    engine: Copy, data: store.Data, limits: Limits, now: float
) -> Reason | None:
    """Return by which limit the middleware would end a session, or None."""
    try:
        record = store.find(data)
        if record is None and (stamp := store.find_labd(data)) is not None:
            record = Record(stamp, stamp, inf)
        reason = judge(record, limits, now)
        if reason is not None:
            record = merge(record, run(engine.beside(now)), now)
            reason = judge(record, limits, now)
    except MalformedRecordError:
        return Reason.INVALID
    return reason


def judge(record: Record | None, limits: Limits, now: float) -> Reason | None:
    if record is None:
        return None
    when, reason = deadline(as_of(record, now), limits, cookie_age=False)
    return reason if when <= now else None
