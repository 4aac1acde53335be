"""What the check may cost at most, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.contestants import ALONE, NAME

PRIMARY = "db, SQLite"
MODES = {"sync": "WSGI", "async": "ASGI"}
FEWER = 0.8  # of the instructions of the cheapest of the others
GROWTH = 10_000  # bytes; tracing does not come out at zero to the byte

# The session is read to know if it has ended, also for a view that never touches it.
INHERENT = {
    "No thread hop added between writes; view `plain`",
    "No query added between writes; view `plain`",
}

Target = tuple[str, str, bool]


def missed(results: dict[str, Any]) -> list[str]:
    """Return the targets that are missed, but for what cannot be otherwise."""
    found = targets(results)
    return [name for name, _, is_met in found if not is_met and name not in INHERENT]


def targets(results: dict[str, Any]) -> Iterator[Target]:
    """Yield a target, what has been measured, and whether it is met."""
    primary = results["stores"].get(PRIMARY)
    if primary:
        for mode, server in MODES.items():
            yield from times(primary[mode], server)
    yield from instructions(results["stores"])
    yield from counts(results["stores"])
    memory = results.get("memory")
    if memory:
        grown = memory["after"] - memory["before"]
        own = memory["package_after"] - memory["package_before"]
        measured = f"{grown:+,} bytes, {own:+,} of them the package's"
        target = f"Less than {GROWTH:,} bytes more in memory after 100,000 requests"
        yield target, measured, grown < GROWTH


def times(found: dict[str, Any], server: str) -> Iterator[Target]:
    on = f"db on SQLite, {server}"
    check = found["check"]
    measured = f"{check['median']:.1f} µs, at best {check['least']:.1f} µs"
    yield f"The check alone at most 10 µs; {on}", measured, check["median"] <= 10
    public = found["timing"]["public"][NAME]["ratio"]
    measured = f"{public:.2f} times"
    yield (
        f"An exempt page at most 1.1 times Django alone; {on}",
        measured,
        public <= 1.1,
    )


def instructions(stores: dict[str, Any]) -> Iterator[Target]:
    """Judge what is added between stamps by instructions, which no load changes."""
    counted = {label: by.get("instructions") for label, by in stores.items()}
    for label, by in counted.items():
        if not by:
            continue
        added = {name: total - by[ALONE] for name, total in by.items()}
        share = added[NAME] / by[ALONE]
        measured = f"{share:.1%}".replace("%", " %")
        yield f"Between writes at most 3 % added; {label}", measured, share <= 0.03
        others = {
            name: each for name, each in added.items() if name not in {ALONE, NAME}
        }
        least = min(others, key=lambda name: others[name])
        part = added[NAME] / others[least]
        limit = FEWER if label.startswith(("db", "cache,")) else 1
        target = f"Between writes less than {limit:g} times each other package; {label}"
        measured = f"{added[NAME]:,}: {part:.2f} times {others[least]:,} ({least})"
        yield target, measured, part <= limit


def counts(stores: dict[str, Any]) -> Iterator[Target]:
    per_hour = {
        label: by["sync"]["counts"][NAME]["clicks"]["user"]["hour"]["stamps"]
        for label, by in stores.items()
    }
    measured = f"{max(per_hour.values())} writes on every store at most"
    met = max(per_hour.values()) <= 120
    yield "At most 120 writes per session-hour", measured, met
    for key, what in (
        ("hops", "thread hop"),
        ("reads", "query"),
        ("writes", "write"),
        ("cookies", "Set-Cookie"),
        ("varies", "Vary"),
    ):
        for view in ("user", "plain", "public"):
            more = max(
                added(by["async"]["counts"], view, key) for by in stores.values()
            )
            target = f"No {what} added between writes; view `{view}`"
            yield target, f"{more:+g} per request", more <= 0


def added(counts: dict[str, Any], view: str, key: str) -> float:
    """Return what ours adds to a request between stamps."""
    ours, alone = (counts[name]["standing"][view] for name in (NAME, ALONE))
    return float(ours.get(key, 0) - alone.get(key, 0)) / alone["requests"]
