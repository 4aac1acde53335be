"""python -m benchmarks: measure, print the tables, write the JSON and the docs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import chart, instructions, report, stores, targets
from benchmarks.contestants import BASELINE
from benchmarks.instructions import ORDERS

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
ROUNDS = {"sync": 200, "async": 100}
PACKAGES = (
    "Django",
    "django-session-timeout",
    "django-session-security",
    "django-auto-logout",
)


def main() -> int:
    options = parse()
    results = read(options.json) if options.report or options.only else {}
    if not options.report:
        results = {**results, "machine": machine()}
        measure(options, results)
    text = report.render(results)
    sys.stdout.write(text + "\n")
    if options.docs:
        report.insert(text, DOCS / "benchmarks.md")
        chart.draw()
    missed = targets.missed(results) if options.strict else []
    sys.stderr.writelines(f"Missed: {target}\n" for target in missed)
    return bool(missed)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--only", action="append", choices=stores.STORES, help="keep the others")
    add("--rounds", type=float, default=1, help="so many times the usual rounds")
    add("--memory", action="store_true", help="100,000 traced requests too; slow")
    add("--docs", action="store_true", help="write the tables and the chart into docs/")
    add("--strict", action="store_true", help="exit with 1 if a target is missed")
    add("--report", action="store_true", help="measure nothing, read the JSON")
    add("--json", type=Path, default=HERE / "results.json", help="the results")
    return parser.parse_args()


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {}


def measure(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Measure each store, under WSGI and under ASGI, and write what is known."""
    found = results.setdefault("stores", {})
    for label in options.only or stores.STORES:
        if problem := stores.problem(label):
            say(f"{label}: skipped, {problem}")
            continue
        found[label] = {}
        for mode, usual in ROUNDS.items():
            say(f"{label}, {mode}")
            rounds = max(int(usual * options.rounds), 10)
            found[label][mode] = work(label, mode, "compare", str(rounds))
        found[label]["instructions"] = count_instructions(label)
        write(results, options.json)
    if options.memory:
        say("memory")
        results["memory"] = work(stores.IN_MEMORY, "sync", "memory", "0")
        write(results, options.json)


def write(results: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(results, indent=1) + "\n")


def count_instructions(label: str) -> dict[str, int]:
    """Return the instructions of a request between stamps, by contestant.

    They are those that have such requests; without valgrind, none.
    """
    if shutil.which("valgrind") is None:
        say("instructions: skipped, no valgrind (a package of that name has it)")
        return {}
    say(f"{label}, instructions")
    with stores.store(label, "sync") as store:
        run_worker(store, "sync", "prepare", "0")
        counted = [count_once(store, order) for order in range(len(ORDERS))]
    bare = BASELINE.name
    alone = int(mean(found[bare] for found in counted))
    # What each adds is compared within one process.
    added = {
        name: int(mean(found[name] - found[bare] for found in counted))
        for name in counted[0]
    }
    return {name: alone + more for name, more in added.items()}


def count_once(store: dict[str, Any], order: int) -> dict[str, int]:
    with TemporaryDirectory(prefix="benchmark-") as directory:
        command = instructions.valgrind(Path(directory))
        number = str(order)
        run_worker(store, "sync", "instructions", number, under=command, seed=order)
        return instructions.totals(Path(directory), ORDERS[order])


def work(label: str, mode: str, *arguments: str) -> dict[str, Any]:
    """Return what a process of its own has measured, on a new store."""
    with stores.store(label, mode) as store:
        return run_worker(store, mode, *arguments)


def run_worker(
    store: dict[str, Any],
    mode: str,
    *arguments: str,
    under: Sequence[str] = (),
    seed: int = 0,
) -> dict[str, Any]:
    """Return what a worker has measured, under another program if one is given."""
    environ = {
        **os.environ,
        "BENCHMARK_STORE": json.dumps(store),
        "BENCHMARK_MODE": mode,
        "PYTHONHASHSEED": str(seed),
        "BENCHMARK_PADDING": str(seed * 997),
    }
    command = [*under, sys.executable, "-m", "benchmarks.worker", *arguments]
    done = subprocess.run(  # noqa: S603
        command, env=environ, cwd=HERE.parent, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


def machine() -> dict[str, Any]:
    return {
        "cpu": f"{cpu()}, {os.cpu_count()} cores",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.system(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
