"""How many instructions a request takes, by callgrind: the same on a busy machine.

valgrind runs a worker, in which each call of os.getpgid() ends one count and begins the
next.
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.clock import Clock, shifted_clock
from benchmarks.contestants import using
from benchmarks.site import Site, log_in

MARK = "getpgid"
REQUESTS = 200
WARM_UP = 20  # requests; Python specialises its bytecode while it runs
# The grace period is long enough that nothing is written while requests are counted.
SETTINGS = {
    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 900,
    "SESSION_EXPIRE_SECONDS": 1800,
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


def count(sites: dict[str, Site], user: Any) -> list[str]:
    """Make the requests of each site between two marks; return the sites' names."""
    first = next(iter(sites.values()))
    repeat(first, user)  # the first site would pay for what Django has not cached yet
    for site in sites.values():
        repeat(site, user)
    return [*sites]


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


def totals(directory: Path) -> Iterator[int]:
    """Yield the instructions of one request, for each site that has been counted."""
    dumps = sorted(directory.glob("counted.*"), key=lambda path: int(path.suffix[1:]))
    for dump in dumps[3::2]:  # after those of the first site
        found = re.search(r"^totals: (\d+)", dump.read_text(), re.MULTILINE)
        yield int(found[1]) // REQUESTS if found else 0
