"""An engine that creates a session in place of a missing one, and cannot delete it."""

from typing import Any

from tests.support.engines import strict


class SessionStore(strict.SessionStore):
    def load(self) -> dict[str, Any]:
        self.create()
        return {}

    def delete(self, session_key: str | None = None) -> None:
        raise ConnectionError
