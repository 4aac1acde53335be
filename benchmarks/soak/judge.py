"""The requests and sockets of one client, each judged by what the client knows."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from benchmarks.site import COOKIE
from benchmarks.soak.http import WAIT, Answer, send
from benchmarks.soak.tally import Tally, Windows
from benchmarks.soak.times import GRACE, LIMIT
from session_timeout.websockets import SESSION_ENDED

# The middleware's, and that of a view without a login; of the status, an answer 200.
REFUSALS = (200, 302, 303, 401, 403)
# A restart closes a socket at once, but the client may learn of it somewhat later.
DELAY = 1.0  # seconds


@dataclass
class Session:
    """What a client knows of its session. Times are in Unix seconds.

    The server has recorded an activity at active_since or later, and none after
    active_until.
    """

    cookie: str
    active_since: float
    active_until: float
    # The numbers whose writes were answered, each with the restart that it met.
    kept: dict[str, str | None] = field(default_factory=dict)
    # Those sent, of which it is not known if they are kept.
    unsure: set[str] = field(default_factory=set)
    is_over: bool = False

    def is_idle(self) -> bool:
        return time.time() - self.active_until >= LIMIT


class Judge:
    """Sends what a client sends, and counts what breaks a promise."""

    def __init__(
        self, name: str, server: str, port: int, tally: Tally, windows: Windows
    ) -> None:
        self.name, self.server, self.port = name, server, port
        self.tally, self.windows = tally, windows

    async def send(
        self, method: str, path: str, cookie: str
    ) -> tuple[Answer | None, str | None]:
        """Return the response, if there is one, and the restart that it met."""
        began, answer, problem = time.time(), None, ""
        try:
            answer = await send(self.port, method, path, cookie)
        except OSError as error:
            problem = repr(error)
        where = self.windows.at(began, time.time())
        self.tally.add("requests", where)
        if answer is None:
            self.tally.add("unanswered", where, f"{self.server} {path} {problem}")
        elif answer.status >= 500:
            self.tally.add("5xx", where, f"{self.server} {path} {answer.status}")
        return answer, where

    async def request(
        self, session: Session, method: str, path: str, *, is_activity: bool = True
    ) -> tuple[Answer | None, str | None]:
        """Send a request of the session, and judge the response."""
        since, was_idle = session.active_since, session.is_idle()
        sent, kept = time.time(), list(session.kept)
        answer, where = await self.send(method, path, session.cookie)
        now = time.time()
        if is_activity:
            session.active_until = max(session.active_until, now)
        if answer is None:
            # The server may still handle it, at a time that nobody knows.
            session.is_over = True
        elif is_served(answer):
            if was_idle:
                self.tally.add("idle served", where, f"{self.name} {path}")
            elif is_activity:
                session.active_since = max(session.active_since, sent)
            self.compare(session, kept, answer, where)
        elif answer.status in REFUSALS:
            session.is_over = True
            self.judge_end(since, sent, now, path)
            self.tally.add("idle refused", where, number=was_idle)
        return answer, where

    def compare(
        self, session: Session, kept: list[str], answer: Answer, where: str | None
    ) -> None:
        """Look for what was kept before the request, and for what is not its own."""
        if "numbers" not in answer.content:  # the status
            return
        found = set(answer.content["numbers"])
        for number in kept:
            if number not in found and number in session.kept:
                self.tally.add("lost", session.kept.pop(number), number)
        strange = found - session.kept.keys() - session.unsure
        if strange or answer.content["user"] != self.name:
            self.tally.add("strange", where, f"{self.name}: {answer.content}")

    def judge_end(self, since: float, began: float, now: float, what: str) -> None:
        """Count a session that has ended although it cannot have been idle.

        A restart may have kept the server from recording its activity.
        """
        if now - since < LIMIT - GRACE:
            recording = self.windows.at(since - GRACE, since + GRACE)
            where = recording or self.windows.at(began, now)
            note = f"{self.name} {what} after {now - since:.1f} s"
            self.tally.add("active refused", where, note)

    async def open_socket(self, session: Session) -> ClientConnection | None:
        """Return a socket on which the server knows the session, or None."""
        since, was_idle = session.active_since, session.is_idle()
        began, socket = time.time(), None
        try:
            socket = await connect(
                f"ws://127.0.0.1:{self.port}/",
                additional_headers={"Cookie": f"{COOKIE}={session.cookie}"},
                open_timeout=WAIT,
                ping_interval=None,
                proxy=None,
            )
            await socket.send("hello")
            said = await asyncio.wait_for(socket.recv(), WAIT)
        except ConnectionClosed as closed:
            self.judge_close(session, closed.rcvd.code if closed.rcvd else None, began)
            return None
        except (OSError, WebSocketException) as error:
            failed = isinstance(error, InvalidStatus) and error.response.status_code
            where = self.windows.at(began, time.time())
            what = "5xx" if failed and failed >= 500 else "unanswered"
            self.tally.add(what, where, f"socket {error!r}")
            if socket is not None:
                await socket.close()
            return None
        where = self.windows.at(began, time.time())
        if said != f"{self.name}: hello":  # the session has been cleared
            await socket.close()
            self.judge_end(since, began, time.time(), "socket")
            return None
        self.tally.add("sockets", where)
        if was_idle:
            self.tally.add("idle served", where, f"{self.name}, a socket")
        return socket

    def judge_close(
        self, session: Session, code: int | None, began: float | None = None
    ) -> None:
        """Judge why the server has closed a socket, by default just now."""
        now = time.time()
        began = now - DELAY if began is None else began
        where = self.windows.at(began, now)
        if code == SESSION_ENDED:
            self.tally.add("sockets ended", where)
            self.judge_end(session.active_since, began, now, "socket")
        else:
            self.tally.add("sockets broken", where, f"{self.name}, code {code}")


def is_served(answer: Answer) -> bool:
    """Whether the session was accepted: the status of an ended one is 200 too."""
    return answer.status == 200 and bool(
        answer.content.get("user") or answer.content.get("signed_in")
    )
