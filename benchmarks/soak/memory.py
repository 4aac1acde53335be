"""The memory of the workers that is their own, over time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from statistics import StatisticsError, mean
from typing import Any

from benchmarks.soak.times import pause

STEP = 2.0  # seconds between two samples
MIB = 1024 * 1024


def workers(pid: int) -> list[int]:
    """Return the processes that a server has started to answer requests."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in children if answers_requests(child)]


def answers_requests(pid: str) -> bool:
    """Whether it is not the process with which multiprocessing clears up."""
    try:
        return "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def private(pid: int) -> int:
    """Return the bytes that the process shares with no other."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kib = [line.split()[1] for line in lines if line.startswith("Private_")]
    return sum(map(int, kib)) * 1024


async def sample(servers: Iterable[Any], over: asyncio.Event) -> dict[Any, list[float]]:
    """Return the memory of a worker of each server (bytes, a mean), time after time.

    New workers begin anew.
    """
    found: dict[Any, tuple[list[int], list[float]]] = {
        server: ([], []) for server in servers
    }
    while not over.is_set():
        for server, (pids, samples) in found.items():
            if pids != (present := server.workers()):
                pids[:], samples[:] = present, []
            with suppress(OSError, StatisticsError):  # it is being restarted
                samples.append(mean(map(private, present)))
        await pause(STEP, over)
    return {server: samples for server, (_, samples) in found.items()}


def first_and_last(samples: list[float]) -> tuple[float, float]:
    """Return the mean of the first tenth and of the last, in MiB."""
    tenth = max(len(samples) // 10, 1)
    return mean(samples[:tenth]) / MIB, mean(samples[-tenth:]) / MIB
