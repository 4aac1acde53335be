"""python -m benchmarks.clearing: clear a million sessions, of which half are idle.

Prints the time and the memory that it takes, beside those of reading the rows alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.conf import settings

LIMIT, BATCH = 1800, 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clearing")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with TemporaryDirectory() as directory:
        set_up(os.path.join(directory, "db.sqlite3"))
        measure(options.rows)


def set_up(path: str) -> None:
    from benchmarks.contestants import OURS, SESSIONS

    settings.configure(
        SECRET_KEY="benchmark",  # noqa: S106
        INSTALLED_APPS=["django.contrib.sessions", "session_timeout"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path}},
        MIDDLEWARE=[SESSIONS, OURS],
        SESSION_EXPIRE_SECONDS=LIMIT,
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def rows(count: int, now: float) -> Iterator[Any]:
    """Yield sessions of users, every other one of which has been idle for too long."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    store = SessionStore()
    expire_date = datetime.fromtimestamp(now, UTC) + timedelta(days=14)
    for number in range(count):
        last = now - (2 * LIMIT if number % 2 else 60)
        record = {"started_at": last, "last_activity": last, "expires_at": now + 10**6}
        data = store.encode({"_auth_user_id": str(number), "_session_timeout": record})
        key = f"{number * 2_654_435_761 % 2**32:032x}"
        yield Session(session_key=key, session_data=data, expire_date=expire_date)


def measure(count: int) -> None:
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from session_timeout.clearing import clear, shelf_of
    from session_timeout.conf import config

    now = time.time()
    Session.objects.bulk_create(rows(min(count, BATCH), now))
    limits = config().limits
    assert limits is not None  # noqa: S101
    *_, _ = clear(SessionStore, limits, now, batch_size=BATCH)
    Session.objects.all().delete()
    say("%d rows, batches of %d", count, BATCH)
    made = rows(count, now)
    for _ in range(0, count, 10_000):
        Session.objects.bulk_create(row for _, row in zip(range(10_000), made))  # noqa: B905
    before = peak()
    start = time.perf_counter()
    for _ in shelf_of(SessionStore).batches(BATCH):
        pass
    reading = time.perf_counter() - start
    start = time.perf_counter()
    *_, tally = clear(SessionStore, limits, now, batch_size=BATCH)
    clearing = time.perf_counter() - start
    say("removed: %d of %d", tally.ended.total(), tally.seen)
    say("reading alone: %.0f s", reading)
    say("clearing: %.0f s, %.1f times as long", clearing, clearing / reading)
    say("more memory than before: %.1f MB", (peak() - before) / 1024)


def peak() -> int:
    """Return the largest amount of memory that the process has had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def say(text: str, *args: object) -> None:
    sys.stdout.write(text % args + "\n")


if __name__ == "__main__":
    main()
