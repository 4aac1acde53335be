"""Promise 5: it fails closed, and never loudly at a visitor."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError, connection

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Record
from session_timeout.signals import session_expired
from tests.support.client import Browser, entry_name, expired

HOUR = 3600  # seconds


def hostile_stamps(now):
    """200 malformed stamps."""
    good = [f"{now:.3f}", f"{now:.3f}", f"{now + 9999:.3f}"]
    junk = [None, True, False, "", "now", -1, -0.5, 10**400, [], [now], {}, {"a": 1}]
    junk += ["nan", "inf", "-inf", "infinity", "1e999", [None], "0x10", "-0.001"]
    for index in range(3):
        for value in junk:
            yield " ".join([*good[:index], str(value), *good[index + 1 :]])
        yield " ".join([*good[:index], *good[index + 1 :]])
    record = " ".join(good)
    wholes = [True, False, 0, 1, -1, now, "", "x", [], [record], {}, {"a": record}]
    wholes += [10**400, good, [now] * 3, record.encode(), f"{record} ", f" {record}"]
    yield from wholes
    count = 3 * (len(junk) + 1) + len(wholes)
    yield from ({"last_activity": now + i} for i in range(200 - count))


class TestPromise5FailsClosedAndQuietly:
    @pytest.mark.slow
    def test_200_malformed_stamps_end_the_session(self, mode, user, settings, caplog):
        settings.SESSION_SERIALIZER = "tests.support.serializers.PickleSerializer"
        stamps = list(hostile_stamps(time.time()))
        assert len(stamps) == 200
        for stamp in stamps:
            browser = Browser(mode)
            browser.client.force_login(user)
            browser.set(**{SESSION_TIMEOUT_KEY: stamp})
            assert expired(browser.get("/page/")), stamp
            assert browser.user == "AnonymousUser"

    def test_a_malformed_stamp_ends_the_session(self, browser, engine):
        browser.login()
        browser.set(**{SESSION_TIMEOUT_KEY: "junk"})
        assert expired(browser.get("/page/"))

    @pytest.mark.parametrize("engine_", ["cache", "cached_db"])
    def test_a_malformed_entry_ends_the_session(
        self, browser, clock, settings, engine_
    ):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine_}"
        browser.login()
        clock.tick(60)
        cache.set(entry_name(browser), "junk")
        assert expired(browser.get("/page/"))

    @pytest.mark.parametrize("path", ["/page/", "/poll/"])
    @pytest.mark.parametrize("ahead", [HOUR, 365 * 24 * HOUR])
    def test_a_stamp_from_the_future_counts_as_now_and_is_mended(
        self, browser, engine, clock, ahead, path
    ):
        browser.login()
        now = time.time()
        future = Record(now + ahead, now + ahead, now + ahead * 9)
        browser.set(**{SESSION_TIMEOUT_KEY: future.encode()})
        assert browser.get(path).status_code == 200
        clock.tick(1799)
        assert browser.get("/poll/").status_code == 200
        clock.tick(1)
        assert expired(browser.get("/page/"))

    def test_a_clock_set_back_does_not_end_a_session(self, browser, engine, clock):
        browser.login()
        clock.tick(-HOUR)
        for _ in range(40):
            assert browser.user == "ada"
            clock.tick(60)

    def test_a_refused_stamp_costs_a_log_line(self, browser, clock, caplog):
        browser.login()
        clock.tick(60)

        def read_only(execute, sql, params, many, context):
            if sql.startswith("UPDATE"):
                raise DatabaseError("attempt to write a readonly database")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(read_only):
            response = browser.get("/")
        assert response.status_code == 200
        assert [r.name for r in caplog.records] == ["session_timeout"]

    def test_a_receiver_that_raises_does_not_keep_a_session_alive(
        self, browser, engine, clock, caplog
    ):
        from django.contrib.auth.signals import user_logged_out

        def fail(**kwargs):
            raise RuntimeError("receiver")

        browser.login()
        key = browser.key
        clock.tick(1800)
        session_expired.connect(fail)
        user_logged_out.connect(fail)
        try:
            assert expired(browser.get("/page/"))
        finally:
            session_expired.disconnect(fail)
            user_logged_out.disconnect(fail)
        browser.client.cookies["sessionid"] = key
        assert not browser.get("/page/").content.startswith(b"user=ada")

    def test_a_store_that_is_down_hurts_only_who_needs_it(
        self, browser, clock, caplog, settings
    ):
        browser.login()
        browser.client.raise_request_exception = False

        def down(execute, sql, params, many, context):
            raise DatabaseError("server closed the connection")

        with connection.execute_wrapper(down):
            assert browser.get("/").status_code == 200
            assert browser.get("/page/").status_code == 500
            assert browser.get("/async/").status_code == 500
        assert browser.user == "ada"

    @pytest.mark.django_db(transaction=True)
    def test_a_session_that_cannot_be_deleted_is_refused_all_the_same(
        self, browser, clock, caplog
    ):
        browser.login()
        key = browser.key
        clock.tick(1800)

        def no_delete(execute, sql, params, many, context):
            if sql.startswith("DELETE"):
                raise DatabaseError("readonly")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(no_delete):
            for _ in range(2):
                browser.client.cookies["sessionid"] = key
                assert expired(browser.get("/page/"))

    def test_an_undecodable_session_is_not_overwritten(self, browser, clock, settings):
        browser.login()
        stored = Session.objects.get().session_data
        with_key = settings.SECRET_KEY
        settings.SECRET_KEY = "another"
        assert browser.get("/").status_code == 200
        assert Session.objects.get().session_data == stored
        settings.SECRET_KEY = with_key
        assert browser.user == "ada"


def test_a_junk_expiry_is_no_500_of_ours(browser):
    browser.login()
    data = {"_session_expiry": "junk", "cart": "7"}
    Session.objects.update(session_data=browser.session.encode(data))
    assert browser.get("/").status_code == 200
    assert browser.record.started_at == time.time()
