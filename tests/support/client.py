"""A visitor of the test project, over Django's own test clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.test import AsyncClient, Client

from session_timeout.backends import get_backend
from session_timeout.flow import run_sync
from session_timeout.policy import Record, merge_records

START = datetime(2026, 1, 5, 8, tzinfo=UTC)

ENGINES = {
    "db": "django.contrib.sessions.backends.db",
    "cache": "django.contrib.sessions.backends.cache",
    "cached_db": "django.contrib.sessions.backends.cached_db",
    "file": "tests.support.engines.file",
    "other": "tests.support.engines.other",
    "signed_cookies": "django.contrib.sessions.backends.signed_cookies",
}

# For a test whose fixtures leave the engine to the settings.
on_every_engine = pytest.mark.usefixtures("engine")
# And for one whose fixtures ask for each of them.
on_one_engine = pytest.mark.parametrize("engine", ["db"], indirect=True)

JSON = {"Accept": "application/json"}
PASSIVE = {"X_Session_Passive": "1"}
HOST = "http://testserver"


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
        record = None if raw is None else Record.decode(raw)
        if session.session_key is None:
            return None
        backend = get_backend(session, self.key)
        if backend.writes_with_response:
            return record
        return merge_records(record, run_sync(backend.read_record()), 1e12)

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


class Page:
    """A page that is open in a browser, and what it asks."""

    def __init__(self, browser):
        self.browser = browser
        self.prefix = "/session-timeout/"

    def behind(self, *middleware):
        """The same page, once the site has another stack of middleware."""
        django_settings.MIDDLEWARE = middleware
        return type(self)(self.browser.twin())

    def ask(self, **headers):
        return self.browser.get(f"{self.prefix}status/", **headers)

    def status(self, **headers):
        response = self.ask(**headers)
        assert response.status_code == 200
        return response.json()

    def send(self, data=None, **headers):
        return self.browser.post(f"{self.prefix}extend/", data, **headers)

    def extend(self, **headers):
        response = self.send(**{**JSON, **headers})
        assert response.status_code == 200
        return response.json()


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


def delete_setting(settings: Any, name: str) -> None:
    """Delete a setting, and say so: Django's signal only tells of new values."""
    delattr(settings, name)
    setting_changed.send(None, setting=name, value=None, enter=True)


def use_engine(name: str, settings: Any, tmp_path: Any) -> str:
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = ENGINES[name]
    return name


def expired(response: Any) -> bool:
    """Whether the response sends the visitor of an ended session to the login page."""
    return response.status_code == 302 and response.url.startswith("/login/")


def entry_name(browser):
    prefix = getattr(browser.session, "cache_key_prefix", "")
    return f"session_timeout:{prefix}{browser.key}"


def cookies_set(response):
    return dict(response.cookies.items())


def idle_limit(request):
    return 600 if request.user.is_superuser else 60


async def idle_limit_of_a_coroutine(request):
    return 600 if (await request.auser()).is_superuser else 60
