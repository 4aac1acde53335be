"""Turbo, the real one from npm: links, forms and frames after the session has ended."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.servers import absent
from tests.support.waiting import SECONDS
from tests.support.world import LIMIT, World

pytestmark = pytest.mark.browser

RECIPE = "Turbo"
TURBO = "@hotwired/turbo@8"
FILE = "package/dist/turbo.es2017-umd.js"


@pytest.fixture(scope="module")
def turbo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Turbo's script, from npm's registry or npm's cache."""
    npm = shutil.which("npm") or absent("npm is not installed: install it to run this")
    directory = tmp_path_factory.mktemp("turbo")
    packed = subprocess.run(
        [npm, "pack", "--silent", "--prefer-offline", TURBO],
        cwd=directory,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
    )
    with tarfile.open(directory / packed.stdout.strip()) as archive:
        archive.extract(FILE, directory, filter="data")
    return directory / FILE


@pytest.fixture
def page(world: World, turbo: Path) -> Page:
    """A page that Turbo drives, of a session that has ended meanwhile."""
    # It shows how far a visit is by a style that the policy forbids.
    world.bearable = "Content Security Policy"
    page = world.sign_in()

    page.route("**/turbo.js", lambda route: route.fulfill(path=turbo))
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.src = "/turbo.js";
          document.head.append(script);
        }"""
    )
    page.wait_for_function("() => window.Turbo", polling=20)
    page.evaluate("SessionTimeout.stop()")  # nobody but Turbo asks the server
    world.tick(LIMIT)
    world.context.clock.resume()  # Turbo waits for frames to be painted
    return page


def test_a_link_leads_to_the_login_page(page: Page) -> None:
    page.get_by_role("link", name="Account").click()
    page.wait_for_url("**/login/?next=/account/")


def test_a_form_leads_to_the_login_page(page: Page) -> None:
    page.locator("#note-form [name=text]").fill("Half a sentence")
    with page.expect_response(lambda response: response.request.method == "POST") as r:
        page.locator("#note-save").click()
    assert r.value.status == 303
    page.wait_for_url("**/login/?next=/notes/")


def test_a_frame_takes_the_whole_page_to_the_login_page(
    world: World, page: Page
) -> None:
    world.bearable = "due to turbo-visit-control"  # Turbo says what it does
    page.evaluate(
        """() => {
          const frame = document.createElement("turbo-frame");
          Object.assign(frame, { id: "prices", src: "/account/" });
          document.body.append(frame);
        }"""
    )
    page.wait_for_url("**/login/?next=/account/")
    expect(page.locator("turbo-frame")).to_have_count(0)
