"""Clocks that jump, differ, or change twice a year."""

from datetime import UTC, datetime

import pytest

from session_timeout.backends import base
from session_timeout.tracking import tracked
from tests.support.client import Browser, expired

HOUR, YEAR = 3600, 365 * 24 * 3600


class TestClocks:
    @pytest.mark.parametrize("jump", [-YEAR, -HOUR, HOUR, YEAR])
    def test_a_clock_that_jumps_fails_no_request(self, browser, engine, clock, jump):
        browser.login()
        clock.tick(60)
        browser.get("/write/?kept=yes")
        clock.tick(jump)
        response = browser.get("/page/")
        alive = jump < 0
        assert expired(response) or response.status_code == 200
        assert (b"ada" in response.content) is alive
        if alive:
            assert browser.get("/read/").json() == {"kept": "yes"}
            clock.tick(1799)
            assert browser.get("/poll/").status_code == 200
            clock.tick(1)
            assert expired(browser.get("/page/"))

    def test_a_clock_set_back_by_longer_than_djangos_limit(
        self, browser, engine, clock, settings
    ):
        settings.SESSION_COOKIE_AGE = 2400
        browser.login()
        clock.tick(-5000)
        assert browser.user == "ada"
        clock.tick(2399)
        assert expired(browser.get("/page/"))

    def test_a_clock_set_back_after_a_second_login(self, browser, engine, clock):
        browser.login()
        clock.tick(60)
        assert browser.user == "ada"
        clock.tick(1)
        browser.login()
        clock.tick(-3600)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    @pytest.mark.slow
    @pytest.mark.parametrize("ahead", [5, 120, 600])
    def test_two_servers_whose_clocks_differ(
        self, mode, user, engine, clock, ahead, monkeypatch
    ):
        browser = Browser(mode)
        memories = [{}, {}]

        def visit(server, path):
            """Let one of the servers answer; each has its own clock and memory."""
            for module in (base, tracked):
                monkeypatch.setattr(module, "recent_records", memories[server])
            clock.tick(server * ahead)
            response = browser.get(path)
            clock.tick(-server * ahead)
            return response

        browser.login()
        for minute in range(40):  # longer than the limit
            clock.tick(60)
            assert visit(minute % 2, "/page/").content.startswith(b"user=ada")
        clock.tick(1800 + ahead)
        assert expired(visit(0, "/poll/"))

    @pytest.mark.parametrize("use_tz", [True, False])
    @pytest.mark.parametrize("night", [(3, 29), (10, 25)])
    def test_a_night_in_which_the_clocks_change(
        self, browser, clock, settings, use_tz, night
    ):
        self.lasts_through(browser, clock, settings, use_tz, night)

    @pytest.mark.parametrize("night", [(3, 29), (10, 25)])
    def test_such_a_night_on_every_engine(
        self, browser, engine, clock, settings, night
    ):
        self.lasts_through(browser, clock, settings, False, night)

    def lasts_through(self, browser, clock, settings, use_tz, night):
        settings.TIME_ZONE = "Europe/Berlin"
        settings.USE_TZ = use_tz
        clock.move_to(datetime(2026, *night, 0, 10, tzinfo=UTC))
        browser.login()
        for _ in range(5):
            clock.tick(1799)
            assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))
