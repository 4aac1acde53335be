"""The pages of the manual, as Chromium shows them on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.paths import ROOT
from tests.support.processes import run_python

pytestmark = pytest.mark.browser

# What is wider than the place it has: the page itself, and tables in their column.
TOO_WIDE = """() => {
  const wide = [];
  if (document.documentElement.scrollWidth > innerWidth) wide.push("the page");
  for (const table of document.querySelectorAll("article table")) {
    const around = table.parentElement;
    const place = around.getBoundingClientRect();
    const { left, right } = table.getBoundingClientRect();
    const scrolls = around.matches(".table-wrapper") &&
      around.scrollWidth > around.clientWidth + 1;
    if (scrolls || right - left > place.width + 1 || right > place.right + 1) {
      wide.push(table.textContent.trim().slice(0, 40));
    }
  }
  return wide;
}"""
# What is on two lines, although it would fit on one: in a table a piece of code, a
# word, or a number and its unit; in a heading a part of a name.
BROKEN = """() => {
  const broken = [];
  const cells = ":is(td, th)";
  for (const place of document.querySelectorAll(`article :is(${cells}, h1, h2, h3)`)) {
    const room = (place.closest("table") ?? place).clientWidth;
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
      const code = place.matches(cells) && text.parentElement.closest("code");
      const words = /[\\d.]+\\s[%µ]s?|[\\p{L}\\p{N}]+/gu;
      for (const found of text.data.matchAll(code ? /\\S+/g : words)) {
        const range = document.createRange();
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
        const width = boxes.reduce((sum, box) => sum + box.width, 0);
        if (boxes.some((box) => box.top > boxes[0].top + 4) && width < room - 20) {
          broken.push(found[0]);
        }
      }
    }
  }
  return broken;
}"""
# The cells of a table that are narrower than it is.
COLUMNS = """() => [...document.querySelectorAll("article table.docutils :is(td, th)")]
  .filter((cell) => cell.checkVisibility())
  .filter((cell) => cell.clientWidth < 0.95 * cell.closest("table").clientWidth)
  .map((cell) => cell.textContent.trim().slice(0, 40))"""
# Tables and rows of cards that leave the edges of the text around them.
OFF_THE_EDGES = """() => {
  const off = [];
  const places = ".table-wrapper, .sd-container-fluid";
  for (const around of document.querySelectorAll(places)) {
    const place = around.parentElement.getBoundingClientRect();
    const boxes = [...around.querySelectorAll("table, .sd-card")].map(
      (box) => box.getBoundingClientRect());
    const left = Math.min(...boxes.map((box) => box.left)) - place.left;
    const right = place.right - Math.max(...boxes.map((box) => box.right));
    if (Math.abs(left) > 1 || Math.abs(right) > 1) {
      off.push(around.textContent.trim().slice(0, 40));
    }
  }
  return off;
}"""
COLOURS = """() => [...document.querySelectorAll(".drawing text")].map(
  (text) => [getComputedStyle(text).fill, getComputedStyle(document.body).color])"""


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("manual")
    run_python(
        "-m", "sphinx", "-q", "-b", "html", "docs", str(out), cwd=ROOT, path=ROOT
    )
    return out


WIDTHS = {"desktop": 1280, "tablet": 768, "phone": 390, "small-phone": 320}


@pytest.fixture(params=list(WIDTHS.values()), ids=list(WIDTHS))
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    viewport = {"width": request.param, "height": 900}
    context = chromium.new_context(viewport=viewport)
    yield context.new_page()
    context.close()


def find_on_pages(page: Page, manual: Path, script: str) -> dict[str, Any]:
    """Return what the script finds on each page of the manual that has any of it."""
    found = {}
    for path in sorted(manual.glob("*.html")):
        page.goto(path.as_uri())
        found[path.stem] = page.evaluate(script)
    assert {"index", "benchmarks", "comparison"} <= set(found)
    return {name: what for name, what in found.items() if what}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_and_no_table_is_too_wide(page: Page, manual: Path, theme: str) -> None:
    page.emulate_media(color_scheme=theme)
    assert find_on_pages(page, manual, TOO_WIDE) == {}


def test_no_word_of_a_table_or_a_heading_is_broken(page: Page, manual: Path) -> None:
    assert find_on_pages(page, manual, BROKEN) == {}


def test_tables_and_cards_keep_to_the_edges_of_the_text(
    page: Page, manual: Path
) -> None:
    assert find_on_pages(page, manual, OFF_THE_EDGES) == {}


@pytest.mark.parametrize(
    "page", [390, 320], ids=["phone", "small-phone"], indirect=True
)
def test_a_row_of_a_table_is_a_list_on_a_phone(page: Page, manual: Path) -> None:
    assert find_on_pages(page, manual, COLUMNS) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["benchmarks", "architecture", "sessions"])
def test_a_drawing_follows_the_switch_of_the_theme(
    page: Page, manual: Path, name: str, theme: str
) -> None:
    page.goto((manual / f"{name}.html").as_uri())
    page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
    colours = page.evaluate(COLOURS)
    assert colours
    assert all(fill == colour for fill, colour in colours)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "count"), [("index", 1), ("tutorial", 1), ("browser", 3)]
)
def test_a_screenshot_follows_the_theme(
    page: Page, manual: Path, name: str, count: int, theme: str
) -> None:
    page.goto((manual / f"{name}.html").as_uri())
    page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
    for kind in ("light", "dark"):
        pictures = page.locator(f"img.only-{kind}")
        assert pictures.count() == count
        assert [p.is_visible() for p in pictures.all()] == [kind == theme] * count
