"""What 100,000 requests leave in memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

from benchmarks.contestants import GRACE, using
from benchmarks.site import Site, log_in

REQUESTS = 100_000
WARM = 20_000  # by then, all is full that the package remembers a number of
SESSIONS = 100


def growth(site: Site, user: Any, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the traced bytes after 20,000 requests and after 100,000 more.

    Every request stamps, in a hundred sessions by turns.
    """
    jars = [log_in(user) for _ in range(SESSIONS)]
    with using({GRACE: 0}):
        send(site, jars, 1000)
        tracemalloc.start()
        send(site, jars, WARM)
        before = traced()
        say(f"memory: {before[0]} bytes after {WARM} requests")
        send(site, jars, REQUESTS)
        after = traced()
        tracemalloc.stop()
    return {
        "requests": REQUESTS,
        "before": before[0],
        "after": after[0],
        "package_before": before[1],
        "package_after": after[1],
    }


def send(site: Site, jars: list[Any], requests: int) -> None:
    for number in range(requests):
        site.get("/plain/", jars[number % SESSIONS])


def traced() -> tuple[int, int]:
    """Return the bytes in use, and those of them that the package has allocated."""
    gc.collect()
    ours = tracemalloc.Filter(inclusive=True, filename_pattern="*/session_timeout/*")
    statistics = (
        tracemalloc.take_snapshot().filter_traces([ours]).statistics("filename")
    )
    return tracemalloc.get_traced_memory()[0], sum(s.size for s in statistics)
