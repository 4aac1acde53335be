"""The middleware's place in MIDDLEWARE."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.support.client import Browser, expired
from tests.support.paths import AUTH, OURS, SESSIONS


class TestPlace:
    @pytest.fixture(
        params=[
            [OURS, AUTH],
            [AUTH, OURS],
            ["tests.support.middleware.function", OURS, AUTH],
        ]
    )
    def middleware(self, request, settings):
        settings.MIDDLEWARE = [SESSIONS, *request.param]

    def test_before_or_after_authentication(self, middleware, browser, engine, clock):
        browser.login()
        assert browser.user == "ada"
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/async/"))
        clock.tick(1)
        assert browser.user == "AnonymousUser"

    @pytest.mark.parametrize("path", ["/page/", "/async/"])
    def test_the_view_after_the_end_sees_nobody(
        self, middleware, browser, clock, settings, path
    ):
        settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: None
        browser.login()
        clock.tick(1800)
        assert b"user=AnonymousUser" in browser.get(path).content

    @pytest.mark.parametrize("middleware", [[OURS], [OURS, SESSIONS]])
    def test_without_sessions_before_it_says_where_to_put_it(
        self, mode, settings, middleware
    ):
        settings.MIDDLEWARE = middleware
        with pytest.raises(ImproperlyConfigured, match=f'after\\s+"{SESSIONS}"'):
            Browser(mode).get("/")

    def test_where_somebody_has_thrown_the_session_away_it_says_so_too(
        self, mode, settings
    ):
        settings.MIDDLEWARE = [SESSIONS, "tests.support.middleware.no_session", OURS]
        with pytest.raises(ImproperlyConfigured, match=r"found no request\.session"):
            Browser(mode).get("/")

    def test_without_contrib_auth(self, mode, db, engine, clock, settings):
        settings.INSTALLED_APPS = ["django.contrib.sessions"]
        settings.MIDDLEWARE = [SESSIONS, OURS]
        settings.SESSION_TIMEOUT_REDIRECT = "/timeout/"
        settings.SESSION_TIMEOUT_MESSAGE = "Nobody reads this."
        settings.ROOT_URLCONF = "tests.support.urls_without_users"
        browser = Browser(mode)
        browser.get("/write/?_auth_user_id=7")
        clock.tick(1800)
        assert browser.get("/read/").url == "/timeout/"
        assert browser.get("/read/").json() == {}

    def test_two_lines_of_settings_are_enough(self, browser, clock, settings):
        settings.INSTALLED_APPS = [
            app for app in settings.INSTALLED_APPS if app != "session_timeout"
        ]
        browser.login()
        clock.tick(1800)
        assert expired(browser.get("/page/"))
