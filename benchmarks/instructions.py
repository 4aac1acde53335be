"""How many instructions a request takes, by callgrind: the same on a busy machine.

valgrind runs a worker in which each call of os.getpgid() ends one count and begins the
next. The contestants take turns in the same process. Who comes first there, and where
Python keeps its objects, changes the count by some thousands: so there is a worker for
each order, with a hash seed and addresses of its own, and the mean counts.
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterable, Sequence
from itertools import permutations
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.clock import Clock, shifted_clock
from benchmarks.contestants import BASELINE, CONTESTANTS, Contestant, using
from benchmarks.site import Site, log_in

COUNTED: Sequence[Contestant] = [
    contestant
    for contestant in CONTESTANTS
    if contestant is BASELINE or contestant.rests
]
ORDERS: Sequence[Sequence[Contestant]] = [*permutations(COUNTED)]
MARK = "getpgid"
ROUNDS = 4
REQUESTS = 10  # of a contestant in a round
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


def count(sites: Sequence[Site], user: Any) -> None:
    """Count requests of sessions in which a view has written some time ago."""
    with using(SETTINGS):
        cookies = [begin_session(site, user) for site in sites]
        for _ in range(2):  # caches fill
            send(sites, cookies)
        gc.collect()
        gc.disable()
        for _ in range(ROUNDS):
            send(sites, cookies)
        gc.enable()


def begin_session(site: Site, user: Any) -> str:
    """Return the cookie of a session that has been in use."""
    clock = Clock(standing=False)
    clock.tick(-PAUSE)
    with shifted_clock(clock):
        jar = log_in(user)
        site.get("/write/cart/", jar)
    site.get("/user/", jar)
    return jar.header()


def send(sites: Iterable[Site], cookies: Iterable[str]) -> None:
    for site, cookie in zip(sites, cookies, strict=True):
        os.getpgid(0)
        for _ in range(REQUESTS):
            site.send("/user/", cookie)
    os.getpgid(0)


def totals(directory: Path, order: Sequence[Contestant]) -> dict[str, int]:
    """Return the instructions of a request, by contestant, as a worker counted them."""
    dumps = sorted(directory.glob("counted.*"), key=lambda path: int(path.suffix[1:]))
    # A dump begins with the mark before it; one comes between two rounds.
    size = len(order) + 1
    counted = [read_total(path) for path in dumps[1 + 2 * size : (2 + ROUNDS) * size]]
    return {
        contestant.name: int(median(counted[place::size])) // REQUESTS
        for place, contestant in enumerate(order)
    }


def read_total(dump: Path) -> int:
    found = re.search(r"^totals: (\d+)", dump.read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
