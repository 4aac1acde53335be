"""Caches that fail, evict or are flushed."""

import time

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection

from session_timeout.policy import Record
from tests.support.caches import Entries
from tests.support.client import ENGINES, entry_name, expired
from tests.support.views import meanwhile


class TestCacheTrouble:
    @pytest.fixture(params=["cache", "cached_db"])
    def entries(self, request, settings):
        default = settings.CACHES["default"]
        mine = {"BACKEND": "tests.support.caches.Entries", "LOCATION": "entries"}
        settings.CACHES = {"default": default, "mine": mine}
        settings.SESSION_CACHE_ALIAS = "mine"
        settings.SESSION_ENGINE = ENGINES[request.param]
        yield Entries
        Entries.refuses.clear()
        Entries.calls.clear()

    def test_an_entry_that_cannot_be_read_fails_closed(self, entries, browser, clock):
        browser.login()
        entries.refuses.add("get")
        clock.tick(60)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    def test_an_entry_that_cannot_be_written_costs_a_log_line(
        self, entries, browser, clock, caplog
    ):
        browser.login()
        entries.refuses.add("set")
        clock.tick(60)
        assert browser.get("/").status_code == 200
        assert [r.name for r in caplog.records] == ["session_timeout"]

    def test_the_row_keeps_alive_what_the_cache_refuses(
        self, entries, browser, clock, settings
    ):
        settings.SESSION_ENGINE = ENGINES["cached_db"]
        browser.login()
        clock.tick(60)
        browser.get("/page/")
        entries.refuses.add("set")
        for _ in range(40):
            clock.tick(60)
            assert browser.user == "ada"

    @pytest.mark.django_db(transaction=True)
    def test_the_entry_keeps_alive_what_the_row_refuses(
        self, entries, browser, clock, settings, caplog
    ):
        settings.SESSION_ENGINE = ENGINES["cached_db"]

        def read_only(execute, sql, params, many, context):
            if sql.startswith("UPDATE"):
                raise DatabaseError("attempt to write a readonly database")
            return execute(sql, params, many, context)

        browser.login()
        with connection.execute_wrapper(read_only):
            for _ in range(40):
                clock.tick(60)
                assert browser.get("/").status_code == 200
        assert browser.user == "ada"
        assert "could not be written to a session's row" in caplog.text

    def test_an_entry_that_cannot_be_removed_keeps_nobody_in(
        self, entries, browser, clock, caplog
    ):
        browser.login()
        clock.tick(60)
        browser.get("/")
        entries.refuses.add("delete")
        assert browser.post("/logout/").status_code == 200
        assert browser.user == "AnonymousUser"
        assert [r.name for r in caplog.records] == ["session_timeout"]

    @pytest.mark.parametrize("path", ["/poll/", "/public/", "/"])
    def test_the_entry_is_read_once_a_grace_period(self, entries, browser, clock, path):
        browser.login()
        clock.tick(60)
        entries.calls.clear()
        for _ in range(5):
            browser.get(path)
            clock.tick(1)
        assert entries.calls.count("get") == 1

    def test_a_malformed_entry_at_the_end_of_a_slow_request(
        self, entries, browser, clock
    ):
        browser.login()

        def spoil(request):
            clock.tick(100)
            name = f"session_timeout:{request.session.cache_key_prefix}{browser.key}"
            request.session._cache.set(name, "junk")

        meanwhile.function = spoil
        assert browser.get("/during/").status_code == 200
        assert expired(browser.get("/page/"))

    def test_a_malformed_entry_found_by_a_passive_write(self, entries, browser, clock):
        browser.login()

        def spoil(request):
            name = f"session_timeout:{request.session.cache_key_prefix}{browser.key}"
            request.session._cache.set(name, "junk")
            request.session["a"] = 1

        meanwhile.function = spoil
        assert browser.get("/passive/during/").status_code == 200
        clock.tick(60)
        assert expired(browser.get("/page/"))


class TestCachesAndRows:
    def test_a_cache_flush_under_cached_db_forgets_nothing(
        self, browser, clock, settings
    ):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
        browser.login()
        clock.tick(1700)
        browser.get("/page/")
        cache.clear()
        clock.tick(1700)
        assert browser.user == "ada"

    def test_an_evicted_entry_under_cached_db_forgets_nothing(
        self, browser, clock, settings
    ):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
        browser.login()
        clock.tick(1700)
        browser.get("/page/")
        cache.delete(entry_name(browser))
        clock.tick(1700)
        assert browser.user == "ada"

    @pytest.mark.parametrize("engine_", ["cache", "cached_db"])
    def test_the_end_removes_the_entry(self, browser, clock, settings, engine_):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine_}"
        for end in ("/logout/", "/page/"):
            browser.login()
            clock.tick(60)
            browser.get("/page/")
            name = entry_name(browser)
            assert Record.decode(cache.get(name)).last_activity == time.time()
            clock.tick(1 if end == "/logout/" else 1800)
            browser.post(end)
            assert cache.get(name) is None
