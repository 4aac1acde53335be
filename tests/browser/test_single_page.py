"""A single-page application: a page that Django does not render."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.manual import TEXTS, sections
from tests.support.paths import ROOT
from tests.support.world import LIMIT, WARNING, World, stay, warning

pytestmark = pytest.mark.browser

HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Application</title>
<link rel="icon" href="data:,">
<script src="{url}/static/session_timeout/session_timeout.js"
  data-status-url="{url}/session-timeout/status/" defer></script></head>
<body><h1 id="private">Application</h1></body></html>"""


@pytest.fixture(params=["", "http://127.0.0.1:18999"], ids=["same origin", "another"])
def address(request: pytest.FixtureRequest, world: World) -> str:
    """Where the application is, on the server's origin or on another of its site."""
    url = world.server.url
    address = f"{request.param or url}/application/"
    html = HTML.format(url=url if request.param else "")
    # Nobody serves the page, so that Chromium takes it for one of another network.
    world.context.grant_permissions(["local-network-access"])
    world.context.route(
        address, lambda route: route.fulfill(body=html, content_type="text/html")
    )
    return address


def opened(world: World, address: str) -> Page:
    page = world.context.new_page()
    page.goto(address)
    world.settle()
    page.wait_for_function("() => SessionTimeout.running", polling=20)
    return page


def test_it_warns_and_can_stay(world: World, address: str) -> None:
    world.sign_in().close()
    page = opened(world, address)
    world.run_to_warning()
    expect(warning(page)).to_be_visible()
    stay(page).click()
    expect(warning(page)).to_be_hidden()
    assert world.rest() == LIMIT


def test_at_the_end_it_is_left_for_the_login_page_of_the_server(
    world: World, address: str
) -> None:
    world.sign_in().close()
    page = opened(world, address)
    world.run_to_warning()
    world.run(WARNING)
    page.wait_for_url(f"{world.server.url}/login/**")


def test_after_a_login_it_asks_again(world: World, address: str) -> None:
    page = world.context.new_page()
    page.goto(address)
    world.settle()
    assert page.evaluate("SessionTimeout.running") is None
    world.tick(LIMIT - 1)  # that counts from the login, and not from the page's load
    world.sign_in().close()
    page.evaluate("SessionTimeout.check()")
    page.wait_for_function("() => SessionTimeout.running", polling=20)
    world.settle()
    expect(warning(page)).to_be_hidden()
    world.run_to_warning()
    expect(warning(page)).to_be_visible()


def test_an_application_with_a_login_of_its_own_begins_anew(
    world: World, address: str
) -> None:
    world.sign_in().close()
    page = opened(world, address)
    page.evaluate(
        """document.addEventListener("session-timeout:ended",
             (event) => event.preventDefault())"""
    )
    world.run_to_warning()
    world.run(WARNING)
    page.wait_for_function("() => !SessionTimeout.running", polling=20)
    expect(page.locator("#private")).to_be_visible()
    world.sign_in().close()
    page.evaluate("SessionTimeout.check()")
    page.wait_for_function("() => SessionTimeout.running", polling=20)
    world.run_to_warning()
    expect(warning(page)).to_have_count(1)
    expect(warning(page)).to_be_visible()
    stay(page).click()
    expect(warning(page)).to_be_hidden()


def test_the_settings_of_the_manual_are_those_that_are_tried() -> None:
    section = sections(TEXTS["docs/browser.md"])["Single-page applications"]
    _, *lines = section.split("# settings.py\n")[1].split("```")[0].splitlines()
    tried = (ROOT / "tests/support/live_demo/settings.py").read_text().splitlines()
    assert len(lines) == 2
    assert set(lines) <= set(tried)
