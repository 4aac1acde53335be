"""What a suite's runs have shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.compat.suites import Known

#: The runs by name: without the middleware, with it, and at grace period 0. A suite
#: of a package that this one replaces has the first two: with its own, and with ours.
WITHOUT, WITH, ZERO = RUNS = ("without", "with", "zero")

#: What part of the tests may fail without the middleware, for want of the network or of
#: an older dependency. A suite with more failures would prove little.
FAILURES_WITHOUT = 0.05

RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
FAILED = re.compile(
    r"^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (\S+) \(([\w.]+)\)", re.MULTILINE
)


@dataclass(frozen=True)
class Run:
    """What one run has shown; no tests if it did not come to its end."""

    tests: int
    failed: frozenset[str]
    counts: dict[str, int]


def read_unittest(output: str) -> tuple[int, frozenset[str]]:
    """Return what unittest has printed: the number of tests, and which failed."""
    ran = RAN.findall(output)
    failed = {
        where if where.endswith(f".{name}") else f"{where}.{name}"
        for name, where in FAILED.findall(output)
    }
    return sum(map(int, ran)), frozenset(failed)


def read_junit(document: str) -> tuple[int, frozenset[str]]:
    """Return what pytest has written: the number of tests, and which failed."""
    names, failed = set(), set()
    for case in ET.fromstring(document).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        names.add(name)
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(name)
    return len(names), frozenset(failed)


def add_counts(lines: str) -> dict[str, int]:
    """Return the sum of what each process has counted."""
    total: dict[str, int] = {}
    for line in lines.splitlines():
        for name, count in json.loads(line).items():
            total[name] = total.get(name, 0) + count
    return total


@dataclass(frozen=True)
class Outcome:
    """The runs of one suite."""

    runs: dict[str, Run]

    @property
    def tests(self) -> int:
        return self.runs[WITHOUT].tests

    @property
    def sessions(self) -> int:
        """How many requests with a session key the middleware has seen."""
        return self.runs[WITH].counts.get("sessions", 0)

    def new(self, *runs: str) -> list[str]:
        """Return what fails in one of these runs, but not without the middleware.

        Without a name, all runs with the middleware count.
        """
        found = [self.runs[run].failed for run in runs or self.runs]
        return sorted(frozenset[str]().union(*found) - self.runs[WITHOUT].failed)

    def causes(self, name: str, known: Iterable[Known]) -> list[Known]:
        """Return the known causes of the new failures of a suite."""
        new = set(self.new())
        return [each for each in known if new.intersection(each.tests.get(name, []))]

    def problems(self, name: str, known: Iterable[Known]) -> list[str]:
        """Return what must not be so, a sentence each."""
        stopped = [each for each, run in self.runs.items() if not run.tests]
        if stopped:
            return [f"did not come to an end: the run {run}" for run in stopped]
        found = [
            f"the run {each} had {run.tests} tests"
            for each, run in self.runs.items()
            if run.tests != self.tests
        ]
        before = len(self.runs[WITHOUT].failed)
        if before > self.tests * FAILURES_WITHOUT:
            found.append(f"{before} tests fail without the middleware")
        if not self.sessions:
            found.append("the middleware has never seen a session")
        new = self.new()
        listed = {test for each in known for test in each.tests.get(name, [])}
        found += [f"new failure: {test}" for test in new if test not in listed]
        ours = [run.failed for each, run in self.runs.items() if each != WITHOUT]
        failed = frozenset[str]().union(*ours)
        found += [f"no longer fails: {test}" for test in sorted(listed - failed)]
        return found


def save(outcome: Outcome, path: Path) -> None:
    runs = {
        name: {**vars(run), "failed": sorted(run.failed)}
        for name, run in outcome.runs.items()
    }
    path.write_text(json.dumps(runs, indent=1) + "\n", "utf-8")


def load(path: Path) -> Outcome:
    """Return an outcome that has been saved."""
    runs = json.loads(path.read_text("utf-8"))
    return Outcome(
        {
            name: Run(run["tests"], frozenset(run["failed"]), run["counts"])
            for name, run in runs.items()
        }
    )
