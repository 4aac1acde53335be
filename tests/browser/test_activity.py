"""What counts as activity in the page, and what does not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.world import LIMIT, SECRET, WARNING, World, asked, warning

pytestmark = pytest.mark.browser


def test_form_that_is_being_filled_keeps_the_session_alive(
    world: World, page: Page
) -> None:
    page.locator("#id_text").focus()
    for _ in range(3 * LIMIT // 10):
        world.run(10)
        page.keyboard.type("a word ")
        world.settle()
        assert world.rest() > WARNING
    expect(warning(page)).to_be_hidden()
    page.click("#note-save")
    expect(page.locator("#messages")).to_contain_text("The note has been saved.")


def test_page_left_alone_does_not(world: World, page: Page) -> None:
    world.run_to_warning()
    world.run(WARNING)
    page.wait_for_url("**/login/?next=/notes/")
    assert not world.status()["active"]


def test_page_that_polls_does_not(world: World) -> None:
    page = world.sign_in("/polling/")
    world.run_to_warning()
    world.run(WARNING - 1)
    expect(page.locator("#poll")).to_contain_text(f"of {LIMIT} s")
    world.run(1)
    page.wait_for_url("**/login/?next=/polling/")


def test_status_asked_for_ever_keeps_nothing_alive(world: World, page: Page) -> None:
    for rest in range(LIMIT, 0, -5):
        assert world.rest() == rest
        page.evaluate("SessionTimeout.check()")
        world.run(5)
    page.wait_for_url("**/login/?next=/notes/")


GESTURES = {
    "key": lambda page: page.keyboard.press("a"),
    "click": lambda page: page.mouse.click(5, 5),
    "move": lambda page: page.mouse.move(30, 40, steps=3),
    "scroll": lambda page: page.mouse.wheel(0, 50),
    "dictation": lambda page: page.keyboard.insert_text("spoken"),
}


@pytest.mark.parametrize("gesture", GESTURES)
def test_gesture_of_the_visitor_extends_the_session(
    world: World, page: Page, gesture: str
) -> None:
    page.locator("#id_text").focus()
    world.run(40)
    with page.expect_response("**/extend/"):
        GESTURES[gesture](page)
    world.settle()
    assert world.rest() == LIMIT


@pytest.mark.parametrize(
    "script",
    [
        "document.querySelector('#id_text').focus()",
        "dispatchEvent(new Event('focus'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true}))",
        "document.querySelector('#note-save').click()",
        "document.body.style.height = '9000px'; scrollTo(0, 500)",
        "document.querySelector('h1').style.marginTop = '90px'",
    ],
)
def test_what_a_script_does_is_no_activity(
    world: World, page: Page, script: str
) -> None:
    page.mouse.move(50, 60)  # at the beginning, when nothing is due
    world.run(40)
    page.evaluate(script)
    page.mouse.move(50, 60)  # where it is already
    page.evaluate("new Promise((resolve) => setTimeout(resolve)) && 0")
    world.run(1)
    assert "extend" not in asked(page)
    assert world.rest() == LIMIT - 41


def test_activity_extends_once_a_minute_at_most(world: World) -> None:
    world.choose(idle="1800")
    page = world.sign_in()
    for _ in range(5 * 60):
        page.keyboard.press("a")
        world.settle()
        world.run(1)
    assert asked(page).count("extend") == 4
    assert world.rest() > 1800 - 61


def test_activity_extends_twice_before_the_warning_of_a_short_limit(
    world: World,
) -> None:
    world.choose(idle="40")  # 40 s, with a warning of 20 s
    page = world.sign_in()
    for _ in range(60):
        page.keyboard.press("a")
        world.settle()
        world.run(1)
    expect(warning(page)).to_be_hidden()
    assert asked(page).count("extend") == 5
    assert world.rest() == 30


def test_activity_beneath_the_warning_does_not_extend(world: World, page: Page) -> None:
    world.run_to_warning()
    expect(warning(page)).to_be_visible()
    for _ in range(30):
        page.keyboard.press("a")
        page.mouse.move(world.now % 100, 50)
        world.run(1)
    assert "extend" not in asked(page)
    assert world.rest() == WARNING - 30


def test_activity_can_be_turned_off(world: World, page: Page) -> None:
    page.evaluate(
        """() => {
          const dialog = document.querySelector("[data-session-timeout]");
          dialog.removeAttribute("data-activity");
          SessionTimeout.start(dialog);
        }"""
    )
    world.run(40)
    page.mouse.move(30, 40)
    page.keyboard.press("a")
    world.run(1)
    assert "extend" not in asked(page)
    expect(page.locator(SECRET)).to_be_visible()
