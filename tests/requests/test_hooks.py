"""Subclasses, and settings that are functions of the request."""

import time
from datetime import timedelta

import pytest

from tests.support.client import Browser, expired
from tests.support.paths import AUTH, OURS, SESSIONS
from tests.support.views import meanwhile


class TestHooks:
    @pytest.fixture(params=["Subclass", "AsyncSubclass"])
    def subclass(self, request, settings):
        settings.MIDDLEWARE = [
            SESSIONS,
            AUTH,
            f"tests.support.middleware.{request.param}",
        ]
        return request.param

    def test_the_limits_depend_on_the_user(self, subclass, mode, user, clock):
        for name, seconds in (("ada", 60), ("bob", 600)):
            browser = Browser(mode)
            browser.login(name)
            clock.tick(seconds - 1)
            assert browser.user == name
            clock.tick(seconds)
            response = browser.get("/page/")
            assert response.status_code == 403
            assert response.content == b"ended: idle"

    def test_what_counts_as_activity(self, subclass, browser, clock):
        browser.login()
        clock.tick(59)
        browser.get("/")
        clock.tick(1)
        assert browser.get("/page/").status_code == 403

    def test_what_counts_as_activity_for_a_write(self, subclass, browser, clock):
        browser.login()
        began_at = time.time()
        clock.tick(1)
        meanwhile.function = lambda request: request.session.update({"a": 1})
        browser.get("/during/")
        assert browser.record.last_activity == began_at + 1

    @pytest.mark.parametrize("name", ["limit", "async_limit"])
    def test_a_limit_by_user_may_be_a_function(self, browser, clock, settings, name):
        settings.MIDDLEWARE = [SESSIONS, AUTH, OURS]
        settings.SESSION_EXPIRE_SECONDS = f"tests.requests.test_hooks.{name}"
        browser.login()
        clock.tick(119)
        assert browser.user == "ada"
        clock.tick(120)
        assert expired(browser.get("/page/"))


def test_a_synchronous_callable_may_use_the_session(browser, clock, settings):
    """The session is loaded by then: reading it does no I/O, also under ASGI."""
    settings.SESSION_EXPIRE_SECONDS = by_cart
    browser.get("/write/?cart=7")
    clock.tick(60)
    assert browser.get("/read/").json() == {}


def by_cart(request):
    return 60 if "cart" in request.session else 600


def limit(request):
    return timedelta(minutes=2) if request.user.is_superuser else None


async def async_limit(request):
    user = await request.auser()
    return 120 if user.is_superuser else None
