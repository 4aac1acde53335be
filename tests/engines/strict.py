"""An engine of somebody else's, whose sessions end just before they are saved again."""

from typing import Any, ClassVar

from django.contrib.sessions.backends.base import SessionBase, UpdateError


class SessionStore(SessionBase):
    stored: ClassVar[dict[str, dict[str, Any]]] = {}

    def exists(self, session_key: str) -> bool:
        return session_key in self.stored

    def create(self) -> None:
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        if not must_create and self.stored.get(self.session_key, {}).get(
            "_auth_user_id"
        ):
            raise UpdateError
        self.stored[self.session_key] = dict(self._get_session(no_load=must_create))
        return None

    def delete(self, session_key: str | None = None) -> None:
        self.stored.pop(session_key or self.session_key, None)

    def load(self) -> dict[str, Any]:
        return dict(self.stored[self.session_key])
