"""Visitors, who know what they have written and how long they have been away."""

from __future__ import annotations

import asyncio
import time
from random import Random

from benchmarks.soak.judge import Judge, Session
from benchmarks.soak.times import LATE, LIMIT, pause

SPREAD = 10.0  # seconds over which the clients arrive
POLLING = 3.0  # seconds between two polls of a page that nobody uses


class Client:
    """Visits a site again and again. What it does depends on its number alone."""

    def __init__(self, number: int, judge: Judge, over: asyncio.Event) -> None:
        self.random = Random(number)  # noqa: S311
        self.judge, self.over = judge, over
        self.tally, self.name = judge.tally, judge.name
        self.written = 0

    async def live(self) -> None:
        await self.pause(self.random.uniform(0, SPREAD))
        while not self.over.is_set():
            if (session := await self.log_in()) is not None:
                await self.visit(session)
            await self.pause(self.random.uniform(0.5, 3))

    async def visit(self, session: Session) -> None:
        """Use the session for a while, and leave it in one of several ways."""
        actions, weights = [self.click, self.poll, self.write, self.page], [4, 3, 3, 2]
        endings, shares = [self.log_out, self.return_late, self.keep_polling], [3, 3, 2]
        if self.judge.server == "uvicorn":
            actions, weights = [*actions, self.talk], [*weights, 1]
            endings, shares = [*endings, self.leave_socket], [*shares, 2]
        for _ in range(self.random.randint(3, 12)):
            (action,) = self.random.choices(actions, weights)
            await action(session)
            await self.pause(self.think())
            if session.is_over or self.over.is_set():
                break
        else:
            (ending,) = self.random.choices(endings, shares)
            await ending(session)
        if not session.is_over:
            await self.click(session)

    def think(self) -> float:
        if self.random.random() < 0.3:
            return self.random.uniform(0.05, 0.5)
        return self.random.uniform(2, 10)

    async def pause(self, seconds: float) -> None:
        await pause(seconds, self.over)

    # What a client does

    async def log_in(self) -> Session | None:
        sent = time.time()
        answer, where = await self.judge.send("POST", f"/login/?name={self.name}", "")
        if answer is None or answer.status != 200:
            return None
        self.tally.add("logins", where)
        return Session(answer.cookie, sent, time.time())

    async def click(self, session: Session) -> None:
        await self.judge.request(session, "GET", "/click/")

    async def poll(self, session: Session) -> None:
        path = self.random.choice(["/poll/", "/timeout/status/"])
        await self.judge.request(session, "GET", path, is_activity=False)

    async def write(self, session: Session) -> None:
        self.written += 1
        number = f"{self.name}.{self.written}"
        session.unsure.add(number)
        path = f"/write/{number}/"
        answer, where = await self.judge.request(session, "POST", path)
        if answer is not None and answer.status == 200:
            self.tally.add("writes", where)
            session.unsure.discard(number)
            session.kept[number] = where

    async def page(self, session: Session) -> None:
        """Send several requests at once, one of which writes."""
        slow = self.judge.request(session, "GET", "/slow/")
        await asyncio.gather(
            slow, self.write(session), self.click(session), self.poll(session)
        )

    async def talk(self, session: Session) -> None:
        if (socket := await self.judge.open_socket(session)) is not None:
            await socket.close()

    # How it leaves

    async def log_out(self, session: Session) -> None:
        """Log out while another request runs. The old cookie must be worth nothing.

        The click lets the cache have the session. If it had not, Django's cached_db
        could put it there after the logout, for the request that runs.
        """
        began = time.time()
        await self.click(session)
        if session.is_over:
            return
        log_out = self.judge.send("POST", "/logout/", session.cookie)
        slow = self.judge.send("GET", "/slow/", session.cookie)
        (answer, _), _ = await asyncio.gather(log_out, slow)
        session.is_over = True
        if answer is None or answer.status != 200:
            return
        answer, _ = await self.judge.send("GET", "/click/", session.cookie)
        where = self.judge.windows.at(began, time.time())
        self.tally.add("logouts", where)
        if answer is not None and answer.status == 200:
            self.tally.add("ended served", where, f"{self.name} after a logout")

    async def return_late(self, session: Session) -> None:
        await self.pause(session.active_until + LIMIT + 0.1 - time.time())
        await self.pause(self.random.uniform(0, 4))
        if not self.over.is_set():
            await self.random.choice([self.click, self.write, self.page])(session)

    async def keep_polling(self, session: Session) -> None:
        """Poll until the session must have ended. A poll is no activity."""
        while not (session.is_idle() or session.is_over):
            await self.poll(session)
            await self.pause(POLLING)
            if self.over.is_set():
                return
        if not session.is_over:
            await self.poll(session)

    async def leave_socket(self, session: Session) -> None:
        """Leave a socket open, which the server must close when the session ends."""
        if (socket := await self.judge.open_socket(session)) is None:
            return
        closed = asyncio.ensure_future(socket.wait_closed())
        over = asyncio.ensure_future(self.over.wait())
        await asyncio.wait(
            {closed, over},
            timeout=session.active_until + LIMIT + LATE - time.time(),
            return_when=asyncio.FIRST_COMPLETED,
        )
        if closed.done():
            self.judge.judge_close(session, socket.close_code)
        elif not over.done():
            now = time.time()
            where = self.judge.windows.at(now - LATE, now)
            self.tally.add("sockets left open", where, self.name)
        over.cancel()
        await socket.close()
        await closed
