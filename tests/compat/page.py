"""The results as text: a line for the terminal, and the tables of the manual."""

from __future__ import annotations

import re

from tests.compat.outcome import WITH, WITHOUT, ZERO, Outcome
from tests.compat.suites import Known, Suite

BEGIN, END = "<!-- begin of the results -->", "<!-- end of the results -->"
HEAD = [
    "Suite", "Version", "Tests", "Requests with a session", "New failures",
    "At grace period 0", "Cause",
]  # fmt: skip
RULE = ["---", "---", "---:", "---:", "---:", "---:", "---"]


def line(suite: Suite, outcome: Outcome) -> str:
    """Return the line of the terminal."""
    before = len(outcome.runs[WITHOUT].failed)
    new, zero = len(outcome.new(WITH)), len(outcome.new(ZERO))
    return (
        f"{suite.name:24} {suite.version:9} {outcome.tests:6,} tests, "
        f"{outcome.sessions:6,} requests with a session, {before} failures without, "
        f"{new} new, {zero} new at grace period 0"
    )


def render(results: list[tuple[Suite, Outcome]], known: list[Known]) -> str:
    """Return the table, and the causes of the new failures below it."""
    rows = [HEAD, RULE]
    caused: dict[str, tuple[Known, set[str]]] = {}
    for suite, outcome in results:
        causes = outcome.causes(suite.name, known)
        for each in causes:
            tests = caused.setdefault(each.name, (each, set()))[1]
            tests.update(each.tests[suite.name])
        rows.append(
            [
                suite.title,
                suite.version,
                f"{outcome.tests:,}",
                f"{outcome.sessions:,}",
                str(len(outcome.new(WITH))),
                str(len(outcome.new(ZERO))),
                ", ".join(each.name for each in causes),
            ]
        )
    total = sum(outcome.tests for _, outcome in results)
    parts = ["\n".join(f"| {' | '.join(row)} |" for row in rows)]
    parts.append(
        f"{len(results)} rows, {total:,} tests. Django's tests count once for each "
        "version, engine and mode."
    )
    for each, tests in caused.values():
        parts.append(f"### Cause: {each.name}")
        parts.append(each.reason.strip())
        parts.append("\n".join(f"- `{test}`" for test in sorted(tests)))
    return "\n\n".join(parts)


def replace(page: str, results: str) -> str:
    """Return the page with these results between its markers."""
    held = re.compile(f"(?<={BEGIN}\n).*(?={END})", re.DOTALL)
    return held.sub(lambda _: f"\n{results}\n\n", page)
