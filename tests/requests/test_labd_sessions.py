"""Sessions and settings of django-session-timeout."""

import time

import pytest

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.support.client import expired


class TestLabD:
    """Sessions and settings of django-session-timeout 0.1.0."""

    @pytest.fixture
    def labd(self, browser, settings):
        """A session as that package left it."""

        def make(stamp):
            browser.login()
            session = browser.session
            del session[SESSION_TIMEOUT_KEY]
            session["_session_init_timestamp_"] = stamp
            session.save()
            browser.client.cookies["sessionid"] = session.session_key
            return browser

        return make

    def test_sessions_keep_the_idle_time_they_had(self, labd, engine, clock):
        browser = labd(time.time() - 1700)
        clock.tick(99)
        browser.get("/poll/")
        clock.tick(1)
        assert expired(browser.get("/page/"))

    def test_and_go_on_when_used(self, labd, engine, clock):
        browser = labd(time.time() - 1700)
        assert browser.user == "ada"
        clock.tick(1799)
        assert browser.user == "ada"

    def test_malformed_stamps_end_the_session(self, labd, engine):
        assert expired(labd("yesterday").get("/page/"))

    def test_its_settings_mean_the_same(self, browser, clock, settings):
        settings.SESSION_EXPIRE_SECONDS = 3600
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = True
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 60
        settings.SESSION_TIMEOUT_REDIRECT = "/timeout/"
        browser.login()
        clock.tick(59)
        browser.get("/page/")
        clock.tick(3541)
        assert browser.get("/page/").url == "/timeout/"
