"""What an application does while its page is locked, and what it finds afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_hostile_pages import rewrite
from tests.browser.test_reauthentication import (
    SECONDS,
    end,
    expect_locked,
    expect_shown,
    fill,
    sign_in_again,
    sign_in_link,
)
from tests.support.world import (
    LIMIT,
    SECRET,
    WARNING,
    Server,
    World,
    cover,
    events,
    serving,
    turn_to,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = tmp_path_factory.mktemp("browser") / "db.sqlite3"
    with serving(database, LIVE_REAUTHENTICATE=str(SECONDS)) as server:
        yield server


@pytest.fixture
def page(world: World) -> Page:
    return world.sign_in("/report/")


def test_its_shortcuts_do_not_work(world: World, page: Page) -> None:
    page.evaluate(
        """() => {
          window.keys = [];
          document.addEventListener("keydown", ({ key }) => keys.push(key));
        }"""
    )
    end(world)
    expect_locked(page)
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    assert page.evaluate("keys") == []


def test_a_dialog_that_it_opens_does_not_stand_in_the_way(
    world: World, page: Page
) -> None:
    page.evaluate(
        """() => {
          window.box = document.createElement("dialog");
          box.textContent = "Your last change has not been saved.";
          document.body.append(box);
        }"""
    )
    page.get_by_label("Patient").focus()
    end(world)
    page.evaluate("box.showModal()")
    expect_locked(page)
    expect(sign_in_link(page)).to_be_focused()
    sign_in_again(page)
    expect(cover(page)).to_be_hidden()
    expect(page.get_by_text("Your last change has not")).to_be_visible()
    page.keyboard.press("Escape")
    expect_shown(page)


def test_without_a_link_in_its_template_it_is_emptied(world: World) -> None:
    world.sign_in().close()
    rewrite(world, "**/report/", lambda html: html.replace(" data-login>", ">"))
    page = world.open("/report/")
    end(world)
    page.wait_for_url("**/login/?next=/report/")


def expect_saved(page: Page) -> None:
    page.get_by_role("button", name="Save the report").click()
    expect(page.locator("#notes")).to_contain_text("Grace")


def test_its_forms_can_be_sent_by_a_page_that_has_slept_through_the_login(
    world: World, page: Page
) -> None:
    fill(page)
    world.tick(1)
    world.now += LIMIT
    world.server.move_to(world.now)
    world.log_in()
    world.context.clock.fast_forward(LIMIT * 1000)
    turn_to(page)
    world.settle()
    expect_shown(page)
    assert events(page) == ["resumed"]
    expect_saved(page)


def test_its_forms_can_be_sent_if_the_server_answers_after_the_login(
    world: World, page: Page
) -> None:
    world.bearable = "Failed to load resource"
    fill(page)
    world.run_to_warning()
    world.context.set_offline(True)
    world.run(WARNING + 2)
    world.log_in()
    world.context.set_offline(False)
    world.run(10)
    expect_shown(page)
    assert events(page) == ["warn", "unreachable", "resumed"]
    expect_saved(page)


# As Turbo and htmx do for the Back button: the body of an earlier page, and its script.
KEEP_BODY = """async () => {
  const script = document.querySelector("script[src*=session_timeout]");
  window.code = await (await fetch(script.src)).text();
  window.kept = document.body.cloneNode(true);
}"""
RESTORE_BODY = """() => {
  document.body.replaceWith(kept);
  window.restored = true;
  (0, eval)(code);
}"""


def test_a_body_that_it_brings_back_is_not_shown(world: World, page: Page) -> None:
    world.bearable = "Failed to load resource"
    page.evaluate(KEEP_BODY)
    end(world)
    expect_locked(page)
    world.context.set_offline(True)
    page.evaluate(RESTORE_BODY)
    assert not page.locator(SECRET).is_visible()
    world.run(1)
    assert not page.locator(SECRET).is_visible()
    world.context.set_offline(False)
    page.wait_for_url("**/login/?next=/report/")


def test_an_extension_that_it_asks_for_does_not_keep_it_locked(
    world: World, page: Page
) -> None:
    end(world)
    expect_locked(page)
    world.log_in()
    page.evaluate("SessionTimeout.check(); SessionTimeout.extend(); 0")
    world.settle()
    expect_shown(page)


def test_the_script_can_begin_anew_afterwards(world: World, page: Page) -> None:
    end(world)
    sign_in_again(page)
    expect_shown(page)
    world.settle()
    page.evaluate(KEEP_BODY)
    page.evaluate(RESTORE_BODY)
    world.settle()
    end(world)
    expect_locked(page)
