"""The manual's examples of JavaScript and CSS, run as they stand there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from tests.support.manual import TEXTS, blocks
from tests.support.world import World, asked

pytestmark = pytest.mark.browser


def block(page: str, language: str, holding: str = "") -> str:
    """Return the only example of a page in that language that holds a text."""
    (found,) = [code for code in blocks(TEXTS[page], language) if holding in code]
    return found


def test_draft_is_saved_when_the_warning_comes(world: World, page: Page) -> None:
    page.evaluate(
        """() => {
          const form = document.createElement("form");
          form.id = "article";
          form.innerHTML = "<textarea name=text>Once upon</textarea>";
          document.querySelector("main").append(form);
        }"""
    )
    saved: list[Route] = []

    def save(route: Route) -> None:
        saved.append(route)
        route.fulfill(status=204)

    page.route("**/drafts/", save)
    page.evaluate(block("docs/browser.md", "javascript", "/drafts/"))
    world.run_to_warning()
    (route,) = saved
    assert route.request.method == "POST"
    assert route.request.headers["x-session-passive"] == "1"
    assert "Once upon" in (route.request.post_data or "")


def test_script_asks_without_being_activity(world: World, page: Page) -> None:
    rest = world.rest()
    world.tick(50)
    ask = block("docs/quickstart.md", "javascript").replace("/inbox/unread/", "/notes/")
    assert page.evaluate(f"async () => (await {ask}).status") == 200
    assert world.rest() == rest - 50
    assert asked(page)[-1] == "notes"


def test_colour_of_the_dialog_is_the_sites(world: World, page: Page) -> None:
    page.evaluate(
        """(css) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets.push(sheet);
        }""",
        block("docs/browser.md", "css"),
    )
    world.run_to_warning()
    colour = page.get_by_role("button", name="Stay signed in").evaluate(
        "(button) => getComputedStyle(button).backgroundColor"
    )
    assert colour == "rgb(23, 107, 91)"
