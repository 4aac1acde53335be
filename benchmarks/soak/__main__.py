"""python -m benchmarks.soak: run it, print the tables, write them into the docs."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import insert
from benchmarks.soak import memory, report, restarts
from benchmarks.soak.clearing import clear
from benchmarks.soak.clients import Client
from benchmarks.soak.judge import Judge
from benchmarks.soak.servers import Stage, WebServer, set_up
from benchmarks.soak.tally import Tally, Windows
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
TAIL = 3000  # characters of each log, if a promise was broken


def main() -> int:
    options = parse()
    # Everything that runs is ended on the way out, whatever the signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for other in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, lambda *_: signal.raise_signal(signal.SIGINT))
    with TemporaryDirectory(prefix="soak-") as directory:
        with set_up(Path(directory), options.sessions) as stage:
            results = asyncio.run(soak(stage, options.minutes, options.sessions))
        logs = {path.name: path.read_text() for path in Path(directory).glob("*.log")}
    text = report.render(results)
    sys.stdout.write(f"{text}\n")
    if options.docs:
        insert(text, PAGE, report.BEGIN, report.END)
    if broken := report.broken(results):
        lines = [f"{name}:\n{log[-TAIL:]}" for name, log in logs.items()]
        lines += [*results.ours.notes, *(f"Broken: {line}" for line in broken)]
        sys.stderr.write("\n".join([*lines, ""]))
    return bool(broken)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description=__doc__
    )
    add = parser.add_argument
    add("--minutes", type=float, default=10, help="how long it takes")
    add("--sessions", type=int, default=300, help="the clients of each contestant")
    add("--docs", action="store_true", help="write the tables into docs/")
    return parser.parse_args()


async def soak(stage: Stage, minutes: float, sessions: int) -> report.Results:
    """Let the clients visit both sites, and restart everything meanwhile."""
    seconds, windows, over = minutes * 60, Windows(), asyncio.Event()
    tallies = {server.contestant: Tally() for server in stage.web}
    clients = [
        Client(number, judge(number, server, tallies[server.contestant], windows), over)
        for server in stage.web
        for number in numbers(server.kind, sessions)
    ]
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.live())
        for name, tally in tallies.items():
            group.create_task(clear(name, stage.variables[name], tally, windows, over))
        restarting = group.create_task(
            restarts.carry_out(restarts.plan(stage), seconds, windows)
        )
        await asyncio.sleep(seconds * restarts.SETTLED)
        sampling = group.create_task(memory.sample(stage.web, over))
        await asyncio.sleep(seconds * (1 - restarts.SETTLED))
        await restarting
        over.set()
    samples = sampling.result()
    return report.Results(
        minutes,
        sessions,
        tallies,
        windows,
        {
            (server.contestant, server.kind): memory.first_and_last(found)
            for server, found in samples.items()
        },
    )


def judge(number: int, server: WebServer, tally: Tally, windows: Windows) -> Judge:
    return Judge(f"user-{number}", server.kind, server.port, tally, windows)


def numbers(kind: str, sessions: int) -> range:
    """Return which clients visit a server: half of them each."""
    half = sessions // 2
    return range(half) if kind == "gunicorn" else range(half, sessions)


if __name__ == "__main__":
    sys.exit(main())
