"""What clear_idle_sessions takes: python -m benchmarks.clearing --rows 1000000."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, cycle, islice
from resource import RUSAGE_SELF, getrusage

import django

from benchmarks import stores
from benchmarks.__main__ import cpu
from session_timeout.signals import session_cleared

LABELS = {label.partition(", ")[2]: label for label in list(stores.STORES)[:2]}
IDLE = 9  # of ten sessions
LIMIT = 1800
# Sessions with data of their own; the others have the same as one of them.
VARIETY = 1000
NUMBERS = count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--batch-size", type=int, default=1000)
    parser.add_argument("--database", choices=LABELS, default="SQLite")
    parser.add_argument(
        "--receiver", action="store_true", help="write a row for each session too"
    )
    options = parser.parse_args()
    label = LABELS[options.database]
    if problem := stores.problem(label):
        parser.error(problem)
    with stores.store(label, "sync") as store:
        os.environ["BENCHMARK_STORE"] = json.dumps(store)
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
        django.setup()
        if options.receiver:
            session_cleared.connect(write_row)
        measure(options.rows, options.batch_size, options.database)


def measure(rows: int, batch_size: int, database: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    from session_timeout.cleanup import delete_idle_sessions, get_site_backend
    from session_timeout.policy import Limits

    call_command("migrate", verbosity=0)
    now = time.time()
    fill(rows, now)
    before, began = peak(), time.perf_counter()
    steps = delete_idle_sessions(
        get_site_backend(), Limits(LIMIT), now, batch_size=batch_size
    )
    (counts,) = deque(steps, 1)
    seconds, after = time.perf_counter() - began, peak()
    left = rows - counts.removed.total()
    say(f"{cpu()}, {os.cpu_count()} cores; Python {platform.python_version()}, ")
    say(f"Django {django.__version__}, {database}\n")
    say(f"{counts.seen} sessions, batches of {batch_size}: {counts.removed.total()} ")
    say(f"removed in {seconds:.0f} s, {left} left\n")
    say(f"memory: {before:.0f} MiB before, {after:.0f} MiB at the most\n")
    connection.close()


def write_row(sender: type, user_id: str, reason: str, **kwargs: object) -> None:
    """Write a row to some table, as an audit trail would."""
    from django.contrib.contenttypes.models import ContentType

    ContentType.objects.create(app_label=reason, model=f"{user_id}-{next(NUMBERS)}")


def fill(rows: int, now: float) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    expire_date = timezone.now() + timedelta(days=14)
    keys = (f"{number:032x}" for number in range(rows))
    sessions = (
        Session(session_key=key, session_data=data, expire_date=expire_date)
        for key, data in zip(keys, encoded(now), strict=False)
    )
    while batch := list(islice(sessions, 1000)):
        Session.objects.bulk_create(batch)


def encoded(now: float) -> Iterator[str]:
    """Yield what sessions hold, of nine idle ones and one in use by turns."""
    from django.contrib.sessions.backends.db import SessionStore

    from session_timeout.backends import RECORD_KEY
    from session_timeout.policy import Record

    session = SessionStore()
    kinds = []
    for number in range(VARIETY):
        idle_for = LIMIT + number if number % 10 < IDLE else number
        data = {
            "_auth_user_id": str(number),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": f"{number:064x}",
            "cart": list(range(number % 50)),
            RECORD_KEY: Record(now - 7200, now - idle_for, now + 1e6).encode(),
        }
        kinds.append(session.encode(data))
    return cycle(kinds)


def peak() -> float:
    """Return the most memory that this process has had so far, in MiB."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def say(text: str) -> None:
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
