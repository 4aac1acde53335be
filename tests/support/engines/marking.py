"""An engine that has something new to save whenever it loads a session."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        data = super().load()
        self.modified = True
        return data

    async def aload(self) -> dict[str, Any]:
        data = await super().aload()
        self.modified = True
        return data

    @classmethod
    def get_model_class(cls) -> Any:
        from django.contrib.sessions.models import Session

        return Session
