"""Browsers, engines and the clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpRequest
from django.test import AsyncClient, Client
from django.utils.translation import deactivate
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from session_timeout.engines import engine_of
from session_timeout.policy import Record, merge
from session_timeout.steps import run
from tests.views import meanwhile

START = datetime(2026, 1, 5, 8, tzinfo=UTC)

ENGINES = {
    "db": "django.contrib.sessions.backends.db",
    "cache": "django.contrib.sessions.backends.cache",
    "cached_db": "django.contrib.sessions.backends.cached_db",
    "file": "tests.engines.file",
    "other": "tests.engines.other",
    "signed_cookies": "django.contrib.sessions.backends.signed_cookies",
}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under SESSION_TIMEOUT_TESTS_STRICT, which CI sets, let no test be skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = bool(reporter and reporter.stats.get("skipped"))
    strict = bool(os.environ.get("SESSION_TIMEOUT_TESTS_STRICT"))
    session.exitstatus = session.exitstatus or int(strict and skipped)


class Browser:
    """A visitor, over Django's sync or async request handler."""

    def __init__(self, mode: str, **kwargs: Any) -> None:
        self.client = AsyncClient(**kwargs) if mode == "async" else Client(**kwargs)
        self.mode = mode

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.mode == "sync":
            return method(*args, **kwargs)

        async def call() -> Any:
            return await method(*args, **kwargs)

        return async_to_sync(call)()

    def get(self, path: str, **headers: str) -> Any:
        return self._call(self.client.get, path, headers=dashed(headers))

    def head(self, path: str, **headers: str) -> Any:
        return self._call(self.client.head, path, headers=dashed(headers))

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self._call(self.client.post, path, data or {}, headers=dashed(headers))

    def login(self, username: str = "ada") -> None:
        """Fill in the real login form."""
        data = {"username": username, "password": "secret"}
        response = self.post("/login/", data)
        assert response.status_code == 302, response.content

    @property
    def user(self) -> str:
        """Who the site says is there: this is a request, and activity."""
        return self.get("/page/").content.decode().split()[0].removeprefix("user=")

    @property
    def key(self) -> str | None:
        cookie = self.client.cookies.get(django_settings.SESSION_COOKIE_NAME)
        return cookie.value if cookie and cookie.value else None

    @property
    def session(self) -> Any:
        """The stored session, loaded anew."""
        engine = import_module(django_settings.SESSION_ENGINE)
        return engine.SessionStore(self.key)

    @property
    def record(self) -> Record | None:
        """The record as it is stored, wherever that is."""
        session = self.session
        raw = session.get("_session_timeout")
        record = None if raw is None else Record.parse(raw)
        if session.session_key is None:
            return None
        beside = run(engine_of(session, self.key).latest())
        return merge(record, beside, 1e12)

    def set(self, **values: Any) -> None:
        """Change the stored session behind the site's back."""
        session = self.session
        session.update(values)
        session.save()
        self.client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key

    def twin(self) -> Browser:
        """Another tab: the same cookies."""
        checks = self.client.handler.enforce_csrf_checks
        other = Browser(self.mode, enforce_csrf_checks=checks)
        other.client.cookies = self.client.cookies
        return other


class Hook:
    """Something that happens between the load of a session and its stamp.

    To be set as SESSION_EXPIRE_SECONDS, which is asked for in between.
    """

    function: Callable[[HttpRequest], object] | None = None

    def __call__(self, request: HttpRequest) -> int:
        function, self.function = self.function, None
        if function:
            function(request)
        return 1800


def dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Any) -> str:
    return use_engine(request.param, settings, tmp_path)


def use_engine(name: str, settings: Any, tmp_path: Any) -> str:
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = ENGINES[name]
    return name


@pytest.fixture
def browser(mode: str, db: None, user: User) -> Browser:
    return Browser(mode)


@pytest.fixture
def user(db: None) -> User:
    User.objects.create_user("bob", password="secret")
    return User.objects.create_superuser("ada", password="secret")


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
    cache.clear()
    meanwhile.function = None
