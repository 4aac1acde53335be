"""The pages of the manual, as Chromium shows them on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
    const place = table.parentElement.getBoundingClientRect();
    const { left, right } = table.getBoundingClientRect();
    if (right - left > place.width + 1 || right > place.right + 1) {
      wide.push(table.textContent.trim().slice(0, 40));
    }
  }
  return wide;
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


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    viewport = {"width": request.param, "height": 900}
    context = chromium.new_context(viewport=viewport)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_and_no_table_is_too_wide(page: Page, manual: Path, theme: str) -> None:
    pages = sorted(manual.glob("*.html"))
    assert {"index", "benchmarks", "comparison"} <= {path.stem for path in pages}
    page.emulate_media(color_scheme=theme)
    wide = {}
    for path in pages:
        page.goto(path.as_uri())
        if found := page.evaluate(TOO_WIDE):
            wide[path.stem] = found
    assert wide == {}


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
def test_the_screenshot_of_the_landing_page_follows_the_theme(
    page: Page, manual: Path, theme: str
) -> None:
    page.goto((manual / "index.html").as_uri())
    page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
    assert page.locator("img.only-light").is_visible() == (theme == "light")
    assert page.locator("img.only-dark").is_visible() == (theme == "dark")
