"""Sessions in the database of a site that runs in processes of its own."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.contrib.sessions.backends.db import SessionStore

from session_timeout.policy import Record


def make_later(database: Path, session_key: str | None, seconds: float) -> None:
    """Make it so many seconds later for a session.

    The site's SECRET_KEY has to be that of this process.
    """
    with closing(sqlite3.connect(database)) as connection, connection:
        row = connection.execute(
            "SELECT session_data FROM django_session WHERE session_key = ?",
            [session_key],
        ).fetchone()
        data = SessionStore().decode(row[0])
        record = Record.decode(data["_session_timeout"])
        data["_session_timeout"] = record._replace(
            started_at=record.started_at - seconds,
            last_activity=record.last_activity - seconds,
        ).encode()
        connection.execute(
            "UPDATE django_session SET session_data = ? WHERE session_key = ?",
            [SessionStore().encode(data), session_key],
        )
