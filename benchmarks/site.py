"""A browser with a session cookie, before Django's own WSGI and ASGI handlers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from importlib import import_module
from io import BytesIO
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler

from benchmarks.contestants import Contestant, using

Tick = Callable[[], None] | None

BACKEND = "django.contrib.auth.backends.ModelBackend"
COOKIE = "sessionid"
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "SERVER_NAME": "testserver",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.url_scheme": "http",
}
SCOPE = {
    "type": "http",
    "method": "GET",
    "query_string": b"",
    "http_version": "1.1",
    "scheme": "http",
    "server": ("testserver", 80),
}


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def count(self, name: str, value: str = "") -> int:
        """Return how many headers of this name hold the value."""
        return sum(n.lower() == name and value in v for n, v in self.headers)


class Jar:
    """One session cookie, dropped when its age is reached, as a browser does."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.expires_at = time.time() + settings.SESSION_COOKIE_AGE

    def header(self) -> str:
        if self.value and time.time() < self.expires_at:
            return f"{COOKIE}={self.value}"
        return ""

    def take(self, answer: Answer) -> None:
        for name, value in answer.headers:
            cookies = SimpleCookie(value if name.lower() == "set-cookie" else "")
            if morsel := cookies.get(COOKIE):
                self.value = morsel.value
                self.expires_at = time.time() + float(morsel["max-age"] or "inf")


class Site:
    """The site as a contestant has it, under WSGI."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        with using({"MIDDLEWARE": list(contestant.middleware), **contestant.settings}):
            self.handler = self.make_handler()

    def make_handler(self) -> Any:
        return WSGIHandler()

    def send(self, path: str, cookie: str) -> Answer:
        started: list[Any] = []
        environ = {**ENVIRON, "PATH_INFO": path, "HTTP_COOKIE": cookie}
        environ["wsgi.input"] = BytesIO()
        response = self.handler(environ, lambda *args: started.extend(args))
        body = b"".join(response)
        response.close()
        return Answer(int(started[0][:3]), started[1], body)

    def get(self, path: str, jar: Jar) -> Answer:
        answer = self.send(path, jar.header())
        jar.take(answer)
        return answer

    def times(self, path: str, cookie: str, count: int, tick: Tick) -> list[float]:
        """Return how many seconds each of so many requests takes."""
        clock, send, times = time.perf_counter, self.send, []
        for _ in range(count):
            if tick:
                tick()
            start = clock()
            send(path, cookie)
            times.append(clock() - start)
        return times

    def meanwhile(self, path: str, jar: Jar) -> Any:
        """Make a request from within another one's view."""
        return self.get(path, jar)


class AsyncSite(Site):
    """The same under ASGI."""

    def make_handler(self) -> Any:
        return ASGIHandler()

    async def asend(self, path: str, cookie: str) -> Answer:
        messages = [{"type": "http.request", "body": b"", "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            return messages.pop() if messages else await asyncio.Future()

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", b"testserver"), (b"cookie", cookie.encode())]
        scope = {**SCOPE, "path": path, "headers": headers}
        await self.handler(scope, receive, send)
        pairs = [(n.decode(), v.decode()) for n, v in sent[0]["headers"]]
        return Answer(sent[0]["status"], pairs, sent[1]["body"])

    def send(self, path: str, cookie: str) -> Answer:
        return LOOP.run_until_complete(self.asend(path, cookie))

    def times(self, path: str, cookie: str, count: int, tick: Tick) -> list[float]:
        return LOOP.run_until_complete(self.atimes(path, cookie, count, tick))

    async def atimes(
        self, path: str, cookie: str, count: int, tick: Tick
    ) -> list[float]:
        clock, asend, times = time.perf_counter, self.asend, []
        for _ in range(count):
            if tick:
                tick()
            start = clock()
            await asend(path, cookie)
            times.append(clock() - start)
        return times

    async def meanwhile(self, path: str, jar: Jar) -> None:
        jar.take(await asyncio.create_task(self.asend(path, jar.header())))


LOOP = asyncio.new_event_loop()
SITES = {"sync": Site, "async": AsyncSite}


def new_session(user: Any) -> Any:
    """Return a saved session in which the user is logged in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


def log_in(user: Any) -> Jar:
    return Jar(new_session(user).session_key)
