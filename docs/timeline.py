"""What ends a session, drawn: python -m docs.timeline > docs/images/timeline.svg

The manual puts the picture into its page, so that "currentColor" is the colour of the
text there, in the light theme and in the dark one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

GREY, BLUE, RED = "#7d8590", "#4184e4", "#d1453b"
LEFT, RIGHT, TOP, ROW = 230, 745, 40, 58
HOURS = 12
CLICKS = (0, 1, 2, 3, 4, 5, 6, 7)  # then nobody is there any more

# What is set, the hour at which the session ends, and why. Django's limit is 3 hours in
# this picture, the idle limit 2, the absolute limit 6; a click at 1 writes the session.
LINES = (
    ("SESSION_COOKIE_AGE", 4, "3 h after the last write"),
    ("SESSION_SAVE_EVERY_REQUEST", 10, "3 h after the last request"),
    ("SESSION_EXPIRE_SECONDS", 9, "2 h without activity"),
    ("… and an absolute limit", 6, "6 h after the login"),
)


def x(hour: float) -> float:
    return LEFT + (RIGHT - LEFT) * hour / HOURS


def text(at: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{at:g}" y="{y:g}" {style}>{words}</text>'


def line(number: int, name: str, end: int, why: str) -> Iterator[str]:
    """A session from the login to its end, with the requests that it has had."""
    y = TOP + ROW * number + 30
    yield text(0, y + 4, name)
    yield f'<path d="M{x(0):g} {y}H{x(end):g}" stroke="{BLUE}" stroke-width="6"/>'
    yield f'<path d="M{x(end):g} {y - 12}v24" stroke="{RED}" stroke-width="3"/>'
    for hour in CLICKS:
        if hour < end:
            fill = RED if hour == 1 else GREY
            yield f'<circle cx="{x(hour):g}" cy="{y}" r="6" fill="{fill}"/>'
    yield text(x(end), y + 26, why, 'text-anchor="middle" font-size="12"')


def picture() -> Iterator[str]:
    height = TOP + ROW * len(LINES) + 40
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 {height}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="13" '
        f'fill="currentColor">'
    )
    yield "<title>When a session ends, by what is set</title>"
    for hour in range(HOURS + 1):
        yield text(x(hour), 16, f"{hour} h", 'text-anchor="middle" font-size="12"')
        path = f"M{x(hour):g} 24V{height - 34}"
        yield f'<path d="{path}" stroke="{GREY}" stroke-opacity="0.25"/>'
    for number, (name, end, why) in enumerate(LINES):
        yield from line(number, name, end, why)
    legend = "Dots: requests; the red one writes to the session. Red bar: its end."
    yield text(0, height - 8, legend, 'font-size="12"')
    yield "</svg>"


def main() -> None:
    sys.stdout.write("\n".join(picture()) + "\n")


if __name__ == "__main__":
    main()
