"""The example site: each of its pages does what it says can be tried on it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import DESKTOP, PHONE, findings
from tests.support.world import LIMIT, WARNING, World, stay, warning

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/cart/",
    "/notes/",
    "/polling/",
    "/fetch/",
    "/htmx/",
    "/async/",
    "/account/",
    "/about/",
    "/login/",
)


@pytest.fixture
def home(world: World) -> Page:
    """The first page, signed in with its one button."""
    page = world.open("/")
    page.click("#demo-login")
    expect(page.locator("#user")).to_have_text("demo")
    world.run(1)
    return page


def log(page: Page) -> list[str]:
    """Return what the server did, the newest first."""
    return page.locator("#log-entries .kind").all_text_contents()


def press(world: World, page: Page, name: str) -> None:
    """Press a button that makes the session older, and let that be over."""
    page.get_by_role("button", name=name).click()
    world.settle()
    world.run(1)


def test_panel_counts_down_and_is_corrected_by_the_status(
    world: World, home: Page
) -> None:
    # An answer may come before a tick of the page or after it.
    left = home.locator("#time-left")
    expect(left).to_have_text(re.compile("1:59|1:58"))
    world.run(9)
    expect(left).to_have_text(re.compile("1:50|1:49"))
    world.open("/account/")  # another tab
    world.run(6)
    expect(left).to_have_text(re.compile("1:5[456]"))
    assert world.rest() == LIMIT - 6


def test_panel_says_that_nothing_moves_the_absolute_limit(
    world: World, home: Page
) -> None:
    note = home.locator("#session-note")
    expect(note).to_have_text(f"It ends after {LIMIT} s without activity.")
    home.click("#absolute-120")  # since it counts from the sign-in, it comes first
    world.run(1)
    expect(note).to_have_text("It ends 120 s after its start, whatever you do.")


def test_visitor_who_is_made_idle_sees_the_dialog_at_once(
    world: World, home: Page
) -> None:
    press(world, home, "Make me idle now")
    expect(warning(home)).to_be_visible()
    assert WARNING - 3 <= world.rest() <= WARNING
    stay(home).click()
    expect(warning(home)).to_be_hidden()
    assert world.rest() == LIMIT


def test_session_that_runs_out_leads_to_the_login_page_with_the_reason_in_the_log(
    world: World, home: Page
) -> None:
    home.get_by_role("button", name="Let it run out").click()
    world.settle()
    world.tick()
    home.wait_for_url("**/login/?next=/")
    expect(home.locator("#messages")).to_contain_text("Your session has ended")
    home.click("#login-button")
    expect(home.locator("#user")).to_have_text("demo")
    world.run(1)
    assert {"aged", "ended", "answered", "signed in"} <= set(log(home))
    expect(home.locator("#log-entries")).to_contain_text("Reason: idle")


def test_log_shows_what_other_tabs_do_and_not_what_it_asks_itself(
    world: World, home: Page
) -> None:
    expect(home.locator("#log-entries li").first).to_be_visible()
    before = log(home)
    world.run(12)
    assert log(home) == before
    world.open("/account/")
    world.open("/about/")
    world.run(2)
    assert log(home)[:2] == ["exempt", "recorded"]


def test_cart_is_gone_with_its_session(world: World) -> None:
    page = world.open("/cart/")
    page.click("#add-tea")
    expect(page.locator("#cart-tea")).to_have_text("1")
    press(world, page, "Expire session, then add")
    expect(page.locator("#cart-coffee")).to_have_text("1")
    expect(page.locator("#cart-tea")).to_have_text("0")


def test_note_that_comes_too_late_is_not_saved(world: World) -> None:
    page = world.sign_in("/notes/")
    page.fill("#id_text", "too late")
    page.get_by_role("button", name="Expire session, then save").click()
    world.tick()
    page.wait_for_url("**/login/?next=/notes/")
    page.click("#login-button")
    page.wait_for_url("**/notes/")
    expect(page.locator("#notes")).not_to_contain_text("too late")


def test_note_that_is_empty_ends_no_session(world: World) -> None:
    page = world.sign_in("/notes/")
    press(world, page, "Expire session, then save")
    assert world.status()["active"]


def test_script_shows_the_401_and_where_to_sign_in(world: World) -> None:
    world.bearable = "401"
    page = world.sign_in("/fetch/")
    page.click("#json-button")
    expect(page.locator("#json")).to_contain_text("200")
    press(world, page, "Expire session, then fetch")
    expect(page.locator("#json")).to_contain_text("401")
    expect(page.locator("#json")).to_contain_text('"reason": "idle"')
    page.get_by_role("link", name="Sign in again").click()
    page.wait_for_url("**/login/?next=/fetch/")


def test_htmx_opens_the_login_page(world: World) -> None:
    page = world.sign_in("/htmx/")
    page.click("#fragment-button")
    expect(page.locator("#fragment")).to_contain_text("A fragment for demo")
    page.get_by_role("button", name="Expire session, then load").click()
    world.tick()
    page.wait_for_url("**/login/?next=/htmx/")


def test_coroutine_is_protected_too(world: World) -> None:
    page = world.sign_in("/async/")
    page.get_by_role("button", name="Expire session, then reload").click()
    world.tick()
    page.wait_for_url("**/login/?next=/async/")


def test_admin_has_a_login_page_of_its_own(world: World, home: Page) -> None:
    home.get_by_role("button", name="Expire session, then open").click()
    world.tick()
    home.wait_for_url("**/admin/login/?next=/admin/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "320px"])
def test_pages_fit_the_window_and_axe_finds_nothing(
    make_world: Callable[..., World], scheme: str, size: dict[str, int]
) -> None:
    world = make_world(color_scheme=scheme, viewport=size)
    world.log_in()
    page = world.context.new_page()
    for path in PATHS:
        page.goto(world.server.url + path)
        world.settle()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert (path, width) == (path, size["width"])
        assert (path, findings(page)) == (path, [])
