"""After the end: the Back button, and applications that hold the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.world import (
    SECRET,
    WARNING,
    World,
    asked,
    cover,
    mark,
)

pytestmark = pytest.mark.browser

STATUS = "**/session-timeout/status/"
# Playwright does not see what a page asks that has come back from the cache.
HOLD = """() => {
  window.kept = true;
  const fetch = window.fetch;
  window.fetch = (...args) => new Promise((resolve) => {
    window.release = () => resolve(fetch(...args));
  });
}"""


@pytest.fixture(scope="module")
def chromium(chromium_with_page_cache: Browser) -> Browser:
    return chromium_with_page_cache


def go_to(world: World, page: Page, path: str) -> None:
    """Go to another page in such a way that this one may be kept."""
    page.evaluate(HOLD)
    page.evaluate("path => { location.href = path }", path)
    page.wait_for_url(world.server.url + path)


def go_back(page: Page) -> None:
    page.evaluate("history.back()")
    page.wait_for_url("**/notes/", wait_until="commit")
    page.wait_for_function("() => window.kept && window.release", polling=20)


def test_page_that_comes_back_is_shown_once_the_server_has_agreed(
    world: World, page: Page
) -> None:
    page.locator("#id_text").fill("half a sentence")
    go_to(world, page, "/about/")
    world.tick(30)
    go_back(page)
    expect(page.locator(SECRET)).to_be_hidden()
    expect(cover(page)).to_be_visible()

    page.evaluate("release()")
    expect(page.locator(SECRET)).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("half a sentence")
    assert asked(page) == ["status"]


def test_page_that_comes_back_after_the_end_shows_nothing_private(
    world: World, page: Page
) -> None:
    go_to(world, page, "/about/")
    world.tick(3600)
    go_back(page)
    expect(page.locator(SECRET)).to_be_hidden()
    page.evaluate("release()")
    page.wait_for_url("**/login/?next=/notes/")
    page.evaluate("history.forward()")
    page.wait_for_url("**/about/", wait_until="commit")


def test_page_that_comes_back_after_a_sign_out_shows_nothing_private(
    world: World, page: Page
) -> None:
    go_to(world, page, "/about/")
    token = page.locator("#logout-form input").get_attribute("value")
    response = world.context.request.post(
        f"{world.server.url}/logout/", form={"csrfmiddlewaretoken": token or ""}
    )
    assert response.ok
    go_back(page)
    expect(page.locator(SECRET)).to_be_hidden()
    page.evaluate("release()")
    page.wait_for_url("**/login/?next=/notes/")
    expect(page.locator(SECRET)).to_have_count(0)


def test_back_after_the_end_does_not_lead_to_the_page(world: World, page: Page) -> None:
    go_to(world, page, "/account/")
    mark(page)
    world.run_to_warning()
    world.run(WARNING)
    page.wait_for_url("**/login/?next=/account/")
    page.evaluate("history.back()")
    page.wait_for_url("**/login/?next=/notes/")


def test_beforeunload_handlers_of_the_application_cannot_hold_the_page(
    world: World, page: Page
) -> None:
    asked_to_stay: list[str] = []
    page.on("dialog", lambda dialog: dialog.accept(asked_to_stay.append(dialog.type)))
    page.locator("#id_text").click()
    page.keyboard.type("not saved")
    page.evaluate(
        """() => {
          const hold = (event) => { event.preventDefault(); event.returnValue = "x"; };
          addEventListener("beforeunload", hold);
          addEventListener("beforeunload", hold, { capture: true });
          window.onbeforeunload = hold;
        }"""
    )
    world.run_to_warning()
    world.run(WARNING)
    page.wait_for_url("**/login/?next=/notes/")
    assert asked_to_stay == []


def test_timers_of_the_application_find_nothing_to_write_into(
    world: World, page: Page
) -> None:
    page.evaluate(
        """() => {
          const text = document.querySelector("#private");
          setInterval(() => text.append("more"), 1000);
        }"""
    )
    page.route(STATUS, lambda route: route.abort())
    world.bearable = "Failed to load resource"
    world.run_to_warning()
    world.run(WARNING + 65)
    assert "more" not in page.content()
    expect(cover(page)).to_be_visible()
