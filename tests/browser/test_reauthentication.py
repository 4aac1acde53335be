"""The session ends, its user signs in again, and goes on with the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_accessibility import findings, languages, looks, sizes
from tests.browser.test_snippets import block
from tests.support.world import (
    LIMIT,
    SECRET,
    WARNING,
    Server,
    World,
    cover,
    events,
    mark,
    serving,
    turn_to,
    warning,
)

pytestmark = pytest.mark.browser

SECONDS = 600  # after the end
VARIANTS = {
    "token in the session": {"LIVE_CSRF": "session"},
    "token in a cookie": {"LIVE_CSRF": "cookie"},
    "allauth": {"LIVE_CSRF": "cookie", "LIVE_LOGIN_URL": "account_login"},
}


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    variant = VARIANTS[getattr(request, "param", "token in the session")]
    database = tmp_path_factory.mktemp("browser") / "db.sqlite3"
    with serving(database, LIVE_REAUTHENTICATE=str(SECONDS), **variant) as server:
        yield server


in_each_variant = pytest.mark.parametrize("server", VARIANTS, indirect=True)


@pytest.fixture
def page(world: World) -> Page:
    """The long form, on the screen of somebody who has signed in."""
    return world.sign_in("/report/")


def end(world: World) -> None:
    world.run_to_warning()
    world.run(WARNING + 1)


def sign_in_link(page: Page) -> Locator:
    return cover(page).get_by_role("link", name="Sign in again")


def leave_button(page: Page) -> Locator:
    return cover(page).get_by_role("button", name="Leave this page")


def sign_in_again(page: Page, name: str = "demo") -> None:
    """Sign in by the link on the cover, in the tab that it opens and that closes."""
    with page.context.expect_page() as opened:
        sign_in_link(page).click()
    tab = opened.value
    tab.locator("[name=username], [name=login]").fill(name)
    tab.locator("[name=password]").fill(name)
    with tab.expect_event("close"):
        tab.locator("[name=password]").press("Enter")


def fill(page: Page) -> None:
    page.get_by_label("Patient").fill("Grace")
    page.get_by_label("Findings").fill("Half of what is to be said")
    page.get_by_label("Urgency").select_option("high")
    page.get_by_label("Seen").check()


def expect_shown(page: Page) -> None:
    expect(cover(page)).to_be_hidden()
    expect(page.locator(SECRET)).to_be_visible()


def expect_locked(page: Page) -> None:
    expect(sign_in_link(page)).to_be_visible()
    expect(page.locator(SECRET)).to_be_hidden()


@in_each_variant
def test_a_form_that_was_half_filled_is_finished_and_saved(
    world: World, page: Page
) -> None:
    fill(page)
    end(world)
    expect_locked(page)
    assert world.status()["active"] is False
    sign_in_again(page)
    expect_shown(page)
    page.get_by_label("Findings").press("Control+End")
    page.keyboard.type(", and the rest")
    page.get_by_role("button", name="Save the report").click()
    saved = "Grace, Half of what is to be said, and the rest, high, yes"
    expect(page.locator("#notes")).to_contain_text(saved)


def test_focus_selection_and_scroll_are_as_they_were(world: World, page: Page) -> None:
    fill(page)
    text = page.get_by_label("Findings")
    text.evaluate("text => { text.focus(); text.setSelectionRange(2, 6); }")
    page.evaluate("scrollTo(0, 150)")
    end(world)
    expect_locked(page)
    sign_in_again(page)
    expect_shown(page)
    expect(text).to_be_focused()
    assert text.evaluate("t => [t.selectionStart, t.selectionEnd]") == [2, 6]
    assert page.evaluate("scrollY") == 150
    page.keyboard.type("x")
    expect(text).to_have_value("Haxf what is to be said")


def test_an_editor_keeps_its_text_and_its_selection(world: World, page: Page) -> None:
    editor = page.get_by_role("textbox", name="Remarks")
    editor.click()
    page.keyboard.type("no remarks so far")
    for _ in range(3):
        page.keyboard.press("Control+Shift+ArrowLeft")
    selected = page.evaluate("getSelection().toString()")
    assert selected.split() == ["remarks", "so", "far"]
    end(world)
    expect_locked(page)
    sign_in_again(page)
    expect_shown(page)
    expect(editor).to_be_focused()
    assert page.evaluate("getSelection().toString()") == selected
    page.keyboard.type("objections")
    expect(editor).to_have_text("no objections")


def test_typing_under_way_stays_in_its_field(world: World, page: Page) -> None:
    page.evaluate(
        "document.addEventListener('session-timeout:warn', e => e.preventDefault())"
    )
    text = page.get_by_label("Findings")
    text.click()
    world.run_to_warning()
    world.run(WARNING - 1)
    page.keyboard.type("until the ")
    world.tick()
    page.keyboard.type("end")
    world.run(1)
    expect_locked(page)
    sign_in_again(page)
    expect_shown(page)
    expect(text).to_have_value("until the ")
    expect(text).to_be_focused()


def test_the_application_is_told_the_token_and_the_warning_begins_anew(
    world: World, page: Page
) -> None:
    page.evaluate(block("docs/browser.md", "javascript", "hx-headers"))
    end(world)
    world.tick(30)
    sign_in_again(page)
    expect_shown(page)
    world.settle()
    assert events(page) == ["warn", "ended", "resumed"]
    detail = page.evaluate("events.at(-1)[1]")
    assert 0 < detail["expiresIn"] <= LIMIT
    headers = page.locator("body").get_attribute("hx-headers")
    assert json.loads(headers or "") == {"X-CSRFToken": detail["csrfToken"]}
    posted = page.evaluate(
        """headers => fetch("/report/", {
          method: "POST", headers: JSON.parse(headers), redirect: "manual",
        }).then((response) => response.type)""",
        headers,
    )
    assert posted == "opaqueredirect"
    world.run_to_warning()
    expect(warning(page)).to_be_visible()
    world.run(WARNING + 1)
    expect_locked(page)


@pytest.mark.parametrize("has_channel", [True, False], ids=["channel", "no channel"])
def test_two_tabs_go_on_after_one_login(world: World, has_channel: bool) -> None:
    if not has_channel:
        world.context.add_init_script("delete window.BroadcastChannel")
    pages = [world.sign_in("/report/"), world.open("/report/")]
    mark(pages[1])
    for page in pages:
        fill(page)
    end(world)
    for page in pages:
        expect_locked(page)
    sign_in_again(pages[0])
    for page in pages:
        if not has_channel:
            turn_to(page)
        expect_shown(page)
        expect(page.get_by_label("Patient")).to_have_value("Grace")


def test_another_user_never_sees_the_page(world: World, page: Page) -> None:
    fill(page)
    end(world)
    sign_in_again(page, "other")
    expect(page.locator("#user")).to_have_text("other")
    expect(page.locator(SECRET)).to_have_count(0)
    expect(page.get_by_label("Patient")).to_have_value("")


def test_a_login_page_that_is_only_open_changes_nothing(
    world: World, page: Page
) -> None:
    end(world)
    login = world.open("/login/")  # it begins a session, for its token
    turn_to(page)
    world.settle()
    expect_locked(page)
    login.close()
    sign_in_again(page)
    expect_shown(page)


def test_at_the_end_of_the_seconds_the_page_is_emptied_and_left(
    world: World, page: Page
) -> None:
    end(world)
    world.run(1)
    world.sleep(SECONDS - 5)
    world.settle()
    expect_locked(page)
    world.run(5)
    page.wait_for_url("**/login/?next=/report/")
    expect(page.locator(SECRET)).to_have_count(0)


def test_a_computer_that_has_slept_past_the_seconds_shows_nothing(
    world: World, page: Page
) -> None:
    world.sleep(LIMIT + SECONDS + 1)
    turn_to(page)
    world.settle()
    world.run(1)
    page.wait_for_url("**/login/?next=/report/")


def test_leave_this_page(world: World, page: Page) -> None:
    end(world)
    leave_button(page).click()
    page.wait_for_url("**/login/?next=/report/")
    expect(page.locator(SECRET)).to_have_count(0)


def test_a_sign_out_in_another_tab_locks_nothing(world: World, page: Page) -> None:
    other = world.open("/account/")
    other.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/?next=/report/")
    expect(page.locator(SECRET)).to_have_count(0)


def test_offline_at_the_end_and_for_as_long_as_the_seconds(
    world: World, page: Page
) -> None:
    world.bearable = "Failed to load resource"
    fill(page)
    world.run_to_warning()
    world.context.set_offline(True)
    world.run(WARNING + 65)
    expect(cover(page)).to_contain_text("The server cannot be reached.")
    world.context.set_offline(False)
    world.run(60)
    expect_locked(page)
    world.context.set_offline(True)
    world.run(65)
    expect_locked(page)
    world.context.set_offline(False)
    sign_in_again(page)
    expect_shown(page)
    expect(page.get_by_label("Patient")).to_have_value("Grace")


def test_offline_beyond_the_seconds_the_page_is_emptied(
    world: World, page: Page
) -> None:
    world.bearable = "Failed to load resource"
    world.run_to_warning()
    world.context.set_offline(True)
    world.run(WARNING + 1)
    world.sleep(SECONDS)
    turn_to(page)
    world.run(1)
    expect(cover(page)).to_contain_text("The server cannot be reached.")
    expect(page.locator(SECRET)).to_have_count(0)


def test_escape_and_the_keyboard(world: World, page: Page) -> None:
    end(world)
    expect_locked(page)
    notice = "Your session has ended. Sign in again to continue where you left off."
    dialog = page.get_by_role("alertdialog", name=notice)
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text(notice, use_inner_text=True)
    expect(sign_in_link(page)).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Escape")
        expect_locked(page)
    page.keyboard.press("Tab")
    expect(leave_button(page)).to_be_focused()
    assert page.title() == notice


def test_a_form_of_the_admin_with_an_inline_formset(world: World) -> None:
    page = world.sign_in("/admin/auth/user/1/change/")
    world.run(1)  # jQuery begins with a timer
    page.get_by_text("Add another Note").click()
    page.locator("#id_note_set-0-text").fill("written in the admin")
    world.settle()
    end(world)
    expect(sign_in_link(page)).to_have_attribute(
        "href", "/admin/login/?next=/session-timeout/resumed/"
    )
    sign_in_again(page)
    expect(cover(page)).to_be_hidden()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#id_note_set-0-text")).to_have_value("written in the admin")


@looks
@sizes
@languages
def test_axe_finds_nothing_in_the_cover_and_in_the_page_after_the_login(
    make_world: Callable[..., World], scheme: str, size: Any, language: str
) -> None:
    world = make_world(color_scheme=scheme, viewport=size)
    world.context.add_init_script("window.close = () => {}")
    cookie = {"name": "django_language", "value": language, "url": world.server.url}
    world.context.add_cookies([cookie])
    page = world.sign_in("/report/")
    end(world)
    link = cover(page).get_by_role("link")
    expect(link).to_be_visible()
    for button in link, cover(page).get_by_role("button"):
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert findings(page) == []
    world.log_in()
    assert findings(world.open("/session-timeout/resumed/")) == []


class TestBackButton:
    @pytest.fixture
    def chromium(self, chromium_with_page_cache: Browser) -> Browser:
        return chromium_with_page_cache

    def go_away_and_back(self, page: Page, meanwhile: Callable[[], None]) -> None:
        page.evaluate("location.href = '/about/'")
        page.wait_for_url("**/about/")
        meanwhile()
        page.evaluate("history.back()")

    def test_nobody_goes_on_with_a_page_that_the_back_button_brings(
        self, world: World, page: Page
    ) -> None:
        fill(page)
        end(world)
        self.go_away_and_back(page, world.log_in)
        expect(page.get_by_label("Patient")).to_have_value("")
        expect(page.locator(SECRET)).to_have_count(0)

    def test_a_page_that_comes_back_after_the_end_is_not_kept(
        self, world: World, page: Page
    ) -> None:
        self.go_away_and_back(page, lambda: world.tick(LIMIT))
        page.wait_for_url("**/login/?next=/report/")

    def test_a_page_that_came_back_in_time_is_kept_as_any_other(
        self, world: World, page: Page
    ) -> None:
        fill(page)
        self.go_away_and_back(page, lambda: world.tick(1))
        expect_shown(page)
        world.settle()
        end(world)
        expect_locked(page)
        sign_in_again(page)
        expect_shown(page)
        expect(page.get_by_label("Patient")).to_have_value("Grace")
