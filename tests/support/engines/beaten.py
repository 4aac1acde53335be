"""The file engine, where another request writes each file just before this one."""

from tests.support.engines import file


class SessionStore(file.SessionStore):
    def save(self, must_create: bool = False) -> None:
        super().save(must_create)
        super().save(must_create)
