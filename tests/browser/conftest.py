"""One Chromium and one server for all; a context and a clock for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.support.servers import absent
from tests.support.world import START, Server, World, serving

CHROMIUM = os.environ.get("SESSION_TIMEOUT_TESTS_CHROMIUM") or shutil.which("chromium")
# Chromium without its own windows, which Playwright prefers too: half as long.
SHELL = (
    os.environ.get("SESSION_TIMEOUT_TESTS_CHROMIUM")
    or shutil.which("chromium-headless-shell")
    or CHROMIUM
)
MISSING = "Chromium is not there: apt-get install chromium"
MILLISECONDS = 30_000  # for what takes a tenth of a second where nothing else runs

expect.set_options(timeout=MILLISECONDS)


@pytest.fixture(autouse=True)
def clock() -> None:
    """Leave the time of this process alone: server and browser have their own."""


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


def launch(playwright: Playwright, path: str | None) -> Browser:
    return playwright.chromium.launch(
        executable_path=path or absent(MISSING),
        args=["--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, SHELL)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def chromium_with_page_cache(playwright: Playwright) -> Iterator[Browser]:
    """Chromium as people use it, which keeps pages for the Back button."""
    browser = launch(playwright, CHROMIUM)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("browser") / "db.sqlite3") as server:
        yield server


@pytest.fixture
def make_world(chromium: Browser, server: Server) -> Iterator[Callable[..., World]]:
    """Make a browser's world; at the end, nothing in it may have complained."""
    worlds: list[World] = []

    def make(skew: float = 0, **options: Any) -> World:
        context = chromium.new_context(**options)
        context.set_default_timeout(MILLISECONDS)
        worlds.append(World(server, context, skew))
        return worlds[-1]

    yield make
    for world in worlds:
        world.context.close()
        assert world.errors == []


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


@pytest.fixture
def page(world: World) -> Page:
    """A page of somebody who has signed in, at the beginning of time."""
    page = world.sign_in()
    assert world.now == START
    return page
