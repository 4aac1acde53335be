"""What a process remembers of the entries beside sessions."""

from __future__ import annotations

from math import inf
from threading import Lock

from session_timeout.policy import Record


class Memory:
    """The stamps this process has read or written within the grace period.

    They save reads of the entry beside the session. A stamp that has been true
    stays true, so that believing an old one can only end a session too early; and
    before that, the entry is read.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._notes: dict[str, tuple[Record | None, float]] = {}
        self._lock = Lock()

    def note(self, name: str, record: Record | None, now: float) -> None:
        with self._lock:
            self._notes.pop(name, None)
            self._notes[name] = record, now
            if len(self._notes) > self._size:
                del self._notes[next(iter(self._notes))]

    def recall(self, name: str, now: float, grace: float) -> tuple[bool, Record | None]:
        """Return whether the entry is known, and the entry (None: there is none)."""
        record, noted_at = self._notes.get(name, (None, -inf))
        known = 0 <= now - noted_at < grace
        return known, record if known else None

    def forget(self, name: str) -> None:
        with self._lock:
            self._notes.pop(name, None)
