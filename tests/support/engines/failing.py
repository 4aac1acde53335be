"""The db engine, with a database that fails when a session is read again."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    decoded = 0

    def decode(self, session_data: str) -> dict[str, Any]:
        self.decoded += 1
        if self.decoded > 1:
            raise ConnectionError("the database is down")
        return super().decode(session_data)
