"""The example site: its switches, its admin, its policy, and no scripts at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import django_htmx
import pytest
from playwright.sync_api import Page, expect

from tests.support.world import LIMIT, SECRET, World, mark, stay, warning

pytestmark = pytest.mark.browser

SCRIPTS = Path(django_htmx.__file__).parent / "static" / "django_htmx"


def test_visitor_who_chooses_the_short_limit_sees_the_warning_within_a_minute(
    world: World, page: Page
) -> None:
    page.goto(f"{world.server.url}/")
    page.click("#idle-40")
    expect(page.locator("#limit")).to_have_text("40 s")
    expect(page.locator("#idle-40")).to_have_attribute("aria-pressed", "true")
    world.run(19)
    expect(warning(page)).to_be_hidden()
    world.run(1)
    expect(warning(page)).to_be_visible()
    world.run(20)
    page.wait_for_url("**/login/?next=/")


def test_visitor_can_choose_a_language_that_is_written_from_right_to_left(
    world: World, page: Page
) -> None:
    page.goto(f"{world.server.url}/")
    page.select_option("#language", "he")
    page.click("#language-button")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page).to_have_url(f"{world.server.url}/")


def test_visitor_can_do_without_the_dialog(world: World, page: Page) -> None:
    page.goto(f"{world.server.url}/")
    page.click("#dialog-off")
    expect(page.locator("#dialog-off")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("dialog")).to_have_count(0)
    world.run(LIMIT + 10)
    note = page.locator("#session-note")
    expect(note).to_have_text("The time is up. The next request ends the session.")
    page.click("#nav-account")
    page.wait_for_url("**/login/?next=/account/")


def test_admin_warns_and_ends_on_its_own_login_page(world: World) -> None:
    page = world.sign_in("/admin/shop/note/")
    world.run_to_warning()
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    world.run_to_warning()
    world.run(60)
    page.wait_for_url("**/admin/login/?next=/admin/shop/note/")


def test_page_that_is_replaced_in_place_goes_on_with_the_new_dialog(
    world: World, page: Page
) -> None:
    """As htmx does it with hx-boost: the scripts of the new page run again."""
    world.run(30)
    page.evaluate(
        """async () => {
          const text = await (await fetch("/account/")).text();
          const parsed = new DOMParser().parseFromString(text, "text/html");
          document.body.replaceWith(parsed.body);
          const old = document.querySelector("body > script");
          const script = document.createElement("script");
          script.src = old.src;
          old.replaceWith(script);
          await new Promise((resolve) => script.addEventListener("load", resolve));
        }"""
    )
    mark(page)
    world.settle()
    world.run_to_warning()
    expect(warning(page)).to_have_count(1)
    expect(warning(page)).to_be_visible()
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    assert world.rest() == LIMIT
    expect(page.locator(SECRET)).to_be_visible()


def test_policy_is_strict_and_nothing_violates_it(world: World, page: Page) -> None:
    """What does, complains on the console, and would fail any of the tests."""
    response = page.reload()
    assert response
    assert response.headers["content-security-policy"] == "default-src 'self'"
    page.evaluate(
        """() => {
          window.violations = 0;
          document.addEventListener("securitypolicyviolation", () => violations++);
        }"""
    )
    world.run_to_warning()
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    assert page.evaluate("violations") == 0


def test_nothing_is_stored_in_the_browser(world: World, page: Page) -> None:
    world.run_to_warning()
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_page_without_a_session_has_neither_dialog_nor_script(world: World) -> None:
    page = world.open("/")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("script")).to_have_count(1)


def test_without_scripts_the_middleware_alone_ends_the_session(
    make_world: Callable[..., World],
) -> None:
    world = make_world(java_script_enabled=False)
    world.log_in()
    page = world.open("/notes/")
    # Chromium does not show it when Playwright turns the scripts off.
    note = "<noscript><p[^>]*>If you do nothing for 2 minutes, your session will end."
    assert re.search(note, page.content().replace("&lt;", "<").replace("&gt;", ">"))
    expect(page.locator("dialog").first).to_be_hidden()
    world.server.move_to(world.now + LIMIT)
    page.click("#nav-account")
    page.wait_for_url("**/login/?next=/account/")
    expect(page.locator("#messages")).to_contain_text("Your session has ended")


@pytest.fixture(params=["htmx-2.min.js", "htmx-4.min.js"])
def boosted(request: pytest.FixtureRequest, page: Page) -> Page:
    """A page whose links and forms htmx has made its own."""
    page.route("**/htmx.js", lambda route: route.fulfill(path=SCRIPTS / request.param))
    page.evaluate(
        """() => {
          const meta = document.createElement("meta");
          meta.name = "htmx-config";
          meta.content = JSON.stringify({
            includeIndicatorStyles: false, // the policy is strict
            includeIndicatorCSS: false,
            allowEval: false,
            defaultSettleDelay: 0, // by a clock that stands still
          });
          document.head.append(meta);
          document.body.setAttribute("hx-boost", "true");
          document.body.setAttribute("hx-boost:inherited", "true");
        }"""
    )
    page.add_script_tag(url="/htmx.js")
    return page


def test_page_that_htmx_replaces_goes_on_with_the_new_dialog(
    world: World, boosted: Page
) -> None:
    page = boosted
    world.run(30)
    page.evaluate("window.first = SessionTimeout")
    page.get_by_role("link", name="Account").click()
    page.wait_for_function("() => SessionTimeout !== first", polling=20)
    world.settle()
    expect(page).to_have_url(f"{world.server.url}/account/")
    assert world.rest() == LIMIT
    world.run_to_warning()
    expect(warning(page)).to_have_count(1)
    expect(warning(page)).to_be_visible()
    stay(page).click()
    expect(warning(page)).to_be_hidden()


def test_request_of_htmx_after_the_end_leads_to_the_login_page(
    world: World, boosted: Page
) -> None:
    page = boosted
    page.evaluate("SessionTimeout.stop()")  # nobody but htmx asks the server
    world.tick(LIMIT)
    page.get_by_role("link", name="Account").click()
    page.wait_for_url("**/login/?next=/account/")
