"""One request on a new connection, so that any worker may accept it."""

from __future__ import annotations

import asyncio
import json
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

from benchmarks.site import COOKIE

WAIT = 30.0  # seconds at most


class Answer(NamedTuple):
    status: int
    cookie: str  # the new one, if it sets one
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class BrokenAnswerError(OSError):
    """The connection ended before the response did."""


async def send(port: int, method: str, path: str, cookie: str) -> Answer:
    """Raises OSError (as TimeoutError is) if there is no whole response."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += ["Connection: close", "Content-Length: 0"]
    lines += [f"Cookie: {COOKIE}={cookie}"] if cookie else []
    async with asyncio.timeout(WAIT):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode())
            return parse(await reader.read())
        finally:
            writer.close()


def parse(response: bytes) -> Answer:
    head, _, body = response.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(": ")[::2] for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    if headers.get("content-length") != str(len(body)):
        raise BrokenAnswerError(f"{len(response)} bytes of a response")
    cookies = SimpleCookie(f"{COOKIE}=")
    for name, value in pairs:
        cookies.load(value if name.lower() == "set-cookie" else "")
    return Answer(int(status.split()[1]), cookies[COOKIE].value, body)
