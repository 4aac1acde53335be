"""What this process has lately read or written of side records."""

from threading import Lock
from typing import Any, NamedTuple

from session_timeout.policy import Record

SIZE = 10_000  # side records of each SessionStore


class Recent(NamedTuple):
    """A side record (None: there is none), and when it was read or written."""

    record: Record | None
    at: float  # Unix seconds


class RecentRecords(dict[Any, Recent]):
    """The latest side records of one SessionStore, by session key, up to a number.

    Remembering them saves reads. Remembered activity has really happened, so a record
    that is out of date can only be too old; and the store is read again before a
    session is ended.
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
