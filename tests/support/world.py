"""The example site's server and the browser, whose clocks move together."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from select import select
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Route,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.support.paths import ROOT
from tests.support.waiting import SECONDS

START = datetime(2026, 1, 5, 8, tzinfo=UTC).timestamp()
LIMIT, WARNING = 120, 60  # seconds
MONTHS = str(60 * 24 * 60 * 60)  # seconds too, as the switch of the idle limit has it
TOKEN = 'name="csrfmiddlewaretoken" value="(.+?)"'
SECRET = "#private"  # what nobody shall see after the end

# Each document begins with its own zero, as without the browser's fake clock; and what
# has been asked of the server is known.
PRELUDE = """(() => {
  const now = performance.now.bind(performance), zero = now(), fetch = window.fetch;
  const under_way = new Set();
  performance.now = () => now() - zero;
  window.asked = [];
  window.fetch = (...args) => {
    const secret = document.getElementById("private");
    asked.push([String(args[0]), Boolean(secret?.checkVisibility())]);
    const response = fetch(...args);
    const done = response.then((r) => r.clone().text()).catch(() => {});
    under_way.add(done);
    done.then(() => under_way.delete(done));
    return response;
  };
  const turn = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); resolve(); };
    port2.postMessage(0);
  });
  window.settled = async () => {
    do {
      await Promise.all(under_way);
      await turn();
    } while (under_way.size);
  };
  window.events = [];
  for (const name of ["warn", "extended", "ended", "unreachable", "resumed"]) {
    document.addEventListener(`session-timeout:${name}`, ({ detail }) => {
      window.events.push([name, detail]);
    });
  }
  const watch = (region) => new MutationObserver(() => {
    if (region.textContent) window.spoken.push(region.textContent);
  }).observe(region, { childList: true });
  window.spoken = [];
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".session-timeout [role=status]").forEach(watch);
  });
})()"""


class Server:
    """The example site in a process of its own, with a clock that is told the time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{self._line()}"

    def move_to(self, time: float) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{time}\n")
        self.process.stdin.flush()
        assert self._line() == "ok"

    def _line(self) -> str:
        output = self.process.stdout
        assert output
        ready, _, _ = select([output], [], [], SECONDS)
        assert ready, f"Waited {SECONDS} s for an answer of the example site's process."
        return output.readline().strip()


@contextmanager
def serving(database: Path, **environment: str) -> Iterator[Server]:
    """Serve the example site until the end of the block."""
    ours = {
        "DEMO_DB": str(database),
        "DEMO_LIMIT": str(LIMIT),
        "DEMO_WARNING": str(WARNING),
        "DEMO_LIVE": "0",  # only the home page asks for what it shows
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "example")]),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.live_demo", str(START)],
        env=os.environ | ours | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Server(process)
        assert process.stdin
        process.stdin.close()


class World:
    """One visitor's browser and the server, at one time.

    skew is what the visitor's clock is ahead of the server's, in seconds.
    """

    def __init__(
        self, server: Server, context: BrowserContext, skew: float = 0
    ) -> None:
        self.server, self.context = server, context
        self.now, self.skew = START, skew
        self.errors: list[str] = []
        self.bearable = "\0"  # what is in errors that a test is about
        server.move_to(START)
        context.clock.install(time=START + skew - 1)
        context.clock.pause_at(START + skew)
        context.add_init_script(PRELUDE)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and self.bearable not in message.text:
            self.errors.append(message.text)

    def run(self, seconds: int) -> None:
        """Let time pass, each second of it."""
        for _ in range(seconds):
            self.tick()
            self.settle()

    def run_to_warning(self) -> None:
        """Let time pass until the idle limit is warned of, counted from a stamp now.

        Before it, no page asks for anything.
        """
        quiet = LIMIT - WARNING - 7
        self.context.clock.run_for(quiet * 1000)
        self.now += quiet
        self.run(7)

    def tick(self, seconds: int = 1) -> None:
        """Let time pass without waiting for answers."""
        self.now += seconds
        self.server.move_to(self.now)
        self.context.clock.run_for(seconds * 1000)

    def sleep(self, seconds: float) -> None:
        """Close the lid of the computer, and open it again so much later."""
        self.now += seconds
        self.server.move_to(self.now)
        self.context.clock.fast_forward(round(seconds * 1000))

    def set_wall_clock(self, skew: float) -> None:
        """Set the visitor's clock; the time that has passed is another thing."""
        self.skew = skew
        self.context.clock.set_system_time(self.now + skew)

    def settle(self) -> None:
        """Wait until the pages have their answers."""
        for page in self.context.pages:
            answered = "() => settled().then(() => true)"
            try:
                page.wait_for_function(answered, polling=20)
            except PlaywrightTimeoutError:
                urls = page.evaluate("asked").copy()
                raise AssertionError(f"No answer to all of these: {urls}") from None
            except Error:
                page.wait_for_load_state()  # it has gone to another one

    def open(self, path: str = "/notes/") -> Page:
        """Open a page in a tab of its own."""
        page = self.context.new_page()
        page.goto(self.server.url + path)
        return page

    def choose(self, **switches: str) -> None:
        """Choose what the switches on the home page offer, by name and value."""
        for name, value in switches.items():
            cookie = {"name": name, "value": value, "url": self.server.url}
            self.context.add_cookies([cookie])

    def sign_in(self, path: str = "/notes/", name: str = "demo") -> Page:
        """Sign in, in a tab of its own, and come to the page with something private."""
        self.log_in(name)
        page = self.open(path)
        mark(page)
        return page

    def log_in(self, name: str = "demo") -> None:
        """Sign in, but in none of the tabs."""
        url, request = f"{self.server.url}/login/", self.context.request
        found = re.search(TOKEN, request.get(url).text())
        assert found
        token = {"csrfmiddlewaretoken": found[1]}
        request.post(url, form={"username": name, "password": name, **token})

    def status(self) -> dict[str, Any]:
        """Return what the server says, asked from outside of the pages."""
        headers = {"X-Session-Passive": "1", "Accept": "application/json"}
        url = f"{self.server.url}/session-timeout/status/"
        answer: dict[str, Any] = self.context.request.get(url, headers=headers).json()
        return answer

    def rest(self) -> float:
        """Return the seconds that are left, as the server says."""
        rest: float = self.status()["expires_in"]
        return rest


def mark(page: Page) -> None:
    """Put something private on the page, and keep a record of when it can be seen."""
    page.evaluate(
        """() => {
          const text = document.createElement("p");
          text.id = "private";
          text.textContent = "Nobody else shall read this.";
          document.querySelector("main").prepend(text);
          window.sightings = [];
          new IntersectionObserver((entries) => {
            for (const { isIntersecting } of entries) {
              sightings.push([Date.now() / 1000, isIntersecting]);
            }
          }).observe(text);
        }"""
    )
    # The first sighting arrives after its frame: move no clock before that.
    page.wait_for_function("() => sightings.length > 0", polling=20)


def asked(page: Page) -> list[str]:
    """Return what the page has asked of the server: "status" and "extend"."""
    return [url.split("/")[-2] for url, _ in page.evaluate("asked")]


def warning(page: Page) -> Locator:
    """The dialog, by its role and name."""
    return page.get_by_role("alertdialog", name="Are you still there?")


def final_warning(page: Page) -> Locator:
    return page.get_by_role("alertdialog", name="Your session is about to end")


def cover(page: Page) -> Locator:
    """What hides the page, whatever it says."""
    return page.locator(".session-timeout-cover")


def stay(page: Page) -> Locator:
    return page.get_by_role("button", name="Stay signed in")


def sign_out(page: Page) -> Locator:
    return warning(page).get_by_role("button", name="Sign out")


def turn_to(page: Page) -> None:
    """Bring a tab to the front, as far as the page is told of it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def hold(page: Page, url: str) -> list[Route]:
    """Keep requests from being answered; return where they are gathered."""
    held: list[Route] = []
    page.route(url, lambda route: held.append(route))  # noqa: PLW0108
    return held


def release(page: Page, url: str, held: list[Route]) -> None:
    """Let what has been held be answered, and what is asked from now on."""
    page.route(url, lambda route: route.continue_())  # before the earlier one
    for route in held:
        route.continue_()


def events(page: Page) -> list[str]:
    """Return the names of the package's events on the page so far."""
    return [name for name, _ in page.evaluate("events")]
