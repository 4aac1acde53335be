"""The db engine, with a database that goes down when a test says so."""

from typing import Any, ClassVar

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    is_down: ClassVar[bool] = False

    async def aload(self) -> dict[str, Any]:
        if SessionStore.is_down:
            raise ConnectionError("the database is down")
        return await super().aload()
