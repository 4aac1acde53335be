"""The texts of the manual, and what can be found in them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.paths import ROOT

README = ROOT / "README.md"

PAGES = sorted([README, ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])

TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}


def sections(text: str, level: str = "##") -> dict[str, str]:
    """Return the text beneath each heading of that level."""
    _, *parts = re.split(rf"^{level} (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """Return the cells of each row of the tables in the text."""
    lines = re.findall(r"^\| (.+) \|$", text, re.MULTILINE)
    return [line.split(" | ") for line in lines]


def blocks(text: str, language: str) -> list[str]:
    """Return the code of each fenced block in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def install(text: str, directory: Path) -> None:
    """Write the files that a recipe shows, each with its path in its first line."""
    for block in blocks(text, "python"):
        if found := re.match(r"# (\w+/\w+\.py)\n", block):
            path = directory / found[1]
            path.parent.mkdir(exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(block)
