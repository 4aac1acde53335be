"""An engine of somebody else's, whose sessions end just before they are saved again."""

from typing import Any, ClassVar

from django.contrib.sessions.backends.base import UpdateError

from tests.support.engines import other


class SessionStore(other.SessionStore):
    stored: ClassVar[dict[str, Any]] = {}

    def save(self, must_create: bool = False) -> None:
        if not must_create and "_auth_user_id" in self.load():
            raise UpdateError
        super().save(must_create)
