"""Computers that sleep, clocks that are wrong, and very long limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.world import (
    LIMIT,
    MONTHS,
    SECRET,
    START,
    WARNING,
    World,
    asked,
    cover,
    hold,
    release,
    stay,
    warning,
)

pytestmark = pytest.mark.browser

HOUR = 3600
STATUS = "**/session-timeout/status/"


def was_seen_after(page: Page, moment: float) -> bool:
    """Whether the private text could be seen at that time or later."""
    return any(seen and at >= moment for at, seen in page.evaluate("sightings"))


@pytest.mark.parametrize("idle", [0, LIMIT - WARNING, LIMIT - 1])
def test_lid_closed_for_an_hour_opens_on_nothing_private(
    world: World, page: Page, idle: int
) -> None:
    world.run(idle)
    held = hold(page, STATUS)
    world.sleep(HOUR)
    expect(page.locator(SECRET)).to_be_hidden()
    expect(warning(page)).to_be_hidden()
    expect(cover(page)).to_be_visible()
    assert page.evaluate("asked").pop() == ["/session-timeout/status/", False]
    assert not was_seen_after(page, START + LIMIT)
    expect(page).not_to_have_title("Notes")

    release(page, STATUS, held)
    page.wait_for_url("**/login/?next=/notes/")


def test_lid_closed_for_a_while_opens_on_the_warning(world: World, page: Page) -> None:
    world.sleep(LIMIT - 25)
    expect(warning(page)).to_be_visible()
    expect(page.locator("[data-countdown]")).to_have_text("0:25")
    world.run(1)
    assert page.evaluate("spoken") == ["Your session will end in 20 seconds."]


def test_session_that_another_device_could_not_end_is_found_alive(
    world: World, page: Page
) -> None:
    page.locator("#id_text").fill("half a sentence")
    page.locator("#id_text").focus()
    held = hold(page, STATUS)
    world.sleep(LIMIT - 1)
    world.open("/account/")  # another tab, whose page has come just now
    world.sleep(1)
    expect(page.locator(SECRET)).to_be_hidden()
    release(page, STATUS, held)
    expect(page.locator(SECRET)).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("half a sentence")
    expect(page.locator("#id_text")).to_be_focused()
    expect(page).to_have_title("Notes - Corner shop")


@pytest.mark.parametrize("skew", [-HOUR, HOUR])
def test_wrong_clock_of_the_visitor_does_not_matter(
    make_world: Callable[..., World], skew: int
) -> None:
    world = make_world(skew)
    page = world.sign_in()
    world.run(LIMIT - WARNING - 1)
    expect(warning(page)).to_be_hidden()
    world.run(1)
    expect(warning(page)).to_be_visible()
    stay(page).click()
    expect(warning(page)).to_be_hidden()

    world.run_to_warning()
    world.run(WARNING - 1)
    expect(page.locator(SECRET)).to_be_visible()
    world.run(1)
    page.wait_for_url("**/login/?next=/notes/")


def test_clock_set_back_prolongs_nothing(world: World, page: Page) -> None:
    world.run(10)
    world.set_wall_clock(-HOUR)
    world.run(LIMIT - 10 - WARNING)
    expect(warning(page)).to_be_visible()
    world.run(WARNING)
    page.wait_for_url("**/login/?next=/notes/")


def test_clock_set_forward_ends_nothing(world: World, page: Page) -> None:
    world.run(10)
    world.set_wall_clock(HOUR)
    world.run(LIMIT - WARNING - 11)
    expect(page.locator(SECRET)).to_be_visible()
    expect(warning(page)).to_be_hidden()
    assert "status" in asked(page)
    world.run(1)
    expect(warning(page)).to_be_visible()


def test_clock_that_stood_still_during_sleep_is_not_believed(
    world: World, page: Page
) -> None:
    """The monotonic clock of some systems does not count the time asleep."""
    page.evaluate("performance.now = () => 1")
    world.sleep(HOUR)
    page.wait_for_url("**/login/?next=/notes/")
    assert "status" not in asked(page)  # of this one


def test_tab_in_the_background_is_covered_in_time(world: World, page: Page) -> None:
    """Its timers run once a minute at best."""
    for _ in range(LIMIT // 60):
        world.sleep(60)
    page.wait_for_url("**/login/?next=/notes/")


def test_page_asks_when_it_is_seen_again(world: World, page: Page) -> None:
    for event in (
        "document.dispatchEvent(new Event('visibilitychange'))",
        "document.dispatchEvent(new Event('resume'))",
        "document.dispatchEvent(new Event('prerenderingchange'))",
        "dispatchEvent(new Event('focus'))",
        "dispatchEvent(new Event('online'))",
    ):
        page.evaluate(f"asked.length = 0; {event}")
        world.settle()
        assert asked(page) == ["status"]


def test_limit_beyond_the_longest_timer_does_not_fire_at_once(world: World) -> None:
    world.choose(idle=MONTHS)
    page = world.sign_in()
    assert world.rest() * 1000 > 2**31
    world.run(3)
    expect(page.locator(SECRET)).to_be_visible()
    assert asked(page) == []

    for _ in range(60):  # a day at a time, as the page sees it
        world.sleep(24 * HOUR - 1)
    world.run(1)
    expect(warning(page)).to_be_visible()
    world.run(59)
    page.wait_for_url("**/login/?next=/notes/")
