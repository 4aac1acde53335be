"""The side records that this process has lately read or written."""

from threading import Lock
from typing import Any

from session_timeout.policy import Record, merge_records

SIZE = 10_000  # side records of each SessionStore


class Recent:
    """A side record (None: there is none), and when it was read or written."""

    __slots__ = ("_merged", "at", "record")

    def __init__(self, record: Record | None, at: float) -> None:
        self.record = record
        self.at = at  # Unix seconds
        # An own record and what it makes with this one: a pair, for threads share it.
        self._merged: tuple[Record | None, Record | None] = None, None

    def merged_with(self, own: Record, now: float) -> Record:
        """Return what the session's own record and this side record say together.

        The latest answer is kept, because a session's own record seldom changes.
        """
        known, merged = self._merged
        if own is not known or merged is None:
            merged = merge_records(own, self.record, now) or own
            self._merged = own, merged
        return merged


class RecentRecords(dict[Any, Recent]):
    """The latest side records of one SessionStore, by session key, up to a number.

    Remembering them saves reads. A remembered record can only be too old, never too
    new, and the store is read again before a session is ended.
    """

    def __init__(self, size: int = SIZE) -> None:
        super().__init__()
        self._size = size
        self._lock = Lock()

    def remember(self, key: str, record: Record | None, now: float) -> None:
        with self._lock:
            self.pop(key, None)
            self[key] = Recent(record, now)
            if len(self) > self._size:
                del self[next(iter(self))]

    def recall(self, key: str, now: float, grace: float) -> Recent | None:
        """Return what was read or written within the last grace seconds, or None."""
        recent = self.get(key)
        return recent if recent and 0 <= now - recent.at < grace else None

    def forget(self, key: str) -> None:
        with self._lock:
            self.pop(key, None)


#: By the class of the SessionStore; only those with side records are in it.
recent_records: dict[type, RecentRecords] = {}
