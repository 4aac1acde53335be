"""What was counted, each outside the restarts or by the restart it belongs to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf

RECOVERY = 3.0  # seconds after a restart that still belong to it
NOTES = 5  # failures of each kind that are described


@dataclass
class Window:
    """A restart, from when it began until all has recovered (Unix seconds)."""

    name: str
    start: float
    end: float = inf

    def __str__(self) -> str:
        return f"{self.name}, {self.end - self.start:.0f} s"


class Windows(list[Window]):
    @contextmanager
    def open(self, name: str) -> Iterator[None]:
        self.append(Window(name, time.time()))
        yield
        self[-1].end = time.time() + RECOVERY

    def at(self, began: float, ended: float) -> str | None:
        """Return the restart that something met; None if it met none."""
        for window in self:
            if window.start <= ended and began <= window.end:
                return window.name
        return None


@dataclass
class Tally:
    """The counts of one contestant."""

    counts: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(
        self, what: str, where: str | None, note: str = "", number: int = 1
    ) -> None:
        self.counts[what, where] += number
        if note and self.counts[what, where] <= NOTES:
            at = where or "outside restarts"
            self.notes.append(f"{time.strftime('%X')} {what}, {at}: {note}")

    def outside(self, what: str) -> int:
        return self.counts[what, None]

    def at(self, what: str, where: str) -> int:
        return self.counts[what, where]

    def at_restarts(self, what: str) -> int:
        return self.total(what) - self.outside(what)

    def total(self, what: str) -> int:
        return sum(count for (name, _), count in self.counts.items() if name == what)
