"""The cached_db engine."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.db import DatabaseError

from session_timeout.backends.base import StoredSession, logger
from session_timeout.backends.cache import CacheBackend
from session_timeout.backends.db import DatabaseBackend
from session_timeout.flow import Flow
from session_timeout.policy import Record


class CachedDatabaseBackend(CacheBackend):
    """Activity is written to the row and to a cache entry beside the cached session.

    The row survives when the cache is flushed; the entry is what requests read, because
    they read the session from the cache too. The cached session itself is not touched.
    """

    can_list_sessions = True
    cleanup_needless = None

    @cached_property
    def in_database(self) -> DatabaseBackend:
        backend = DatabaseBackend(self.session, self.key)
        backend.may_wait = self.may_wait
        return backend

    def read_record(self) -> Flow[Record | None]:
        # A cache that refuses writes, or has evicted the entry, knows less than the
        # row.
        side = yield from super().read_record()
        row = yield from self.in_database.read_record()
        if side is None or (row and row.last_activity > side.last_activity):
            return row
        return side

    def write_activity(self, seen: Record, written: Record, grace: float) -> Flow[bool]:
        try:
            is_written = yield from self.in_database.write_activity(
                seen, written, grace
            )
        except DatabaseError:
            logger.warning(
                "Activity could not be written to a session's row.", exc_info=True
            )
            is_written = True
        return is_written and (yield from super().write_activity(seen, written, grace))

    def list_sessions(self, batch_size: int) -> Iterator[list[StoredSession]]:
        return self.in_database.list_sessions(batch_size)

    def read_side_records(self, sessions: list[StoredSession]) -> dict[str, Any]:
        session_keys = {self.cache_key(item.key): item.key for item in sessions}
        try:
            found = self.session._cache.get_many(session_keys)
        except Exception:  # each row has the activity as well
            logger.warning("Side records could not be read.", exc_info=True)
            return {}
        return {session_keys[key]: stored for key, stored in found.items()}

    def delete_unchanged(self, sessions: list[StoredSession]) -> set[str]:
        deleted = self.in_database.delete_unchanged(sessions)
        # After the rows, or another request might copy a row into the cache again.
        prefix = self.session.cache_key_prefix
        keys = [
            name for key in deleted for name in (self.cache_key(key), f"{prefix}{key}")
        ]
        try:
            self.session._cache.delete_many(keys)
        except Exception:  # each cached session has a record, by which it is refused
            logger.warning("Deleted sessions remain in the cache.", exc_info=True)
        return deleted
