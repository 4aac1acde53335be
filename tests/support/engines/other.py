"""An engine of somebody else's, whose sessions lie in a dict."""

import time
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib.sessions.backends.base import SessionBase


class SessionStore(SessionBase):
    stored: ClassVar[dict[str, tuple[str, float]]] = {}

    def exists(self, session_key: str) -> bool:
        return session_key in self.stored

    def create(self) -> None:
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        # Nothing brings back what has been deleted.
        assert must_create is not self.exists(self.session_key)
        self.stored[self.session_key] = self.encode(data), time.time()
        return None

    def delete(self, session_key: str | None = None) -> None:
        self.stored.pop(session_key or self.session_key, None)

    def load(self) -> dict[str, Any]:
        encoded, written_at = self.stored.get(self.session_key, ("", 0.0))
        data = self.decode(encoded) if encoded else {}
        age = self.get_expiry_age(
            modification=datetime.fromtimestamp(written_at, UTC),
            expiry=data.get("_session_expiry"),
        )
        if written_at + age <= time.time():
            self._session_key = None
            return {}
        return data
