"""An engine that stores the visitor's address, which its own middleware gives it."""

from typing import ClassVar

from django.contrib.sessions.middleware import SessionMiddleware as DjangoMiddleware
from django.http import HttpRequest

from tests.support.engines import other


class SessionStore(other.SessionStore):
    addresses: ClassVar[dict[str | None, str | None]] = {}

    def __init__(
        self, session_key: str | None = None, address: str | None = None
    ) -> None:
        super().__init__(session_key)
        self.address = address

    def save(self, must_create: bool = False) -> None:
        super().save(must_create)
        self.addresses[self.session_key] = self.address


class SessionMiddleware(DjangoMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        key, address = request.session.session_key, request.META["REMOTE_ADDR"]
        request.session = SessionStore(key, address)
