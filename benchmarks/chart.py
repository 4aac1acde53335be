"""The chart of the docs, drawn from the tables of their page.

python -m benchmarks.chart writes docs/benchmarks.svg. It measures nothing. The manual
puts the drawing into its page, so that "currentColor" is the colour of the text there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
SERVERS = ("WSGI", "ASGI")
TITLE = "### Time at one click per 10 s, "
OURS = "django-inactivity-timeout"
NAMES, PANEL, GAP, BAR = 216, 200, 70, 17
WIDTH = NAMES + 2 * (PANEL + GAP)
TOP, HEAD = 34, 26


def read(page: str, server: str) -> dict[str, dict[str, int]]:
    """Return the microseconds that each package adds, by store and package."""
    _, _, rest = page.partition(f"{TITLE}{server}\n\n")
    lines = rest.split("\n\n")[0].splitlines()
    head, _, *rows = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in lines
    )
    return {
        store: {name: int(cells[number].split()[0]) for name, *cells in rows}
        for number, store in enumerate(head[1:])
    }


def text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{style}>{words}</text>'


def bars(found: dict[str, int], left: float, top: float, longest: int) -> Iterator[str]:
    """Draw the bars of one store under one server; ours in colour."""
    for number, (name, added) in enumerate(found.items()):
        y = top + number * BAR
        width = PANEL * max(added, 0) / longest
        kind = "ours" if name == OURS else "other"
        yield (
            f'<rect class="{kind}" x="{left:g}" y="{y:g}" '
            f'width="{width:.1f}" height="12"/>'
        )
        yield text(left + width + 5, y + 10, f"{added} µs")


def picture(page: str) -> Iterator[str]:
    found = [read(page, server) for server in SERVERS]
    stores = found[0]
    height = TOP + sum(HEAD + len(by) * BAR for by in stores.values())
    yield (
        f'<svg class="benchmarks" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" '
        f'font-size="12" fill="currentColor">'
    )
    yield "<title>Time added to a request, at one click per 10 s</title>"
    yield "<style>"
    yield ".benchmarks .ours { fill: #4184e4; }"
    yield ".benchmarks .other { fill: #8b949e; }"
    yield ".benchmarks .bold { font-weight: 600; }"
    yield "</style>"
    bold = ' class="bold"'
    for panel, server in enumerate(SERVERS):
        yield text(NAMES + panel * (PANEL + GAP), 14, server, bold)
    top = float(TOP)
    for store, by in stores.items():
        yield text(0, top + 10, store, bold)
        top += HEAD - 6
        for number, name in enumerate(by):
            style = bold if name == OURS else ""
            yield text(0, top + number * BAR + 10, name.replace(" 0.1.0", ""), style)
        for panel, measured in enumerate(found):
            longest = max(max(each.values()) for each in measured.values())
            left = NAMES + panel * (PANEL + GAP)
            yield from bars(measured[store], left, top, longest)
        top += len(by) * BAR + 6
    yield "</svg>"


def draw() -> None:
    page = (DOCS / "benchmarks.md").read_text("utf-8")
    drawing = "\n".join(picture(page)) + "\n"
    (DOCS / "benchmarks.svg").write_text(drawing, "utf-8")


if __name__ == "__main__":
    draw()
