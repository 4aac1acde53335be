"""The results as text: a line for the terminal, and the tables of the manual."""

from __future__ import annotations

import re

from tests.compat.outcome import WITH, WITHOUT, ZERO, Outcome
from tests.compat.suites import Known, Suite

BEGIN, END = "<!-- begin of the results -->", "<!-- end of the results -->"
BEGIN_REPLACED = "<!-- begin of the packages replaced -->"
END_REPLACED = "<!-- end of the packages replaced -->"
HEAD = [
    "Suite", "Version", "Tests", "Requests with a session", "New failures",
    "At grace period 0", "Cause",
]  # fmt: skip
RULE = ["---", "---", "---:", "---:", "---:", "---:", "---"]
HEAD_REPLACED = ["Package", "Version", "Tests", "Passed with this one", "Why not all"]
RULE_REPLACED = ["---", "---", "---:", "---:", "---"]

Results = list[tuple[Suite, Outcome]]


def line(suite: Suite, outcome: Outcome) -> str:
    """Return the line of the terminal."""
    before = len(outcome.runs[WITHOUT].failed)
    zero = ""
    if ZERO in outcome.runs:
        zero = f", {len(outcome.new(ZERO))} new at grace period 0"
    return (
        f"{suite.name:24} {suite.version:9} {outcome.tests:6,} tests, "
        f"{outcome.sessions:6,} requests with a session, {before} failures without, "
        f"{len(outcome.new(WITH))} new{zero}"
    )


def update(page: str, results: Results, known: list[Known]) -> str:
    """Return the page with these results. A table without results stays as it is."""
    for replaces, *markers in (False, BEGIN, END), (True, BEGIN_REPLACED, END_REPLACED):
        chosen = [each for each in results if each[0].replaces is replaces]
        if chosen:
            page = replace(page, render(chosen, known, replaces=replaces), *markers)
    return page


def render(results: Results, known: list[Known], *, replaces: bool = False) -> str:
    """Return the table, and the causes of the new failures below it."""
    rows = [HEAD_REPLACED, RULE_REPLACED] if replaces else [HEAD, RULE]
    caused: dict[str, tuple[Known, set[str]]] = {}
    for suite, outcome in results:
        causes = outcome.causes(suite.name, known)
        for each in causes:
            tests = caused.setdefault(each.name, (each, set()))[1]
            tests.update(each.tests[suite.name])
        row = [suite.title, suite.version, f"{outcome.tests:,}"]
        if replaces:
            row.append(str(outcome.tests - len(outcome.runs[WITH].failed)))
        else:
            row.append(f"{outcome.sessions:,}")
            row += [str(len(outcome.new(run))) for run in (WITH, ZERO)]
        rows.append([*row, ", ".join(each.name for each in causes)])
    total = sum(outcome.tests for _, outcome in results)
    parts = ["\n".join(f"| {' | '.join(row)} |" for row in rows)]
    if replaces:
        left_out = [item for suite, _ in results for item in suite.left_out.items()]
        parts.append("Left out:")
        parts.append("\n".join(f"- `{tests}`: {reason}" for tests, reason in left_out))
    else:
        parts.append(
            f"{len(results)} rows, {total:,} tests. Django's tests count once for each "
            "version, engine and mode."
        )
    for each, tests in caused.values():
        parts.append(f"### Cause: {each.name}")
        parts.append(each.reason.strip())
        parts.append("\n".join(f"- `{test}`" for test in sorted(tests)))
    return "\n\n".join(parts)


def replace(page: str, results: str, begin: str = BEGIN, end: str = END) -> str:
    """Return the page with these results between two of its markers."""
    held = re.compile(f"(?<={begin}\n).*(?={end})", re.DOTALL)
    return held.sub(lambda _: f"\n{results}\n\n", page)
