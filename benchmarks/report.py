"""The results as text: tables in Markdown, for the terminal and for the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.contestants import ALONE, CONTESTANTS
from benchmarks.targets import targets
from benchmarks.timing import AGAIN, STAMPING

BEGIN, END = "<!-- begin of the results -->", "<!-- end of the results -->"
NONE = "does not run"
HOUR = 360  # clicks

Results = dict[str, Any]
Cell = Callable[[Results, str], str]


def render(results: Results) -> str:
    """Return all tables, one below the other."""
    parts = ["### The machine", machine(results["machine"])]
    parts += ["### Instructions between writes, WSGI", instruction_table(results)]
    for mode, server in (("sync", "WSGI"), ("async", "ASGI")):
        rows = [*names()[1:], *stamping_rows(), AGAIN]
        parts += [
            f"### Time between writes, {server}",
            table(results, mode, rows, added),
        ]
    for mode, server in (("sync", "WSGI"), ("async", "ASGI")):
        parts += [
            f"### Time at one click per 10 s, {server}",
            table(results, mode, names()[1:], at_clicks),
        ]
    parts += counted(results)
    parts += ["### Targets", target_table(results)]
    return "\n\n".join(parts)


def instruction_table(results: Results) -> str:
    """Return what each package adds to the instructions of a request."""
    found = {
        label: by.get("instructions", {}) for label, by in results["stores"].items()
    }
    lines = [["", *found], ["---", *("---:" for _ in found)]]
    alone = [f"{by[ALONE]:,}" if by else "not counted" for by in found.values()]
    lines.append([ALONE, *alone])
    for contestant in filter(lambda each: each.rests, CONTESTANTS):
        cells = [instructions(by, contestant.name) for by in found.values()]
        lines.append([contestant.name, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def instructions(found: Results, name: str) -> str:
    if name not in found:
        return NONE
    added = found[name] - found[ALONE]
    return f"{added:+,} ({added / found[ALONE]:+.1%})".replace("%", " %")


def counted(results: Results) -> Iterable[str]:
    sync = [
        ("Reads / writes per session-hour", per_hour),
        ("Reads / writes per 1,000 requests", per_thousand),
        ("Set-Cookie / Vary: the view leaves the session alone", headers("plain")),
        ("Set-Cookie / Vary: the view reads request.user", headers("user")),
    ]
    for title, cell in sync:
        yield f"### {title}"
        yield table(results, "sync", names(), cell)
    yield "### Thread hops under ASGI"
    yield table(results, "async", names(), hops)
    for title, key in (
        ("Lost application writes", "lost"),
        ("An active session ends at SESSION_COOKIE_AGE", "ends"),
    ):
        yield f"### {title}"
        yield table(results, "sync", names(), fact(key))


def names() -> list[str]:
    return [contestant.name for contestant in CONTESTANTS]


def stamping_rows() -> list[str]:
    return [c.name + STAMPING for c in CONTESTANTS if c.rests]


def machine(found: Results) -> str:
    packages = ", ".join(f"{n} {v}" for n, v in found["packages"].items())
    return f"{found['cpu']}; {found['python']} on {found['system']}; {packages}."


def table(results: Results, mode: str, rows: Iterable[str], cell: Cell) -> str:
    """Return a table with a column for each store."""
    found = {label: by[mode] for label, by in results["stores"].items()}
    lines = [["", *found], ["---", *("---:" for _ in found)]]
    lines += [[row, *(attempt(cell, by, row) for by in found.values())] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def attempt(cell: Cell, found: Results, row: str) -> str:
    try:
        return cell(found, row)
    except (KeyError, TypeError):  # a package that does not run has no figures
        return NONE


def added(found: Results, row: str) -> str:
    timed = found["timing"]["user"][row]
    return f"{timed['added']:+.0f} µs ({timed['ratio'] - 1:+.1%})".replace("%", " %")


def at_clicks(found: Results, row: str) -> str:
    """Return the mean of the requests that stamp and the others, as counted."""
    return f"{mean_at_clicks(found, row):+.0f} µs"


def mean_at_clicks(found: Results, row: str) -> float:
    timed, stamping = found["timing"]["user"], f"{row}{STAMPING}"
    between = timed[row]["added"]
    if stamping not in timed:
        return float(between)
    hour = found["counts"][row]["clicks"]["user"]["hour"]
    share = hour["stamps"] / HOUR
    return float((1 - share) * between + share * timed[stamping]["added"])


def per_hour(found: Results, row: str) -> str:
    hour = found["counts"][row]["clicks"]["user"]["hour"]
    return f"{hour.get('reads', 0)} / {hour.get('writes', 0)}"


def per_thousand(found: Results, row: str) -> str:
    run = found["counts"][row]["clicks"]["user"]
    return f"{run.get('reads', 0)} / {run.get('writes', 0)}"


def headers(view: str) -> Cell:
    def cell(found: Results, row: str) -> str:
        run = found["counts"][row]["clicks"][view]
        return f"{run['cookies']} / {run['varies']}"

    return cell


def hops(found: Results, row: str) -> str:
    standing = found["counts"][row]["standing"]
    runs = [standing[view] for view in ("user", "plain", "public")]
    return " / ".join(f"{run.get('hops', 0) / run['requests']:g}" for run in runs)


def fact(key: str) -> Cell:
    def cell(found: Results, row: str) -> str:
        value = found["counts"][row][key]
        if isinstance(value, bool):
            return "yes" if value else "no"
        return NONE if isinstance(value, dict) else str(value)

    return cell


def target_table(results: Results) -> str:
    lines = ["| Target | Measured | Met |", "|---|---|---|"]
    lines += [
        f"| {t} | {m} | {'yes' if ok else 'no'} |" for t, m, ok in targets(results)
    ]
    return "\n".join(lines)


def insert(text: str, page: Path, begin: str = BEGIN, end: str = END) -> None:
    """Put the tables into the page, between two marks."""
    head, rest = page.read_text("utf-8").split(begin)
    tail = rest.split(end)[1]
    page.write_text(f"{head}{begin}\n\n{text}\n\n{end}{tail}", "utf-8")
