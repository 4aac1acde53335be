"""How many instructions a request takes, by callgrind: the same on a busy machine.

valgrind runs a worker for each contestant, in which each call of os.getpgid() ends one
count and begins the next. Where Python keeps its objects changes the count by some
thousands, so workers with several hash seeds are run, and the median counts.
"""

from __future__ import annotations

import gc
import os
import re
from pathlib import Path
from typing import Any

from benchmarks.clock import Clock, shifted_clock
from benchmarks.contestants import using
from benchmarks.site import Site, log_in

MARK = "getpgid"
REQUESTS = 20
WARM_UP = 10  # requests
# The grace period is long enough that nothing is written while requests are counted.
SETTINGS = {
    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 900,
    "SESSION_EXPIRE_SECONDS": 1800,
    "SESSION_TIMEOUT_EXEMPT_URLS": [],  # as it is by default
}
PAUSE = 1000  # seconds; longer than the grace period


def valgrind(directory: Path) -> list[str]:
    """Return the command that counts what the worker after it does."""
    return [
        "valgrind",
        "--quiet",
        "--tool=callgrind",
        f"--dump-before={MARK}",
        f"--callgrind-out-file={directory}/counted",
    ]


def count(site: Site, user: Any) -> None:
    """Count the requests of a session, after one with which caches fill."""
    for _ in range(2):
        repeat(site, user)


def repeat(site: Site, user: Any) -> None:
    """Count the requests of a session in which a view has written some time ago."""
    with using({**site.contestant.settings, **SETTINGS}):
        clock = Clock(standing=False)
        clock.tick(-PAUSE)
        with shifted_clock(clock):
            jar = log_in(user)
            site.get("/write/cart/", jar)
        for _ in range(WARM_UP):
            site.get("/user/", jar)
        cookie = jar.header()
        gc.collect()
        gc.disable()
        os.getpgid(0)
        for _ in range(REQUESTS):
            site.send("/user/", cookie)
        os.getpgid(0)
        gc.enable()


def total(directory: Path) -> int:
    """Return the instructions of a request, from what a worker has left."""
    dumps = sorted(directory.glob("counted.*"), key=lambda path: int(path.suffix[1:]))
    found = re.search(r"^totals: (\d+)", dumps[3].read_text(), re.MULTILINE)
    return int(found[1]) // REQUESTS if found else 0
