"""The command that removes sessions, as a timer runs it."""

from __future__ import annotations

import asyncio
import re
import sys
import time

from benchmarks.contestants import NAME
from benchmarks.soak.tally import Tally, Windows
from benchmarks.soak.times import pause
from tests.support.paths import ROOT

EVERY = 20.0  # seconds
WAIT = 60.0  # seconds at most
# Django's own removes sessions that have reached SESSION_COOKIE_AGE.
COMMANDS = {True: "clear_idle_sessions", False: "clearsessions"}


async def clear(
    contestant: str,
    variables: dict[str, str],
    tally: Tally,
    windows: Windows,
    over: asyncio.Event,
) -> None:
    command = [sys.executable, "-m", "django", COMMANDS[contestant == NAME]]
    while not over.is_set():
        began = time.time()
        output, code = await run(command, variables)
        where = windows.at(began, time.time())
        tally.add("clearings", where)
        if code:
            tally.add("failed clearings", where, output)
        elif found := re.search(r"Removed ([\d,]+) of", output):
            tally.add("cleared", where, number=int(found[1].replace(",", "")))
        await pause(EVERY, over)


async def run(command: list[str], variables: dict[str, str]) -> tuple[str, int | None]:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=variables,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), WAIT)
    finally:
        if process.returncode is None:
            process.kill()
    return output.decode(), process.returncode
