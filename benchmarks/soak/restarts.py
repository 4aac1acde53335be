"""What is restarted, and when."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.soak.servers import Stage
from benchmarks.soak.tally import Windows
from tests.support.own_servers import Server

AWAY = 2.0  # seconds that a database or a cache is away: a failover takes some time
# The memory is compared from here: the workers are the same ones until the end.
SETTLED = 0.4


@dataclass
class Restart:
    """at is the part of the soak after which it happens, from 0 to 1.

    The actions are done at once.
    """

    name: str
    at: float
    actions: list[Callable[[], None]]


def plan(stage: Stage) -> list[Restart]:
    postgresql, redis = stage.postgresql, stage.redis
    gunicorn, uvicorn = stage.of_kind("gunicorn"), stage.of_kind("uvicorn")
    fast, immediate = signal.SIGINT, signal.SIGQUIT  # modes of "pg_ctl stop"
    return [
        Restart("gunicorn: HUP", 0.08, [each.replace_workers for each in gunicorn]),
        Restart("uvicorn: TERM", 0.16, [partial(restart, each) for each in uvicorn]),
        Restart("gunicorn: TERM", 0.24, [partial(restart, each) for each in gunicorn]),
        Restart("Redis: stopped", 0.45, [partial(fail, redis, signal.SIGTERM)]),
        Restart("PostgreSQL: fast", 0.58, [partial(fail, postgresql, fast)]),
        Restart("Redis: killed", 0.71, [partial(fail, redis, signal.SIGKILL)]),
        Restart("PostgreSQL: immediate", 0.84, [partial(fail, postgresql, immediate)]),
    ]


def restart(server: Server) -> None:
    server.die()
    server.start()


def fail(server: Server, by: signal.Signals) -> None:
    server.die(by)
    time.sleep(AWAY)
    server.start()


async def carry_out(restarts: list[Restart], seconds: float, windows: Windows) -> None:
    """Do all of them, each when its time has come."""
    start = time.monotonic()
    for each in restarts:
        await asyncio.sleep(max(start + each.at * seconds - time.monotonic(), 0))
        with windows.open(each.name):
            await asyncio.gather(*map(asyncio.to_thread, each.actions))
        sys.stderr.write(f"{windows[-1]}\n")
