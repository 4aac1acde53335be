"""The absolute limit, the limit since the start, and none."""

from datetime import timedelta

from tests.support.client import Browser, expired


class TestLimits:
    def test_the_absolute_limit_ends_a_session_in_use(
        self, browser, engine, clock, settings
    ):
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 4 * 3600
        seen = []
        settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: seen.append(expiry)
        browser.login()
        for _ in range(23):
            clock.tick(600)
            assert browser.user == "ada"
        clock.tick(600)
        assert browser.user == "AnonymousUser"
        assert [expiry.reason for expiry in seen] == ["absolute"]

    def test_the_limit_may_count_from_the_start(self, browser, engine, clock, settings):
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False
        browser.login()
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1)
        assert expired(browser.get("/page/"))

    def test_no_idle_limit(self, browser, engine, clock, settings):
        settings.SESSION_EXPIRE_SECONDS = None
        browser.login()
        clock.tick(timedelta(days=13))
        assert browser.user == "ada"


def test_a_copied_cookie_is_good_until_the_absolute_limit(
    engine, settings, browser, clock
):
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 3600
    browser.login()
    thief = Browser(browser.mode)
    thief.client.cookies = browser.client.cookies.copy()
    clock.tick(1799)
    assert thief.user == "ada"
    clock.tick(1799)
    assert thief.user == "ada"
    clock.tick(2)
    assert thief.get("/page/").status_code == 302
