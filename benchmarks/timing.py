"""How long a request takes, beside Django alone in the same round."""

from __future__ import annotations

import gc
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import sqrt
from statistics import median
from typing import Any

from benchmarks.clock import Clock, shifted_clock
from benchmarks.contestants import ALONE, BASELINE, CONTESTANTS, NAME, using
from benchmarks.site import Jar, Site, log_in

AGAIN = "Django alone, once more"
PAUSE = 60  # seconds, longer than every grace period
STAMPING = ", every request writing"


@dataclass(frozen=True)
class Cell:
    """One thing to be timed: a site, some settings, a path, a session."""

    label: str
    site: Site
    settings: Mapping[str, Any]
    path: str
    jar: Jar
    clock: Clock | None = None

    def time(self, count: int) -> float:
        """Return the median time of a request, in seconds, out of so many."""
        with using(self.settings):
            if self.clock is None:
                return self._time(count)
            with shifted_clock(self.clock):
                return self._time(count)

    def _time(self, count: int) -> float:
        tick = partial(self.clock.tick, PAUSE) if self.clock else None
        self.site.get(self.path, self.jar)  # the settings are parsed, caches warm
        return median(self.site.times(self.path, self.jar.header(), count, tick))


def groups(sites: Mapping[str, Site], user: Any) -> dict[str, list[Cell]]:
    """Return what is timed, by view; each group begins with Django alone."""

    def cell(label: str, name: str, path: str, clock: Clock | None = None) -> Cell:
        settings, jar = sites[name].contestant.settings, log_in(user)
        with using(settings):
            sites[name].get("/write/cart/", jar)  # after a login, there is a record
        return Cell(label, sites[name], settings, path, jar, clock)

    names = [c.name for c in CONTESTANTS if c.name in sites]
    again = cell(AGAIN, ALONE, "/user/")
    stamping = [
        cell(c.name + STAMPING, c.name, "/user/", Clock(standing=False))
        for c in CONTESTANTS
        if c.name in sites and c.rests
    ]
    return {
        "user": [*(cell(n, n, "/user/") for n in names), again, *stamping],
        "plain": [cell(n, n, "/plain/") for n in names],
        "public": [cell(n, n, "/public/") for n in (ALONE, NAME)],
    }


def measure(cells: list[Cell], rounds: int, count: int) -> dict[str, Any]:
    """Time all cells in each round, in an order that is shuffled anew."""
    shuffled, order = random.Random(1), list(cells)  # noqa: S311
    times: dict[str, list[float]] = {cell.label: [] for cell in cells}
    for cell in cells:
        cell.time(count)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for number in range(rounds):
            shuffled.shuffle(order)
            for cell in order:
                times[cell.label].append(cell.time(count) * 1e6)
            if number % 20 == 19:
                gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    alone = times[BASELINE.name]
    return {label: compare(taken, alone) for label, taken in times.items()}


def compare(taken: list[float], alone: list[float]) -> dict[str, Any]:
    """Return the medians of the paired rounds, in microseconds, and their range.

    low and high bound the median of the added time by a 95 % interval, from the
    order of the rounds alone.
    """
    added = sorted(a - b for a, b in zip(taken, alone, strict=True))
    ratios = [a / b for a, b in zip(taken, alone, strict=True)]
    middle, width = len(added) / 2, 0.98 * sqrt(len(added))
    return {
        "microseconds": median(taken),
        "added": median(added),
        "low": added[max(int(middle - width), 0)],
        "high": added[min(int(middle + width), len(added) - 1)],
        "ratio": median(ratios),
        "rounds": len(added),
    }
