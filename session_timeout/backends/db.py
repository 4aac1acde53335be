"""The db engine, its subclasses, and their own session models."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cached_property
from typing import Any

from asgiref.sync import sync_to_async
from django.db import OperationalError, connections, router, transaction

from session_timeout.backends.base import Backend, StoredSession
from session_timeout.backends.session_access import RECORD_KEY, find_record
from session_timeout.flow import Flow, IOCall
from session_timeout.policy import Record, resolve_concurrent_write

ATTEMPTS = 3
LOCK_TIMEOUT = 2  # seconds that a write waits for a row, unless the site sets less
# A condition that is always true, and sets the timeout for its own statement.
SET_LOCK_TIMEOUT = (
    "set_config('lock_timeout', CASE current_setting('lock_timeout') WHEN '0' "
    f"THEN '{LOCK_TIMEOUT}s' ELSE current_setting('lock_timeout') END, true) <> ''"
)
LOCKED_AT_ONCE = 500  # rows; some databases take no more than 999 parameters


class DatabaseBackend(Backend):
    """Activity is written to the row's session_data by a compare-and-set UPDATE.

    If another request writes the row between the read and the UPDATE, the UPDATE
    matches nothing, and the write is tried again with the new data. expire_date is not
    touched.

    If another transaction has locked the row, the UPDATE waits for it. On PostgreSQL
    and MariaDB, the statement sets its own timeout; on other databases, the timeout of
    the connection applies. If the site has opened a transaction, the write does not
    wait, because two transactions could then wait for each other, and it uses a
    savepoint. The same holds if may_wait is false, in a transaction that the write
    opens itself.
    """

    include_cookie_age = False
    can_list_sessions = True

    @cached_property
    def database(self) -> str:
        return router.db_for_write(self.session.model)

    @property
    def connection(self) -> Any:
        return connections[self.database]

    @cached_property
    def rows(self) -> Any:
        return self.session.model.objects.using(self.database)

    def read_record(self) -> Flow[Record | None]:
        rows = self.rows.filter(session_key=self.key).values_list("session_data")
        row = yield IOCall(rows.first, rows.afirst)
        return find_record(self.session.decode(row[0])) if row else None

    def write_activity(self, seen: Record, written: Record, grace: float) -> Flow[bool]:
        write = self.compare_and_set
        is_written: bool = yield IOCall(
            write, sync_to_async(write), seen, written, grace
        )
        return is_written

    def compare_and_set(self, seen: Record, written: Record, grace: float) -> bool:
        rows = self.rows.filter(session_key=self.key)
        savepoint: Any = nullcontext()
        if self.connection.in_atomic_block or not self.may_wait:
            if self.connection.vendor != "sqlite":  # which goes on after an error
                savepoint = transaction.atomic(using=self.database)
            nowait = self.connection.features.has_select_for_update_nowait
            rows = rows.select_for_update(nowait=nowait)
        with savepoint:
            for _ in range(ATTEMPTS):
                row = rows.values_list("session_data", "expire_date").first()
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
                if self.update(unchanged, self.session.encode(data)):
                    return True
        return False

    def update(self, rows: Any, session_data: str) -> int:
        """Update the row, and bound the wait for another transaction."""
        bounded: Any = nullcontext()
        if self.connection.in_atomic_block:
            pass  # the row is locked already
        elif self.connection.vendor == "postgresql":
            rows = rows.extra(where=[SET_LOCK_TIMEOUT])  # noqa: S610  (a constant)
        elif getattr(self.connection, "mysql_is_mariadb", False):
            bounded = self.connection.execute_wrapper(set_lock_timeout)
        with bounded:
            return int(rows.update(session_data=session_data))

    def list_sessions(self, batch_size: int) -> Iterator[list[StoredSession]]:
        """Yield the rows in the order of their keys.

        Each batch is a query of its own, for which the database uses the index.
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
            deleted.update(self.delete_rows({item.key: item.as_read for item in part}))
        return deleted

    def delete_rows(
        self, as_read: dict[str, str], attempts: int = ATTEMPTS
    ) -> list[str]:
        """Delete the rows that have not changed since, and return their keys."""
        try:
            return self.try_to_delete_rows(as_read)
        except OperationalError:  # a conflict between transactions, perhaps
            if attempts == 1:
                raise
            return self.delete_rows(as_read, attempts - 1)

    def try_to_delete_rows(self, as_read: dict[str, str]) -> list[str]:
        with transaction.atomic(using=self.database):
            keys = self.lock_unchanged(as_read)
            if keys:  # the delete() of some models needs some
                self.rows.filter(session_key__in=keys).delete()
        return keys

    def lock_unchanged(self, as_read: dict[str, str]) -> list[str]:
        """Lock the rows that have not changed since, and return their keys."""
        features = self.connection.features
        if not features.has_select_for_update:
            # SQLite has one lock for all; an UPDATE that matches no row takes it.
            self.rows.filter(session_key="").update(session_data="")
        # A locked row is in use; do not wait for it.
        skip_locked = features.has_select_for_update_skip_locked
        rows = self.rows.filter(session_key__in=as_read)
        found = rows.select_for_update(skip_locked=skip_locked)
        stored = found.values_list("session_key", "session_data")
        return [key for key, data in stored if data == as_read[key]]


def set_lock_timeout(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    """Execute a statement with MariaDB's timeout for row locks."""
    least = f"LEAST(@@innodb_lock_wait_timeout, {LOCK_TIMEOUT})"
    statement = f"SET STATEMENT innodb_lock_wait_timeout = {least} FOR {sql}"
    return execute(statement, params, many, context)
