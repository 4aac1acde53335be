"""Several tabs of one browser, with and without a channel between them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.world import (
    LIMIT,
    SECRET,
    WARNING,
    World,
    asked,
    events,
    mark,
    stay,
    turn_to,
    warning,
)

pytestmark = pytest.mark.browser


@pytest.fixture(params=["channel", "no channel"])
def has_channel(request: pytest.FixtureRequest) -> bool:
    return request.param == "channel"


@pytest.fixture
def world(make_world: Callable[..., World], has_channel: bool) -> World:
    world = make_world()
    if not has_channel:
        world.context.add_init_script("delete window.BroadcastChannel")
    return world


@pytest.fixture
def tabs(world: World) -> list[Page]:
    """Three tabs of somebody who has signed in."""
    pages = [world.sign_in(), world.open("/account/"), world.open("/fetch/")]
    for page in pages[1:]:
        mark(page)
    return pages


def test_activity_in_one_keeps_all(world: World, tabs: list[Page]) -> None:
    for _ in range(2 * LIMIT // 20):
        world.run(20)
        tabs[0].keyboard.press("a")
        world.settle()
    for page in tabs:
        expect(warning(page)).to_be_hidden()
        expect(page.locator(SECRET)).to_be_visible()
    assert "warn" not in events(tabs[1])
    assert world.rest() > WARNING


def test_request_in_one_keeps_all(world: World, tabs: list[Page]) -> None:
    world.run(LIMIT - WARNING - 10)
    tabs[0].reload()
    world.run(15)
    for page in tabs:
        expect(warning(page)).to_be_hidden()


def test_stay_in_one_closes_the_warning_in_all(
    world: World, tabs: list[Page], has_channel: bool
) -> None:
    world.run_to_warning()
    for page in tabs:
        expect(warning(page)).to_be_visible()
    stay(tabs[0]).click()
    expect(warning(tabs[0])).to_be_hidden()
    for page in tabs[1:]:
        if not has_channel:
            turn_to(page)
        expect(warning(page)).to_be_hidden()


def test_tab_that_nobody_turns_to_learns_in_the_end_that_the_session_goes_on(
    world: World, tabs: list[Page]
) -> None:
    world.run(LIMIT - WARNING + 30)
    stay(tabs[0]).click()
    expect(warning(tabs[0])).to_be_hidden()
    world.run(30)
    for page in tabs:
        expect(page.locator(SECRET)).to_be_visible()
        expect(warning(page)).to_be_hidden()


def test_all_end_together(world: World, tabs: list[Page]) -> None:
    world.run_to_warning()
    world.run(WARNING)
    tabs[0].wait_for_url("**/login/?next=/notes/")
    tabs[1].wait_for_url("**/login/?next=/account/")
    tabs[2].wait_for_url("**/login/?next=/fetch/")


def test_sign_out_in_one_ends_all(
    world: World, tabs: list[Page], has_channel: bool
) -> None:
    tabs[0].click("#logout")
    expect(tabs[0].locator("#login-link")).to_be_visible()
    for page, path in (tabs[1], "account"), (tabs[2], "fetch"):
        if not has_channel:
            turn_to(page)
        page.wait_for_url(f"**/login/?next=/{path}/")


def test_page_of_a_user_does_not_stay_when_another_signs_in(
    world: World, tabs: list[Page], has_channel: bool
) -> None:
    world.log_in("other")
    new = world.open("/account/")
    expect(new.locator("#user")).to_have_text("other")
    for page in tabs:
        if not has_channel:
            turn_to(page)
        expect(page.locator("#user")).to_have_text("other")
        expect(page.locator(SECRET)).to_have_count(0)


def test_page_stays_when_the_same_user_signs_in_again(
    world: World, tabs: list[Page]
) -> None:
    world.log_in("demo")
    world.open("/account/")
    for page in tabs:
        turn_to(page)
        world.settle()
        expect(page.locator(SECRET)).to_be_visible()
    world.run_to_warning()
    stay(tabs[0]).click()  # with the token of the new session
    expect(warning(tabs[0])).to_be_hidden()


@pytest.mark.parametrize("has_channel", ["channel"], indirect=True)
@pytest.mark.parametrize("kind", ["ended", "extended", "left"])
def test_message_is_a_reason_to_ask_and_nothing_more(
    world: World, tabs: list[Page], has_channel: bool, kind: str
) -> None:
    session = tabs[0].locator("[data-session]").get_attribute("data-session")
    for tag in session, "somebody else's":
        tabs[2].evaluate(
            "message => new BroadcastChannel('session-timeout').postMessage(message)",
            {"session": tag, "kind": kind},
        )
    tabs[2].evaluate("new BroadcastChannel('session-timeout').postMessage('nonsense')")
    expected = 1 if kind == "extended" else 2
    for page in tabs[:2]:
        page.wait_for_function(f"() => asked.length >= {expected}", polling=20)
        world.settle()
        assert set(asked(page)) == {"status"}
        expect(page.locator(SECRET)).to_be_visible()
