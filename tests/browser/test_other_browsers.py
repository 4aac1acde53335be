"""What differs by browser, in Firefox and in WebKitGTK: all else is in Chromium.

The server's clock is told the time; the page's, by what it takes for Date.now().
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.other_browsers import BROWSERS, ESCAPE, OtherBrowser
from tests.support.waiting import wait_until
from tests.support.world import LIMIT, START, WARNING, Server, serving

pytestmark = pytest.mark.browser

SECRET = "Nobody else shall read this."
IS_WARNING = "return document.querySelector('dialog[data-session-timeout]').open"
IS_COVERED = """
  const cover = document.querySelector("html > .session-timeout-cover");
  return Boolean(cover?.open) && !document.querySelector("main")?.checkVisibility();
"""
FOCUSED = "return document.activeElement.name || document.activeElement.tagName"
LINK = "html > .session-timeout-cover [data-login]"


@pytest.fixture(scope="module", params=BROWSERS)
def running(request: pytest.FixtureRequest) -> Iterator[OtherBrowser]:
    with BROWSERS[request.param]() as browser:
        yield browser


@pytest.fixture(scope="module", params=[0, 600], ids=["emptied", "covered"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    database = tmp_path_factory.mktemp("browser") / "db.sqlite3"
    seconds = {"LIVE_REAUTHENTICATE": str(request.param)} if request.param else {}
    with serving(database, **seconds) as server:
        yield server


emptied = pytest.mark.parametrize("server", [0], indirect=True)
covered = pytest.mark.parametrize("server", [600], indirect=True)


class Visitor:
    """Somebody who has signed in, and looks at a form."""

    def __init__(self, browser: OtherBrowser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.run, self.find = browser.run, browser.find
        self.now = START
        server.move_to(START)
        browser.go(f"{server.url}/login/?next=/report/")
        browser.forget()
        browser.go(f"{server.url}/login/?next=/report/")
        self.submit()
        self.wait_for_page("/report/")
        self.find("[name=findings]").send_keys(SECRET)

    def submit(self) -> None:
        self.find("#login-button").click()

    def move(self, seconds: int) -> None:
        """Let time pass at the server, of which the page then asks."""
        self.now += seconds
        self.server.move_to(self.now)
        self.run("SessionTimeout.check()")

    def sleep(self, seconds: int) -> None:
        """Let time pass for the page's clock too, as if the computer had slept."""
        self.run(
            """
            const { Date } = window, now = Date.now.bind(Date), seconds = arguments[0];
            Date.now = () => now() + seconds * 1000;
            """,
            seconds,
        )
        self.move(seconds)

    def wait(self, script: str, what: str) -> None:
        wait_until(lambda: self.run(script), what)

    def wait_for_page(self, path: str) -> None:
        def is_there() -> bool:
            ready = self.run("return document.readyState") == "complete"
            return ready and self.browser.url().startswith(self.server.url + path)

        wait_until(is_there, path)

    def sees_secret(self) -> bool:
        field = "document.querySelector('[name=findings]')"
        return bool(self.run(f"return {field}?.value.includes(arguments[0])", SECRET))


@pytest.fixture
def visitor(running: OtherBrowser, server: Server) -> Iterator[Visitor]:
    (window,) = running.windows()
    yield Visitor(running, server)
    for other in {*running.windows()} - {window}:
        running.turn_to(other)
        running.close_window()
    running.turn_to(window)
    running.go("about:blank")


@emptied
def test_escape_stays_and_gives_the_focus_back(visitor: Visitor) -> None:
    visitor.move(LIMIT - WARNING + 2)
    visitor.wait(IS_WARNING, "the warning")
    assert visitor.run(FOCUSED) == "BUTTON"
    visitor.find("[data-stay] button").send_keys(ESCAPE)
    wait_until(lambda: not visitor.run(IS_WARNING), "the end of the warning")
    assert visitor.run(FOCUSED) == "findings"
    visitor.move(LIMIT - WARNING - 2)
    assert not visitor.run(IS_WARNING)
    assert visitor.sees_secret()


@emptied
def test_the_button_stays(visitor: Visitor) -> None:
    visitor.move(LIMIT - WARNING + 2)
    visitor.wait(IS_WARNING, "the warning")
    visitor.find("[data-stay] button").click()
    wait_until(lambda: not visitor.run(IS_WARNING), "the end of the warning")


@emptied
def test_the_end_leaves_nothing_behind(visitor: Visitor) -> None:
    visitor.run("addEventListener('beforeunload', (event) => event.preventDefault())")
    visitor.move(LIMIT)
    visitor.wait_for_page("/login/?next=/report/")
    visitor.run("history.back()")
    visitor.wait_for_page("/login/?next=/report/")
    assert not visitor.sees_secret()


@emptied
def test_tabs_tell_each_other(visitor: Visitor) -> None:
    first, browser = visitor.browser.windows()[0], visitor.browser
    browser.open_window()
    second = next(each for each in browser.windows() if each != first)
    browser.go(f"{visitor.server.url}/report/")
    visitor.move(LIMIT - WARNING + 2)
    visitor.wait(IS_WARNING, "the warning")
    browser.turn_to(first)
    visitor.move(0)
    visitor.wait(IS_WARNING, "the warning in the other tab")
    visitor.find("[data-stay] button").click()
    browser.turn_to(second)
    wait_until(lambda: not visitor.run(IS_WARNING), "the end of the warning")
    visitor.move(LIMIT)
    visitor.wait_for_page("/login/")
    browser.turn_to(first)
    visitor.wait_for_page("/login/")


@emptied
def test_back_after_the_end_shows_nothing(visitor: Visitor) -> None:
    visitor.run("location.href = '/about/'")
    visitor.wait_for_page("/about/")
    visitor.server.move_to(visitor.now + LIMIT)
    visitor.run("history.back()")
    visitor.wait_for_page("/login/?next=/report/")
    assert not visitor.sees_secret()


@emptied
def test_sleep_past_the_end(visitor: Visitor) -> None:
    visitor.sleep(3600)
    visitor.wait_for_page("/login/?next=/report/")


@emptied
def test_the_server_that_does_not_answer(visitor: Visitor) -> None:
    visitor.run("window.fetch = () => Promise.reject(new TypeError())")
    visitor.sleep(LIMIT)
    visitor.wait(IS_COVERED, "the cover")
    assert visitor.sees_secret()
    visitor.sleep(61)
    wait_until(lambda: not visitor.sees_secret(), "the emptied page")
    assert visitor.run(IS_COVERED)


@covered
def test_sign_in_again_and_go_on(visitor: Visitor) -> None:
    field, browser = "document.querySelector('[name=findings]')", visitor.browser
    visitor.run(f"{field}.setSelectionRange(2, 6)")
    visitor.move(LIMIT)
    visitor.wait(f"return document.activeElement.matches('{LINK}')", "the link")
    assert visitor.run(IS_COVERED)
    visitor.find(LINK).send_keys(ESCAPE)
    assert visitor.run(IS_COVERED)

    (first,) = browser.windows()
    visitor.find(LINK).click()
    wait_until(lambda: len(browser.windows()) == 2, "the tab of the login page")
    second = next(each for each in browser.windows() if each != first)
    browser.turn_to(second)
    visitor.wait_for_page("/login/?next=/session-timeout/resumed/")
    visitor.submit()
    browser.turn_to(first)
    wait_until(lambda: not visitor.run(IS_COVERED), "the page")
    assert visitor.sees_secret()
    assert visitor.run(FOCUSED) == "findings"
    selection = f"return [{field}.selectionStart, {field}.selectionEnd]"
    assert visitor.run(selection) == [2, 6]
    visitor.find("#report button").click()
    visitor.wait_for_page("/notes/")
    notes = visitor.run("return document.querySelector('#notes').textContent")
    assert SECRET in notes
