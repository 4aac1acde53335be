"""Pages with other people's HTML in them, and pages that belong to somebody else."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.world import (
    SECRET,
    WARNING,
    World,
    cover,
    mark,
    stay,
    warning,
)

pytestmark = pytest.mark.browser

# What a site may let visitors write: no script, but names of properties.
NAMES = """
    addEventListener body createElement currentScript dispatchEvent documentElement head
    hidden open close querySelector title
"""
HOSTILE = "".join(f'<img alt="" name="{name}">' for name in NAMES.split()) + (
    '<form id="SessionTimeout"><input name="running"></form>'
    '<dialog data-session-timeout data-expires-in="9999"><p>Not ours.</p></dialog>'
    "<dialog data-session-timeout-cover><p>Nor this.</p></dialog>"
)


def rewrite(world: World, pattern: str, change) -> list[str]:
    """Change the HTML of a page on its way; return the list of its loads."""
    loads: list[str] = []

    def handle(route: Route) -> None:
        response = route.fetch()
        loads.append(route.request.url)
        if response.status != 200:
            route.fulfill(response=response)
        else:
            route.fulfill(response=response, body=change(response.text()))

    world.context.route(pattern, handle)
    return loads


class TestElementsWithNamesOfProperties:
    @pytest.fixture(params=["before", "after"])
    def page(self, request: pytest.FixtureRequest, world: World) -> Page:
        world.sign_in().close()

        def insert(html: str) -> str:
            if request.param == "before":
                return re.sub("(<body[^>]*>)", rf"\1{HOSTILE}", html)
            return html.replace("</body>", f"{HOSTILE}</body>")

        rewrite(world, "**/notes/", insert)
        return world.open()

    def test_the_warning_is_shown(self, world: World, page: Page) -> None:
        world.run_to_warning()
        expect(warning(page)).to_be_visible()
        stay(page).click()
        expect(warning(page)).to_be_hidden()

    def test_the_end_leaves_nothing_behind(self, world: World, page: Page) -> None:
        world.run_to_warning()
        world.run(WARNING)
        page.wait_for_url("**/login/?next=/notes/")

    def test_the_cover_hides_the_page(self, world: World, page: Page) -> None:
        world.bearable = "ERR_INTERNET_DISCONNECTED"
        heading = page.locator("h1", has_text="Notes")
        world.run_to_warning()
        expect(heading).to_be_visible()
        world.context.set_offline(True)
        world.run(WARNING)
        expect(cover(page)).to_be_visible()
        expect(heading).to_be_hidden()


def test_page_of_somebody_else_is_loaded_once_more_and_no_more(world: World) -> None:
    world.sign_in().close()

    def change(html: str) -> str:
        return re.sub('data-session="[^"]*"', f'data-session="{"f" * 32}"', html)

    loads = rewrite(world, "**/notes/", change)
    page = world.open()
    with page.expect_navigation(url="**/notes/"):
        page.evaluate("SessionTimeout.check()")
    mark(page)
    page.evaluate("SessionTimeout.check()")
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    expect(page.locator(SECRET)).to_have_count(0)
    assert len(loads) == 2
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", name="Notes")).to_be_visible()


def test_redirect_to_a_script_is_not_followed(world: World) -> None:
    page = world.sign_in()
    answer = {
        "active": False,
        "expires_in": 0,
        "session": "",
        "redirect": "javascript:document.documentElement.id='ran'",
    }
    page.route(
        "**/status/", lambda route: route.fulfill(body=json.dumps(answer)), times=1
    )
    page.evaluate("document.title = 'before'")
    page.evaluate("SessionTimeout.check()")
    expect(page).not_to_have_title("before")
    expect(page.get_by_role("heading", name="Notes")).to_be_visible()
    expect(page.locator("#ran")).to_have_count(0)
