"""The race site on servers with several workers, and requests that reach it at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Barrier, Event
from typing import Any

from session_timeout.policy import Record
from tests.support.paths import ROOT
from tests.support.waiting import stop, wait_until

WAIT = 60  # seconds at most, for a server that starts and for a response
TAIL = 5000  # characters of the server's log to show with a failure

UVICORN = [
    "uvicorn",
    "--lifespan=off",
    "--port={port}",
    "--workers=2",
    "--log-level=warning",
]
SERVERS = {
    "gunicorn": [
        "gunicorn",
        "django.core.wsgi:get_wsgi_application()",
        "--bind=127.0.0.1:{port}",
        "--workers=2",
        "--threads=4",
        "--log-level=warning",
    ],
    "uvicorn": [*UVICORN, "django.core.asgi:get_asgi_application", "--factory"],
    "sockets": [*UVICORN, "tests.support.race_site.sockets:application"],
}


@dataclass
class Answer:
    """A response, and when its request began and was over (Unix seconds)."""

    status: int
    cookie: str
    body: str
    began_at: float
    ended_at: float
    location: str

    def __getitem__(self, name: str) -> Any:
        return json.loads(self.body)[name]

    @property
    def record(self) -> Record:
        return Record(**self["record"])


class Site:
    """The race site, or another with its views, while it is being served."""

    process: subprocess.Popen[bytes]

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log

    def send(self, path: str, cookie: str = "") -> Answer:
        """Make a request on a new connection, which either worker may accept."""
        began_at = time.time()
        headers = {"Connection": "close", "Cookie": f"sessionid={cookie}"}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=WAIT)) as server:
            server.request("GET", path, headers=headers)
            response = server.getresponse()
            body = response.read().decode()
        cookies = SimpleCookie("sessionid=")
        for header in response.headers.get_all("Set-Cookie", []):
            cookies.load(header)
        value = cookies["sessionid"].value
        location = response.headers.get("Location", "")
        return Answer(response.status, value, body, began_at, time.time(), location)

    def get(self, path: str, cookie: str = "") -> Answer:
        answer = self.send(path, cookie)
        self.check(answer)
        return answer

    def check(self, *answers: Answer) -> None:
        """Let no request have failed."""
        failed = [f"{a.status}: {a.body}" for a in answers if a.status != 200]
        assert not failed, "\n".join([*failed, self.log.read_text()[-TAIL:]])

    def at_once(self, *paths: str, cookie: str) -> list[Answer]:
        """Make several requests at the same time."""
        barrier = Barrier(len(paths))

        def send(path: str) -> Answer:
            barrier.wait(WAIT)
            return self.send(path, cookie)

        with ThreadPoolExecutor(len(paths)) as pool:
            return list(pool.map(send, paths))

    @contextmanager
    def readers(self, count: int, path: str, cookie: str) -> Iterator[list[Answer]]:
        """Read, each reader one request after another, until the block ends."""
        over, answers = Event(), []

        def read() -> None:
            while not over.is_set():
                answers.append(self.send(path, cookie))

        with ThreadPoolExecutor(count) as pool:
            reading = [pool.submit(read) for _ in range(count)]
            try:
                yield answers
            finally:
                over.set()
        for reader in reading:
            reader.result(WAIT)
        self.check(*answers)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def environment(settings: dict[str, Any]) -> dict[str, str]:
    ours = {"DJANGO_SETTINGS_MODULE": "tests.support.race_site.settings"}
    return {
        **os.environ,
        **ours,
        "PYTHONPATH": str(ROOT),
        "RACE_SITE": json.dumps(settings),
    }


def manage_database(action: str, settings: dict[str, Any]) -> None:
    """Create the site's database, or drop it."""
    command = [sys.executable, "-m", "tests.support.race_site", action]
    subprocess.run(command, env=environment(settings), check=True, timeout=WAIT)


@contextmanager
def serve(server: str, settings: dict[str, Any], log: Path) -> Iterator[Site]:
    """Serve the site until the block ends."""
    with run_server(SERVERS[server], environment(settings), log) as site:
        yield site


@contextmanager
def run_server(
    command: list[str], variables: dict[str, str], log: Path, cwd: Path | None = None
) -> Iterator[Site]:
    """Run the command of a server, which has {port} in it, until the block ends."""
    site = Site(free_port(), log)
    with log.open("wb") as output:
        site.process = process = subprocess.Popen(
            [sys.executable, "-m", *(part.format(port=site.port) for part in command)],
            cwd=cwd,
            env=variables,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_for_both_workers(site)
        yield site
        stop(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with its workers
        process.wait(WAIT)


def wait_for_both_workers(
    site: Site, path: str = "/show/", cookie: str = ""
) -> set[int]:
    """Request the path until two workers have answered; return which."""
    workers: set[int] = set()

    def both_have_answered() -> bool:
        assert site.process.poll() is None, site.log.read_text()[-TAIL:]
        with suppress(OSError):
            workers.add(site.get(path, cookie)["worker"])
        return len(workers) == 2

    wait_until(both_have_answered, "both workers to answer")
    return workers
