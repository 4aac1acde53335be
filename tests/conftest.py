"""Browsers, engines and the clock."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.contrib.auth.models import User
from django.core.cache import cache, caches
from django.utils.translation import deactivate
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from session_timeout.conf.config import forget_config
from tests.support.caches import Recording
from tests.support.client import ENGINES, START, Browser, use_engine
from tests.support.views import meanwhile

# Thousands of tests are collected, and stay: look through all of them less often.
gc.set_threshold(50_000, 50, 50)

# "make quick" tries an engine for each place where a record can be, and the first of
# them in async mode too. It leaves the variations to "make test".
QUICK_ENGINES = ("db", "cache", "signed_cookies")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        engine, mode = parameters.get("engine"), parameters.get("mode")
        engines = QUICK_ENGINES[:1] if mode == "async" else (None, *QUICK_ENGINES)
        if engine not in engines:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run each test in a context of its own.

    Each URLconf that a test brings leaves a context variable behind, and asgiref
    carries all of them from thread to thread: a suite later takes twice as long.
    """
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    copy_context().run(runtestprotocol, item, nextitem=nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_sessionfinish(session: pytest.Session) -> None:  # pragma: no cover
    """Under SESSION_TIMEOUT_TESTS_STRICT, which CI sets, let no test be skipped.

    Coverage has been measured by then.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = bool(reporter and reporter.stats.get("skipped"))
    strict = bool(os.environ.get("SESSION_TIMEOUT_TESTS_STRICT"))
    session.exitstatus = session.exitstatus or int(strict and skipped)


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Any) -> str:
    return use_engine(request.param, settings, tmp_path)


@pytest.fixture
def browser(mode: str, db: None, user: User) -> Browser:
    return Browser(mode)


@pytest.fixture
def user(db: None) -> User:
    User.objects.create_user("bob", password="secret", pk=1)
    return User.objects.create_superuser("ada", password="secret", pk=2)


@pytest.fixture
def ada(user: User) -> Browser:
    """A browser in which Ada is logged in."""
    browser = Browser("async")
    browser.login()
    return browser


@pytest.fixture(scope="module")
def frozen_time() -> Iterator[FrozenDateTimeFactory]:
    # Once a module: to freeze time takes as long as a dozen requests.
    with freeze_time(START, real_asyncio=True) as frozen:
        yield frozen


@pytest.fixture(autouse=True)
def clock(frozen_time: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """The clock, which stands still until a test moves it."""
    frozen_time.move_to(START)
    return frozen_time


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    deactivate()  # the language of the last visitor
    forget_config()  # Django tells nobody that a deleted setting is there again
    cache.clear()
    caches.close_all()
    Recording.close_all()
    meanwhile.function = None
