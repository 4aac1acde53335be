"""What axe-core finds at WCAG 2.2 AA, and what it does not look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.support.world import (
    WARNING,
    World,
    cover,
    final_warning,
    sign_out,
    stay,
    warning,
)

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 320, "height": 640}

looks = pytest.mark.parametrize("scheme", ["light", "dark"])
sizes = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "320px"])
languages = pytest.mark.parametrize("language", ["en", "ar"])


def findings(page: Page) -> list[Any]:
    """Return the rules that axe-core finds broken, and by what."""
    page.evaluate(f"{AXE}; 0")
    options = {"runOnly": {"type": "tag", "values": TAGS}}
    # axe waits by setTimeout, which stands still here.
    page.clock.resume()
    found = page.evaluate("options => axe.run(options)", options)
    return [
        (rule["id"], [node["html"] for node in rule["nodes"]])
        for rule in found["violations"]
    ]


@pytest.fixture
def world(make_world: Callable[..., World], request: pytest.FixtureRequest) -> World:
    asked = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    world = make_world(
        color_scheme=asked.get("scheme", "light"), viewport=asked.get("size", DESKTOP)
    )
    language = {"name": "django_language", "value": asked.get("language", "en")}
    world.context.add_cookies([{**language, "url": world.server.url}])
    return world


@looks
@sizes
@languages
def test_axe_finds_nothing_in_the_warning(
    world: World, page: Page, scheme: str, size: dict[str, int], language: str
) -> None:
    world.run_to_warning()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    direction = {"en": "ltr", "ar": "rtl"}[language]
    assert dialog.evaluate("e => getComputedStyle(e).direction") == direction
    assert findings(page) == []


@looks
@sizes
def test_axe_finds_nothing_in_the_absolute_warning(
    world: World, scheme: str, size: dict[str, int]
) -> None:
    world.choose(idle="1800", absolute="120")
    page = world.sign_in()
    world.run(60)
    expect(final_warning(page)).to_be_visible()
    assert findings(page) == []


@looks
def test_axe_finds_nothing_in_a_covered_page(
    world: World, page: Page, scheme: str
) -> None:
    world.bearable = "Failed to load resource"
    page.route("**/session-timeout/status/", lambda route: route.abort())
    world.run_to_warning()
    world.run(WARNING + 1)
    expect(cover(page)).to_be_visible()
    assert findings(page) == []


def test_dialog_has_its_role_its_name_and_its_description(
    world: World, page: Page
) -> None:
    world.run_to_warning()
    expect(warning(page)).to_have_role("alertdialog")
    expect(warning(page)).to_have_accessible_name("Are you still there?")
    expect(warning(page)).to_have_accessible_description(
        "You have not been active for a while. "
        "To protect your data, your session will end soon."
    )
    expect(page.locator("[data-countdown]")).to_have_attribute("aria-hidden", "true")


@sizes
def test_dialog_fits_the_window_and_its_targets_are_large_enough(
    world: World, page: Page, size: dict[str, int]
) -> None:
    world.run_to_warning()
    box = warning(page).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    for button in stay(page), sign_out(page):
        target = button.bounding_box()
        assert target
        assert min(target["width"], target["height"]) >= 24


def test_dialog_has_an_edge_where_the_colours_are_forced(
    make_world: Callable[..., World],
) -> None:
    world = make_world(forced_colors="active", reduced_motion="reduce")
    page = world.sign_in()
    world.run_to_warning()
    for element in warning(page), stay(page):
        style = "e => getComputedStyle(e).borderTopStyle"
        assert element.evaluate(style) == "solid"
    assert page.evaluate("document.getAnimations().length") == 0
