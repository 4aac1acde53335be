"""One Chromium and one server for all; a context and a clock for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.world import START, Server, World, serving

CHROMIUM = os.environ.get("SESSION_TIMEOUT_TESTS_CHROMIUM") or shutil.which("chromium")
MISSING = "Chromium is not there: apt-get install chromium"


@pytest.fixture(autouse=True)
def clock() -> None:
    """Leave the time of this process alone: server and browser have their own."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = CHROMIUM or pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox"],
            ignore_default_args=["--disable-back-forward-cache"],
        )
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
        context.set_default_timeout(10_000)
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
