"""The server cannot be reached, or answers what is no answer."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.world import (
    LIMIT,
    SECRET,
    WARNING,
    World,
    asked,
    cover,
    events,
    hold,
    warning,
)

pytestmark = pytest.mark.browser

STATUS = "**/session-timeout/status/"
HIDDEN = "The server cannot be reached. This page is hidden to protect your data."


@pytest.fixture
def world(world: World) -> World:
    """Where the browser itself complains of what it cannot load."""
    world.bearable = "Failed to load resource"
    return world


def notice(page: Page) -> Locator:
    return page.get_by_role("alertdialog", name=HIDDEN)


def run_offline_to_the_end(world: World) -> None:
    world.run_to_warning()
    world.context.set_offline(True)
    world.run(WARNING)


def test_page_is_covered_at_the_deadline_and_then_emptied(
    world: World, page: Page
) -> None:
    run_offline_to_the_end(world)
    expect(notice(page)).to_be_visible()
    expect(page).to_have_title(HIDDEN)
    expect(page.locator(SECRET)).to_be_hidden()
    assert page.evaluate("asked").pop() == ["/session-timeout/status/", False]

    world.run(59)
    expect(page.locator(SECRET)).to_have_count(1)
    world.run(1)
    expect(page.locator(SECRET)).to_have_count(0)
    expect(notice(page)).to_be_visible()
    assert "private" not in page.content()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert events(page) == ["warn", "unreachable"]

    world.context.set_offline(False)
    page.wait_for_url("**/login/?next=/notes/")


@pytest.mark.parametrize("seconds", [1, 100])
def test_visitor_can_reload_the_page(world: World, page: Page, seconds: int) -> None:
    page.route(STATUS, lambda route: route.abort())
    world.run_to_warning()
    world.run(WARNING + seconds)
    page.get_by_role("button", name="Reload").click()
    page.wait_for_url("**/login/?next=/notes/")


@pytest.mark.parametrize("seconds", [5, 200])
def test_session_that_has_ended_meanwhile_ends_the_page(
    world: World, page: Page, seconds: int
) -> None:
    run_offline_to_the_end(world)
    world.run(seconds)
    expect(notice(page)).to_be_visible()
    world.context.set_offline(False)
    page.wait_for_url("**/login/?next=/notes/")


def test_page_is_uncovered_when_the_server_is_back_with_the_session_alive(
    world: World, page: Page
) -> None:
    page.evaluate("document.body.style.paddingTop = '3000px'; scrollTo(0, 2000)")
    page.locator("#id_text").fill("half a sentence")
    page.evaluate("document.querySelector('#id_text').focus({preventScroll: true})")
    page.route(STATUS, lambda route: route.abort())
    world.run(LIMIT - 1)
    scroll = page.evaluate("scrollY")
    world.open("/account/").close()  # another tab
    world.run(30)
    expect(page.locator(SECRET)).to_be_hidden()

    page.unroute(STATUS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(SECRET)).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("half a sentence")
    expect(page.locator("#id_text")).to_be_focused()
    expect(page).to_have_title("Notes - Corner shop")
    assert page.evaluate("scrollY") == scroll
    assert page.locator("body").get_attribute("style") == "padding-top: 3000px;"
    expect(cover(page)).to_be_hidden()


def test_page_that_has_been_emptied_comes_anew_if_the_session_lives(
    world: World, page: Page
) -> None:
    page.route(STATUS, lambda route: route.abort())
    world.run(LIMIT - 1)
    world.open("/account/").close()
    world.run(62)
    expect(page.locator(SECRET)).to_have_count(0)
    page.unroute(STATUS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#user")).to_have_text("demo")
    expect(page).to_have_url(f"{world.server.url}/notes/")


ANSWERS: dict[str, dict[str, Any]] = {
    "500": {"status": 500, "body": "{}"},
    "503 with our JSON": {"status": 503, "json": {"active": True, "session": ""}},
    "a captive portal": {"status": 200, "body": "<h1>Welcome</h1>"},
    "another JSON": {"status": 200, "json": {"ok": True}},
    "no object": {"status": 200, "body": "null"},
    "a redirect": {"status": 302, "headers": {"Location": "/about/"}},
    "not found": {"status": 404, "json": {"active": False, "session": ""}},
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_no_answer_is_neither_alive_nor_ended(
    world: World, page: Page, answer: str
) -> None:
    world.run_to_warning()
    page.route(STATUS, lambda route: route.fulfill(**ANSWERS[answer]))
    world.run(WARNING + 1)
    expect(notice(page)).to_be_visible()
    expect(page).to_have_url(f"{world.server.url}/notes/")


def test_server_that_does_not_answer_in_ten_seconds_is_not_waited_for(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    hold(page, STATUS)
    world.run(WARNING - 1)
    world.tick()
    expect(page.locator(SECRET)).to_be_hidden()
    world.tick(10)
    expect(notice(page)).to_be_visible()


def test_silence_before_the_deadline_covers_nothing(world: World, page: Page) -> None:
    page.route(STATUS, lambda route: route.abort())
    for _ in range(3):
        page.evaluate("SessionTimeout.check()")
        world.settle()
    expect(page.locator(SECRET)).to_be_visible()
    world.run_to_warning()
    expect(warning(page)).to_be_visible()
    assert "unreachable" not in events(page)


def test_server_is_asked_less_and_less(world: World, page: Page) -> None:
    run_offline_to_the_end(world)
    page.evaluate("asked.length = 0")
    world.run(30)
    assert asked(page) == ["status"] * 4  # after 1, 3, 7 and 15 seconds
    world.run(180)
    assert len(asked(page)) < 12


def test_cover_hides_what_the_application_has_in_the_top_layer(
    world: World, page: Page
) -> None:
    page.evaluate(
        """() => {
          const dialog = document.createElement("dialog");
          const popover = document.createElement("div");
          popover.popover = "manual";
          dialog.textContent = popover.textContent = "Private too";
          document.body.append(dialog, popover);
          dialog.showModal();
          popover.showPopover();
        }"""
    )
    run_offline_to_the_end(world)
    for private in page.get_by_text("Private too").all():
        expect(private).to_be_hidden()
    world.run(60)
    expect(page.get_by_text("Private too")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(notice(page)).to_be_visible()
    expect(page.get_by_role("button", name="Reload")).to_be_enabled()


def test_application_may_take_over(world: World, page: Page) -> None:
    page.evaluate(
        """() => {
          const prevent = (event) => event.preventDefault();
          for (const name of ["warn", "unreachable", "ended"]) {
            document.addEventListener(`session-timeout:${name}`, prevent);
          }
        }"""
    )
    run_offline_to_the_end(world)
    expect(warning(page)).to_be_hidden()
    expect(page.locator(SECRET)).to_be_visible()
    world.run(90)
    expect(page.locator(SECRET)).to_be_visible()
    world.context.set_offline(False)
    page.evaluate("SessionTimeout.check()")
    world.settle()
    expect(page.locator(SECRET)).to_be_visible()
    expect(page).to_have_title("Notes - Corner shop")
    assert page.evaluate("events") == [
        ["warn", {"expiresIn": 60, "canExtend": True}],
        ["unreachable", {}],
        ["ended", {"reason": "idle", "redirect": "/login/?next=/notes/"}],
    ]
