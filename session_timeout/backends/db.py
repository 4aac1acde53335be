"""The db engine, its subclasses, and their own session models."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.db import connections, router, transaction

from session_timeout.backends.base import Backend, StoredSession
from session_timeout.backends.session_access import RECORD_KEY, find_record
from session_timeout.flow import Flow, IOCall
from session_timeout.policy import Record, resolve_concurrent_write

ATTEMPTS = 3
LOCKED_AT_ONCE = 500  # rows; some databases take no more than 999 parameters


class DatabaseBackend(Backend):
    """Activity is written to the row's session_data by a compare-and-set UPDATE.

    If another request writes the row between the read and the UPDATE, the UPDATE
    matches nothing, and the write is tried again with the new data. expire_date is not
    touched.
    """

    include_cookie_age = False
    can_list_sessions = True

    @cached_property
    def database(self) -> str:
        return router.db_for_write(self.session.model)

    @cached_property
    def rows(self) -> Any:
        return self.session.model.objects.using(self.database)

    def read_record(self) -> Flow[Record | None]:
        rows = self.rows.filter(session_key=self.key).values_list("session_data")
        row = yield IOCall(rows.first, rows.afirst)
        return find_record(self.session.decode(row[0])) if row else None

    def write_activity(self, seen: Record, written: Record, grace: float) -> Flow[bool]:
        rows = self.rows.filter(session_key=self.key)
        values = rows.values_list("session_data", "expire_date")
        for _ in range(ATTEMPTS):
            row = yield IOCall(values.first, values.afirst)
            data = self.session.decode(row[0]) if row else {}
            # Data that cannot be decoded reads as {}: it is not ours to overwrite.
            record = data and resolve_concurrent_write(
                find_record(data), seen, written, grace
            )
            if not record:
                return False
            record = record._replace(expires_at=row[1].timestamp())
            data[RECORD_KEY] = record.encode()
            unchanged = rows.filter(session_data=row[0])
            new_data = self.session.encode(data)
            if (
                yield IOCall(unchanged.update, unchanged.aupdate, session_data=new_data)
            ):
                return True
        return False

    def list_sessions(self, batch_size: int) -> Iterator[list[StoredSession]]:
        """Go through the rows in the order of their keys.

        Each batch is a query of its own, which the index answers.
        """
        last_key = ""
        while batch := self.read_batch(last_key, batch_size):
            last_key = batch[-1].key
            yield batch

    def read_batch(self, last_key: str, size: int) -> list[StoredSession]:
        rows = self.rows.filter(session_key__gt=last_key).order_by("session_key")
        found = rows.values_list("session_key", "session_data")[:size]
        return [StoredSession(key, self.session.decode(raw), raw) for key, raw in found]

    def delete_unchanged(self, sessions: list[StoredSession]) -> set[str]:
        deleted: set[str] = set()
        for start in range(0, len(sessions), LOCKED_AT_ONCE):
            part = sessions[start : start + LOCKED_AT_ONCE]
            with transaction.atomic(using=self.database):
                keys = self.lock_unchanged({item.key: item.as_read for item in part})
                if keys:  # the delete() of some models needs some
                    self.rows.filter(session_key__in=keys).delete()
            deleted.update(keys)
        return deleted

    def lock_unchanged(self, as_read: dict[str, str]) -> list[str]:
        """Lock the rows that are as they were read, and return their keys."""
        features = connections[self.database].features
        if not features.has_select_for_update:
            # SQLite has one lock for all; an UPDATE that matches no row takes it.
            self.rows.filter(session_key="").update(session_data="")
        # A locked row is in use; do not wait for it.
        skip_locked = features.has_select_for_update_skip_locked
        rows = self.rows.filter(session_key__in=as_read)
        found = rows.select_for_update(skip_locked=skip_locked)
        stored = found.values_list("session_key", "session_data")
        return [key for key, data in stored if data == as_read[key]]
