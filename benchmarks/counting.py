"""What is counted, by a clock that is moved: queries, headers, threads, endings."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from asgiref.sync import AsyncToSync, SyncToAsync
from django.contrib.sessions.backends.file import SessionStore as FileStore
from django.core.cache.backends.locmem import LocMemCache
from django.db.backends.utils import CursorWrapper

from benchmarks.clock import moved_clock
from benchmarks.contestants import using
from benchmarks.site import Answer, Site, log_in

REQUESTS = {"sync": 1000, "async": 360}
STANDING = 100
PAUSE = 10  # seconds between two clicks
HOUR = 3600 // PAUSE
COOKIE_AGE = 7200

counts: Counter[str] = Counter()


class CountedCache(LocMemCache):
    """A cache whose time is the moved clock's, which no Redis follows."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        counts["reads"] += 1
        return super().get(*args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        counts["writes"] += 1
        return super().set(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        counts["writes"] += 1
        return super().add(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        counts["writes"] += 1
        return super().delete(*args, **kwargs)


VERBS = dict.fromkeys(["INSERT", "UPDATE", "DELETE"], "writes") | {"SELECT": "reads"}


@contextmanager
def counting() -> Iterator[None]:
    """Count statements to the database, files of sessions, and changes of threads."""
    execute = CursorWrapper.execute
    load, save = FileStore.load, FileStore.save
    hop, back = SyncToAsync.__call__, AsyncToSync.__call__

    def counted_execute(self: Any, sql: Any, params: Any = None) -> Any:
        counts[VERBS.get(str(sql).split(maxsplit=1)[0], "other")] += 1
        return execute(self, sql, params)

    def counted_load(self: FileStore) -> Any:
        counts["reads"] += 1
        return load(self)

    def counted_save(self: FileStore, must_create: bool = False) -> None:
        counts["writes"] += 1
        save(self, must_create)
        # The engine asks the file how old it is, which the moved clock does not know.
        os.utime(self._key_to_file(), (time.time(), time.time()))

    async def counted_hop(self: Any, *args: Any, **kwargs: Any) -> Any:
        counts["hops"] += 1
        return await hop(self, *args, **kwargs)

    def counted_back(self: Any, *args: Any, **kwargs: Any) -> Any:
        counts["hops"] += 1
        return back(self, *args, **kwargs)

    with (
        patch.object(CursorWrapper, "execute", counted_execute),
        patch.object(FileStore, "load", counted_load),
        patch.object(FileStore, "save", counted_save),
        patch.object(SyncToAsync, "__call__", counted_hop),
        patch.object(AsyncToSync, "__call__", counted_back),
        using({"SESSION_CACHE_ALIAS": "counted"}),
    ):
        yield


def run(site: Site, user: Any, path: str, pause: float, requests: int) -> dict:
    """Return what so many requests count, the first one after the login apart."""
    with counting(), moved_clock() as clock, using(site.contestant.settings):
        jar = log_in(user)
        site.get(path, jar)
        counts.clear()
        hour: Counter[str] = Counter()
        for number in range(requests):
            if number == HOUR:
                hour = Counter(counts)
            clock.tick(pause)
            counts["stamps"] += note(site.get(path, jar))
        return {"requests": requests, **counts, "hour": dict(hour or counts)}


def note(answer: Answer) -> bool:
    """Count the headers, and return whether the request has stored anything."""
    if answer.status != 200:
        raise RuntimeError(f"status {answer.status}")
    cookies = answer.count("set-cookie")
    counts["cookies"] += cookies
    counts["varies"] += answer.count("vary", "Cookie")
    written, counts["noted"] = counts["writes"] - counts["noted"], counts["writes"]
    return bool(written or cookies)


def count(site: Site, user: Any, requests: int) -> dict[str, Any]:
    """Count between stamps, and at one click per 10 s, by view."""
    return {
        "standing": {
            view: run(site, user, f"/{view}/", 0, STANDING)
            for view in ("user", "plain", "public")
        },
        "clicks": {
            view: run(site, user, f"/{view}/", PAUSE, requests)
            for view in ("user", "plain")
        },
    }


def ends_at_cookie_age(site: Site, user: Any) -> bool:
    """Whether Django's own limit ends a session that is clicked in all the time."""
    changes = {**site.contestant.settings, "SESSION_COOKIE_AGE": COOKIE_AGE}
    with counting(), moved_clock() as clock, using(changes):
        jar = log_in(user)
        for _ in range(COOKIE_AGE // 60 + 2):
            answer = site.get("/user/", jar)
            clock.tick(60)
        return answer.body.decode() != user.get_username()
