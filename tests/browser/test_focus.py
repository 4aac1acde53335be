"""What had the focus, or was selected, when a dialog of the package opened above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_reauthentication import (
    SECONDS,
    end,
    expect_shown,
    sign_in_again,
)
from tests.support.world import Server, World, events, serving, stay, warning

pytestmark = pytest.mark.browser

# Each makes window.field, and gives it the focus.
FIELDS = {
    "text": "main.prepend(make('input', { type: 'text' }))",
    "email": "main.prepend(make('input', { type: 'email' }))",
    "number": "main.prepend(make('input', { type: 'number' }))",
    "in a shadow root": """{
      const host = document.createElement("div");
      main.prepend(host);
      host.attachShadow({ mode: "open" }).append(make("textarea"));
    }""",
    "in a frame": """{
      const frame = document.createElement("iframe");
      main.prepend(frame);
      frame.contentDocument.body.append(make("textarea"));
    }""",
    "an editor in a frame": """{
      const frame = document.createElement("iframe");
      main.prepend(frame);
      window.field = frame.contentDocument.body;
      field.contentEditable = true;
    }""",
}
MAKE = """() => {
  const main = document.querySelector("main");
  const make = (name, more) =>
    window.field = Object.assign(document.createElement(name), more);
  %s;
  field.focus();
}"""
CARET_IN_A_TEXT = """() => {
  const text = document.createElement("p");
  text.textContent = "Saved 12 minutes ago";
  document.querySelector("main").prepend(text);
  getSelection().collapse(text.firstChild, 18);
  window.change = () => { text.firstChild.data = "Saved"; };
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = tmp_path_factory.mktemp("browser") / "db.sqlite3"
    with serving(database, LIVE_REAUTHENTICATE=str(SECONDS)) as server:
        yield server


@pytest.fixture
def page(world: World) -> Page:
    return world.sign_in("/report/")


def stay_signed_in(page: Page) -> None:
    warning(page).locator("[data-countdown]").click()  # the caret follows the pointer
    stay(page).click()
    expect(warning(page)).to_be_hidden()


Wait = Callable[[World], None]
GoOn = Callable[[Page], None]
beneath_each_dialog = pytest.mark.parametrize(
    ("wait", "go_on"),
    [(World.run_to_warning, stay_signed_in), (end, sign_in_again)],
    ids=["warning", "cover"],
)


@beneath_each_dialog
@pytest.mark.parametrize("field", FIELDS)
def test_typing_goes_on_in_a_field(
    world: World, page: Page, field: str, wait: Wait, go_on: GoOn
) -> None:
    page.evaluate(MAKE % FIELDS[field])
    page.keyboard.type("124")
    page.keyboard.press("ArrowLeft")
    wait(world)
    go_on(page)
    expect_shown(page)
    page.keyboard.type("3")
    assert page.evaluate("field.value ?? field.textContent") == "1234"


@beneath_each_dialog
def test_a_selected_text_may_change_meanwhile(
    world: World, page: Page, wait: Wait, go_on: GoOn
) -> None:
    page.evaluate(CARET_IN_A_TEXT)
    wait(world)
    page.evaluate("change()")
    go_on(page)
    expect_shown(page)
    world.settle()
    assert events(page)[-1] in ("extended", "resumed")


@beneath_each_dialog
def test_a_field_may_be_removed_meanwhile(
    world: World, page: Page, wait: Wait, go_on: GoOn
) -> None:
    field = page.get_by_label("Patient")
    field.focus()
    wait(world)
    field.evaluate("field => field.remove()")
    go_on(page)
    expect_shown(page)
    expect(page.locator("body")).to_be_focused()
