"""The warning: when it comes, what it says, and what keeps the session."""

from __future__ import annotations

import re
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
    final_warning,
    hold,
    sign_out,
    stay,
    warning,
)

pytestmark = pytest.mark.browser

EXTEND = "**/session-timeout/extend/"


def test_warning_comes_at_the_second(world: World, page: Page) -> None:
    world.run(LIMIT - WARNING - 1)
    expect(warning(page)).to_be_hidden()
    assert world.rest() == WARNING + 1

    world.run(1)
    expect(warning(page)).to_be_visible()
    expect(page.locator("[data-countdown]")).to_have_text("1:00")
    assert world.rest() == WARNING

    world.run(1)
    expect(page.locator("[data-countdown]")).to_have_text("0:59")


def test_session_ends_on_the_login_page_with_the_message(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    world.run(WARNING - 1)
    expect(page.locator(SECRET)).to_be_visible()
    assert world.rest() == 1

    world.run(1)
    page.wait_for_url("**/login/?next=/notes/")
    expect(page.locator("#messages")).to_contain_text("Your session has ended")
    assert not world.status()["active"]


WAYS: dict[str, Callable[[Page], None]] = {
    "click": lambda page: stay(page).click(),
    "Escape": lambda page: page.keyboard.press("Escape"),
    "Enter": lambda page: page.keyboard.press("Enter"),
}


@pytest.mark.parametrize("way", WAYS)
def test_session_can_be_extended_more_than_ten_times(
    world: World, page: Page, way: str
) -> None:
    for _ in range(11):
        world.run_to_warning()
        expect(warning(page)).to_be_visible()
        assert world.rest() == WARNING
        WAYS[way](page)
        expect(warning(page)).to_be_hidden()
        assert world.rest() == LIMIT
    assert events(page) == ["warn", "extended"] * 11


def test_keyboard_reaches_both_buttons_and_nothing_else(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    expect(stay(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(sign_out(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(stay(page)).to_be_focused()
    page.keyboard.press("Space")
    expect(warning(page)).to_be_hidden()


def test_dialog_closes_after_the_server_has_agreed_and_not_before(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    held = hold(page, EXTEND)
    with page.expect_request(EXTEND):
        stay(page).click()
    expect(warning(page)).to_be_visible()

    held[0].continue_()
    expect(warning(page)).to_be_hidden()


def test_second_escape_does_not_close_the_dialog_before_the_server_has_agreed(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    held = hold(page, EXTEND)
    expect(stay(page)).to_be_focused()
    with page.expect_request(EXTEND):
        page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(stay(page)).to_be_focused()
    assert len(held) == 1

    held[0].continue_()
    expect(warning(page)).to_be_hidden()
    assert world.rest() == LIMIT


def test_extension_that_fails_is_told_and_can_be_tried_again(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    page.route(EXTEND, lambda route: route.fulfill(status=500), times=1)
    stay(page).click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("Please try again"))
    expect(stay(page)).to_be_focused()
    assert world.rest() == WARNING
    assert "500" in world.errors.pop()

    stay(page).click()
    expect(warning(page)).to_be_hidden()
    assert world.rest() == LIMIT

    world.run_to_warning()
    expect(warning(page)).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_token_that_a_sign_in_elsewhere_has_replaced_does_no_harm(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    page.evaluate("document.querySelector('[data-stay] input').value = 'x'.repeat(64)")
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    assert asked(page)[-3:] == ["extend", "status", "extend"]
    assert world.rest() == LIMIT
    assert "403" in world.errors.pop()


def test_focus_returns_to_where_it_was(world: World, page: Page) -> None:
    page.locator("#note-save").focus()
    world.run_to_warning()
    expect(stay(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#note-save")).to_be_focused()


def test_dialog_of_the_application_stays_open_beneath_and_gets_the_focus_back(
    world: World, page: Page
) -> None:
    page.evaluate(
        """() => {
          const dialog = document.createElement("dialog");
          dialog.innerHTML = '<label>Name <input id="name"></label>';
          document.body.append(dialog);
          dialog.showModal();
          document.addEventListener("keydown", () => dialog.close());
        }"""
    )
    expect(page.locator("#name")).to_be_focused()
    world.run_to_warning()
    expect(stay(page)).to_be_focused()
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    expect(page.locator("#name")).to_be_focused()

    world.run_to_warning()
    page.keyboard.press("Escape")
    expect(warning(page)).to_be_hidden()
    expect(page.locator("#name")).to_be_focused()


def test_announcements_are_exactly_these(world: World, page: Page) -> None:
    world.run_to_warning()
    world.run(WARNING - 1)
    assert page.evaluate("spoken") == [
        "Your session will end in 1 minute.",
        "Your session will end in 40 seconds.",
        "Your session will end in 20 seconds.",
    ]


def test_announcements_begin_anew_with_the_next_warning(
    world: World, page: Page
) -> None:
    for _ in range(2):
        world.run(LIMIT - WARNING + 25)
        stay(page).click()
        expect(warning(page)).to_be_hidden()
    assert (
        page.evaluate("spoken")
        == [
            "Your session will end in 1 minute.",
            "Your session will end in 40 seconds.",
        ]
        * 2
    )


def test_title_says_so_while_the_warning_is_open(world: World, page: Page) -> None:
    expect(page).to_have_title("Notes - Corner shop")
    world.run_to_warning()
    expect(page).to_have_title("Are you still there? \N{EN DASH} Notes - Corner shop")
    stay(page).click()
    expect(page).to_have_title("Notes - Corner shop")


def test_title_that_the_application_has_changed_meanwhile_is_kept(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    page.evaluate("document.title = 'Three new notes'")
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    expect(page).to_have_title("Three new notes")


def test_visitor_can_sign_out_in_the_dialog(world: World, page: Page) -> None:
    world.run_to_warning()
    sign_out(page).click()
    expect(page.locator("#login-link")).to_be_visible()
    assert not world.status()["active"]


def test_absolute_limit_has_its_own_sentence_and_cannot_be_extended(
    world: World,
) -> None:
    world.choose(idle="1800", absolute="120")
    page = world.sign_in()
    page.locator("#id_text").focus()
    world.run(59)
    expect(final_warning(page)).to_be_hidden()
    world.run(1)
    expect(final_warning(page)).to_have_accessible_description(
        "Your session is about to reach its time limit and cannot be extended. "
        "Please save your work now."
    )
    expect(stay(page)).to_be_hidden()
    assert not world.status()["can_extend"]

    page.keyboard.press("Escape")
    expect(final_warning(page)).to_be_hidden()
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.type("Saved in time")
    world.run(59)
    expect(page.locator(SECRET)).to_be_visible()
    assert asked(page).count("extend") == 0
    assert world.rest() == 1

    world.run(1)
    page.wait_for_url("**/login/?next=/notes/")


def test_absolute_limit_warns_earlier_than_the_idle_limit(world: World) -> None:
    world.choose(idle="1800", absolute="120")
    page = world.sign_in()
    world.run(60)
    expect(final_warning(page)).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(final_warning(page)).to_be_hidden()
    world.run(5)
    expect(final_warning(page)).to_be_hidden()


def test_visitor_without_a_sign_in_continues_or_is_told(
    world: World,
) -> None:
    page = world.open("/cart/")
    page.click("#add-tea")
    expect(page.locator("#cart-tea")).to_have_text("1")
    world.run_to_warning()
    page.get_by_role("button", name="Continue").click()
    expect(warning(page)).to_be_hidden()
    assert world.rest() == LIMIT

    world.run_to_warning()
    world.run(WARNING)
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    expect(page.locator("#cart-tea")).to_have_count(0)
    page.get_by_role("button", name="Reload").click()
    expect(page.locator("#cart-tea")).to_have_text("0")
    expect(page).to_have_url(f"{world.server.url}/cart/")


def test_a_selection_outlasts_the_warning(world: World) -> None:
    page = world.sign_in("/report/")
    editor = page.get_by_role("textbox", name="Remarks")
    editor.click()
    page.keyboard.type("no remarks")
    page.keyboard.press("Control+Shift+ArrowLeft")
    world.run_to_warning()
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    expect(editor).to_be_focused()
    assert page.evaluate("getSelection().toString()").strip() == "remarks"
