"""What the soak runs: an own PostgreSQL and Redis, and each site on two servers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg

from benchmarks.contestants import ALONE, NAME
from benchmarks.soak.memory import workers
from tests.support.own_servers import Server, database_on, own_postgresql, own_redis
from tests.support.paths import ROOT
from tests.support.waiting import SECONDS, wait_until

SETTINGS = "benchmarks.soak.site.settings"
WORKERS = 2  # of each server
COMMANDS = {
    "gunicorn": (
        "gunicorn",
        "django.core.wsgi:get_wsgi_application()",
        "--bind=127.0.0.1:{port}",
        f"--workers={WORKERS}",
        "--threads=4",
        "--graceful-timeout=5",
        "--no-control-socket",
        "--log-level=warning",
    ),
    "uvicorn": (
        "uvicorn",
        "benchmarks.soak.site.asgi:application",
        "--port={port}",
        f"--workers={WORKERS}",
        "--lifespan=off",
        "--timeout-graceful-shutdown=5",
        "--log-level=warning",
    ),
}
PROBE = ["curl", "--silent", "--max-time", "5"]
# A thread of gunicorn keeps its connection, and looks at it before it uses it again.
CONNECTIONS: dict[str, dict[str, Any]] = {
    "gunicorn": {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
    "uvicorn": {},
}


class WebServer(Server):
    """A site of a contestant on gunicorn or uvicorn."""

    def __init__(
        self, kind: str, contestant: str, variables: dict[str, str], output: IO[bytes]
    ) -> None:
        command = [sys.executable, "-m", *COMMANDS[kind]]
        self.kind, self.contestant = kind, contestant
        super().__init__(
            *command,
            probe=[*PROBE, "http://127.0.0.1:{port}/click/"],
            cwd=ROOT,
            env=variables,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def answers(self) -> bool:
        return super().answers() and len(self.workers()) >= WORKERS

    def workers(self) -> list[int]:
        return workers(self.process.pid)

    def replace_workers(self) -> None:
        """Let gunicorn start new workers, and end the old ones when they are done."""
        old = set(self.workers())
        self.process.send_signal(signal.SIGHUP)
        wait_until(
            lambda: old.isdisjoint(self.workers()) and self.answers(),
            "gunicorn to replace its workers",
        )

    def die(self, by: signal.Signals | None = None) -> None:
        """Stop the server; kill what is left of it."""
        try:
            super().die(by)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


@dataclass
class Stage:
    """All that runs."""

    postgresql: Server
    redis: Server
    web: list[WebServer] = field(default_factory=list)
    # Of each contestant, the environment of its processes.
    variables: dict[str, dict[str, str]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[WebServer]:
        return [server for server in self.web if server.kind == kind]


@contextmanager
def set_up(directory: Path, users: int) -> Iterator[Stage]:
    """Start everything, and end it with the block."""
    with ExitStack() as stack:
        # A Ctrl-C in the terminal must not reach the servers before this program.
        apart = {"start_new_session": True}
        postgresql = own_postgresql("-c", "max_connections=400", **apart)
        redis = own_redis(directory, **apart)
        stage = Stage(stack.enter_context(postgresql), stack.enter_context(redis))
        for number, contestant in enumerate((NAME, ALONE)):
            create_database(stage.postgresql.port, f"site{number}")
            for kind in COMMANDS:
                variables = environment(stage, contestant, f"site{number}", kind)
                if kind == "gunicorn":
                    stage.variables[contestant] = variables
                    prepare(variables, users)
                log = (directory / f"{kind}-{number}.log").open("wb")
                output = stack.enter_context(log)
                server = WebServer(kind, contestant, variables, output)
                stage.web.append(server)
                stack.callback(server.die)
                server.start()
        yield stage


def create_database(port: int, name: str) -> None:
    conninfo = f"host=127.0.0.1 port={port} user=postgres dbname=postgres"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")


def environment(stage: Stage, contestant: str, name: str, kind: str) -> dict[str, str]:
    site = {
        "contestant": contestant,
        "database": {**database_on(stage.postgresql.port, name), **CONNECTIONS[kind]},
        "cache": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{stage.redis.port}",
            "KEY_PREFIX": name,
        },
    }
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "PYTHONPATH": str(ROOT),
        "SOAK_SITE": json.dumps(site),
    }


def prepare(variables: dict[str, str], users: int) -> None:
    command = [sys.executable, "-m", "benchmarks.soak.site", str(users)]
    subprocess.run(command, env=variables, cwd=ROOT, timeout=SECONDS, check=True)  # noqa: S603
