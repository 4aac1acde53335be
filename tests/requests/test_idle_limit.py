"""Promise 1: idle means idle, on every engine, sync and async."""

import pytest

from tests.support.client import expired


class TestPromise1IdleMeansIdle:
    def test_the_session_ends_at_the_limit_and_not_before(self, browser, engine, clock):
        browser.login()
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))
        assert browser.user == "AnonymousUser"

    def test_a_session_never_used_again_after_login_ends(self, browser, engine, clock):
        browser.login()
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    def test_a_session_opened_outside_a_request_ends(self, browser, engine, clock):
        browser.set(cart="7")
        browser.get("/")
        clock.tick(1800)
        assert browser.get("/read/").json() == {}

    def test_a_session_opened_by_login_elsewhere_ends(
        self, browser, engine, clock, user
    ):
        browser.client.force_login(user)
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    def test_a_session_from_before_the_package_ends(
        self, browser, engine, clock, settings
    ):
        ours = "session_timeout.middleware.SessionTimeoutMiddleware"
        with_us = list(settings.MIDDLEWARE)
        settings.MIDDLEWARE = [path for path in with_us if path != ours]
        browser.client.handler._middleware_chain = None
        browser.set(cart="7")
        browser.get("/write/?cart=7")
        settings.MIDDLEWARE = with_us
        browser.client.handler._middleware_chain = None
        clock.tick(60)
        browser.get("/poll/")
        clock.tick(1799)
        assert browser.get("/read/").json() == {"cart": "7"}
        clock.tick(1800)
        assert browser.get("/read/").json() == {}

    def polls_in_vain(self, browser, clock, path, **headers):
        browser.login()
        for _ in range(29):
            clock.tick(60)
            assert browser.get(path, **headers).status_code == 200
        clock.tick(60)
        return expired(browser.get(path, **headers))

    def test_polling_keeps_nothing_alive(self, browser, engine, clock):
        assert self.polls_in_vain(browser, clock, "/poll/")

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/async/poll/", {}),
            ("/class/poll/", {}),
            ("/page/", {"X_Session_Passive": "1"}),
            ("/page/", {"Sec_Purpose": "prefetch;prerender"}),
        ],
    )
    def test_nor_does_it_in_another_way(self, browser, clock, path, headers):
        assert self.polls_in_vain(browser, clock, path, **headers)
