"""The promises, held against what was counted, and the tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.contestants import ALONE, NAME
from benchmarks.soak.tally import Tally, Window

BEGIN, END = "<!-- begin of the soak -->", "<!-- end of the soak -->"
MEMORY = 6.0  # MiB that a worker may grow by more than one of Django alone
# During restarts, the part of the requests that may fail, beyond that of Django alone:
# chance decides which requests meet one.
ALLOWANCE = 0.1


@dataclass
class Results:
    minutes: float
    sessions: int
    tallies: dict[str, Tally]
    windows: list[Window]
    # By contestant and server: MiB of a worker, first and last.
    memory: dict[tuple[str, str], tuple[float, float]]

    @property
    def servers(self) -> list[str]:
        return sorted({kind for _, kind in self.memory})

    @property
    def ours(self) -> Tally:
        return self.tallies[NAME]

    def growth(self, contestant: str, kind: str) -> float:
        first, last = self.memory[contestant, kind]
        return last - first

    def failures(self, contestant: str) -> float:
        """Return the part of the requests during restarts that got 5xx or nothing."""
        tally = self.tallies[contestant]
        failed = tally.at_restarts("5xx") + tally.at_restarts("unanswered")
        return failed / max(tally.at_restarts("requests"), 1)


# What must never happen: outside the restarts, and at any time.
NEVER_OUTSIDE = {
    "5xx": "5xx outside restarts",
    "unanswered": "No response outside restarts",
    "lost": "Lost writes outside restarts",
    "active refused": "Active sessions refused outside restarts",
    "ended served": "Sessions served after the logout outside restarts",
    "sockets broken": "Sockets broken outside restarts",
    "sockets left open": "Sockets left open outside restarts",
    "failed clearings": "Failed clearings outside restarts",
}
NEVER = {
    "idle served": "Idle sessions served",
    "strange": "Responses with another session's data",
}
AT_RESTARTS = {
    "5xx": "5xx at restarts",
    "unanswered": "No response at restarts",
    "lost": "Lost writes at restarts",
    "active refused": "Active sessions refused at restarts",
    "ended served": "Sessions served after the logout at restarts",
}
TOTALS = {
    "requests": "Requests",
    "logins": "Logins",
    "logouts": "Logouts",
    "writes": "Writes",
    "sockets": "Sockets",
    "sockets ended": "Sockets closed with 4440",
    "clearings": "Runs of the clearing command",
    "cleared": "Sessions cleared",
    "idle refused": "Requests of idle sessions refused",
}


def broken(results: Results) -> list[str]:
    """Return the promises that were broken, each with how much."""
    ours = results.ours
    found = {title: ours.outside(what) for what, title in NEVER_OUTSIDE.items()}
    found |= {title: ours.total(what) for what, title in NEVER.items()}
    lines = [f"{title}: {count}" for title, count in found.items() if count]
    # What was not tried cannot be promised.
    tried = ("writes", "logouts", "idle refused", "sockets ended", "cleared")
    lines += [f"{TOTALS[what]}: none" for what in tried if not ours.total(what)]
    beyond = results.failures(NAME) - results.failures(ALONE)
    if beyond > ALLOWANCE:
        lines.append(f"Failures at restarts: {beyond:+.0%} of the requests")
    for kind in results.servers:
        more = results.growth(NAME, kind) - results.growth(ALONE, kind)
        if more > MEMORY:
            lines.append(f"Memory of {kind}: {more:+.1f} MiB more than Django alone")
    return lines


def render(results: Results) -> str:
    """Return both tables."""
    return "\n".join([*summary(results), "", *by_restart(results)])


def summary(results: Results) -> Iterable[str]:
    ran = f"{results.minutes:g} minutes, {results.sessions} clients each"
    yield from table_head(ran, NAME, ALONE)
    pair = [results.tallies[name] for name in (NAME, ALONE)]
    for what, title in TOTALS.items():
        yield row(title, *(f"{tally.total(what):,}" for tally in pair))
    for what, title in NEVER_OUTSIDE.items():
        yield row(title, *(f"{tally.outside(what):,}" for tally in pair))
    for what, title in NEVER.items():
        yield row(title, *(f"{tally.total(what):,}" for tally in pair))
    for what, title in AT_RESTARTS.items():
        yield row(title, *(f"{tally.at_restarts(what):,}" for tally in pair))
    failures = [f"{results.failures(name):.1%}" for name in (NAME, ALONE)]
    yield row("Requests at restarts that failed", *failures).replace("%", " %")
    for kind in results.servers:
        title = f"Memory of a worker of {kind}, first and last (MiB)"
        yield row(title, *(memory(results, name, kind) for name in (NAME, ALONE)))


def memory(results: Results, contestant: str, kind: str) -> str:
    first, last = results.memory[contestant, kind]
    return f"{first:.1f}, {last:.1f} ({last - first:+.1f})"


def by_restart(results: Results) -> Iterable[str]:
    """Yield what failed at each restart: 5xx / no response, of so many requests."""
    yield from table_head("5xx / no response, of the requests", NAME, ALONE)
    for window in results.windows:
        cells = [failed(results.tallies[n], window.name) for n in (NAME, ALONE)]
        yield row(str(window), *cells)


def failed(tally: Tally, where: str) -> str:
    counts = [tally.at(what, where) for what in ("5xx", "unanswered", "requests")]
    return "{} / {} of {}".format(*counts)


def table_head(*titles: str) -> list[str]:
    return [row(*titles), row("---", *("---:" for _ in titles[1:]))]


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
