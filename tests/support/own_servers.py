"""Redis and PostgreSQL of one's own, on free ports, to be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import Any

from tests.support.waiting import SECONDS, stop, wait_until

QUIET: dict[str, Any] = {
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
    "cwd": "/",
}


class MissingProgramError(Exception):
    """The program of a server is not installed."""


def program(name: str) -> str:
    """Return the path of a server's program; raise MissingProgramError without it."""
    found = [shutil.which(name), *glob(f"/usr/lib/postgresql/*/bin/{name}")]
    for path in filter(None, found):
        return path
    raise MissingProgramError(f"{name} is not installed: install it to run this")


class Server:
    """A server's process, on a port of its own, which its command has as {port}."""

    process: subprocess.Popen[bytes]

    def __init__(
        self,
        *command: str,
        probe: list[str],
        stop_by: signal.Signals = signal.SIGTERM,
        **kwargs: Any,
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self.command, self.probe = (
            [part.format(port=self.port) for part in parts]
            for parts in (command, probe)
        )
        self.stop_by, self.kwargs = stop_by, {**QUIET, **kwargs}

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, **self.kwargs)
        wait_until(self.answers, f"{self.command[0]} to answer on port {self.port}")

    def answers(self) -> bool:
        """Whether the server is up; never for longer than it takes to ask."""
        done = subprocess.run(self.probe, check=False, timeout=SECONDS, **QUIET)
        return done.returncode == 0

    def die(self, by: signal.Signals | None = None) -> None:
        stop(self.process, by or self.stop_by)


@contextmanager
def own_redis(directory: Path, **kwargs: Any) -> Iterator[Server]:
    """Run a Redis that keeps nothing on disk, until the block ends."""
    command = [program("redis-server"), "--bind", "127.0.0.1", "--port", "{port}"]
    probe = [program("redis-cli"), "-p", "{port}", "ping"]
    nothing = ["--save", "", "--dir", str(directory)]
    server = Server(*command, *nothing, probe=probe, **kwargs)
    try:
        server.start()
        yield server
    finally:
        server.die()


@contextmanager
def own_postgresql(*options: str, **kwargs: Any) -> Iterator[Server]:
    """Run a PostgreSQL whose user is postgres, until the block ends."""
    initdb = [program("initdb"), "--no-sync", "--auth=trust", "--username=postgres"]
    command = [program("postgres"), "-h", "127.0.0.1", "-p", "{port}", *options]
    probe = [program("pg_isready"), "-h", "127.0.0.1", "-p", "{port}"]
    # The server refuses to run as root.
    owner = {"user": "postgres"} if os.geteuid() == 0 else {}
    directory = tempfile.mkdtemp(prefix="session_timeout_")
    try:
        shutil.chown(directory, owner.get("user", os.geteuid()))
        initialise = [*initdb, "-D", directory]
        subprocess.run(initialise, check=True, timeout=SECONDS, **QUIET, **owner)
        # PostgreSQL's "immediate shutdown"; at a SIGTERM it would wait for its clients.
        # It sets up its own handlers, so that neither signal is ever ignored.
        immediately = {"stop_by": signal.SIGQUIT}
        here = ["-D", directory, "-k", "", "-F"]
        server = Server(*command, *here, probe=probe, **immediately, **owner, **kwargs)
        try:
            server.start()
            yield server
        finally:
            server.die()
    finally:
        shutil.rmtree(directory)


def database_on(port: int, name: str = "postgres") -> dict[str, Any]:
    """Return what Django's DATABASES needs to know of an own PostgreSQL."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": "postgres",
        "HOST": "127.0.0.1",
        "PORT": port,
    }
