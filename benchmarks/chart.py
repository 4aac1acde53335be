"""The chart of the docs, drawn from the results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.contestants import CONTESTANTS, NAME
from benchmarks.report import mean_at_clicks

GREY, BLUE = "#9aa5b1", "#1f6feb"


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw the added time by store, under WSGI and ASGI; ours in another colour."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "benchmarks", "font.size": 8})
    from matplotlib import pyplot

    found = results["stores"]
    size = (9, 1.1 + 1.3 * len(found))
    figure, axes = pyplot.subplots(len(found), 2, figsize=size, squeeze=False)
    for row, (label, by) in zip(axes, found.items(), strict=True):
        for axis, mode in zip(row, ("sync", "async"), strict=True):
            bars(axis, by[mode])
            server = "WSGI" if mode == "sync" else "ASGI"
            axis.set_title(f"{label}; {server}", fontsize=8, loc="left")
        row[1].set_yticklabels([])
    for axis in axes[-1]:
        axis.set_xlabel("µs added to a request, at one click per 10 s")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    tidy(path)


def bars(axis: Any, found: dict[str, Any]) -> None:
    names = [c.name for c in CONTESTANTS[1:] if c.name in found["timing"]["user"]]
    values = [mean_at_clicks(found, name) for name in names]
    colours = [BLUE if name == NAME else GREY for name in names]
    drawn = axis.barh(names, values, color=colours)
    axis.bar_label(drawn, fmt="%.0f", padding=2, fontsize=7)
    axis.invert_yaxis()
    axis.margins(x=0.15)
    axis.axvline(0, color="black", linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)


def tidy(path: Path) -> None:
    """Drop the blanks at the ends of lines that matplotlib leaves."""
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", "utf-8")
