"""Promise 4: what the middleware reads, writes and sends."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from tests.support.client import cookies_set
from tests.support.views import meanwhile


class TestPromise4AlmostFree:
    def test_no_query_beyond_djangos_own_between_stamps(
        self, browser, clock, django_assert_num_queries
    ):
        browser.login()
        clock.tick(29)
        with django_assert_num_queries(2):  # the session and the user
            assert browser.user == "ada"

    def test_a_stamp_is_one_read_and_one_write(
        self, browser, clock, django_assert_num_queries
    ):
        browser.login()
        clock.tick(30)
        with django_assert_num_queries(4) as queries:
            assert browser.user == "ada"
        assert [q["sql"].split()[0] for q in queries.captured_queries] == [
            "SELECT",
            "SELECT",
            "UPDATE",
            "SELECT",
        ]
        with django_assert_num_queries(2):
            assert browser.user == "ada"

    @pytest.mark.parametrize(("lasts", "updates"), [(0.5, 1), (1.5, 2)])
    def test_without_a_grace_period_a_short_request_stamps_once(
        self, browser, clock, settings, lasts, updates
    ):
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 0
        browser.login()
        clock.tick(60)
        meanwhile.function = lambda request: clock.tick(lasts)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/during/")
        statements = [query["sql"].split()[0] for query in queries.captured_queries]
        assert statements.count("UPDATE") == updates

    def test_cached_db_reads_no_row_between_stamps(
        self, browser, clock, settings, django_assert_num_queries
    ):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
        browser.login()
        clock.tick(60)
        browser.get("/page/")
        clock.tick(29)
        with django_assert_num_queries(1):  # the user
            assert browser.user == "ada"

    @pytest.mark.parametrize("seconds", [0, 60])
    @pytest.mark.parametrize("path", ["/", "/poll/?", "/during/"])
    def test_neither_check_nor_stamp_sets_a_cookie_or_varies(
        self, browser, engine, clock, seconds, path
    ):
        browser.login()
        clock.tick(seconds)
        response = browser.get("/" if path == "/poll/?" else path)
        if engine != "signed_cookies" or not seconds:
            assert not cookies_set(response)
            assert "Vary" not in response.headers

    def test_a_burst_stamps_once(self, browser, clock):
        browser.login()
        clock.tick(60)
        stamps = []

        def count(execute, sql, params, many, context):
            stamps.extend([sql] if sql.startswith("UPDATE") else [])
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            for _ in range(8):
                browser.get("/")
        assert len(stamps) == 1

    def test_a_grace_period_of_zero_stamps_every_request(
        self, browser, engine, clock, settings
    ):
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 0
        browser.login()
        for _ in range(3):
            clock.tick(1)
            browser.get("/")
            assert browser.record.last_activity == time.time()

    def test_no_cookie_no_touch(self, browser, engine, django_assert_num_queries):
        with django_assert_num_queries(0):
            response = browser.get("/")
        assert not cookies_set(response)
        assert "Vary" not in response.headers

    @pytest.mark.parametrize(
        "junk", ["nosuchsessionxyz", "../../etc/passwd", "j" * 4000]
    )
    def test_a_bogus_cookie_is_left_alone(self, browser, engine, clock, junk, tmp_path):
        browser.client.cookies["sessionid"] = junk
        response = browser.get("/")
        assert response.status_code == 200
        assert not cookies_set(response)
        assert "Vary" not in response.headers
        assert not Session.objects.exists()
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("save_every_request", [False, True])
    @pytest.mark.parametrize("junk", ["nosuchsessionxyz", "j" * 4000])
    def test_a_bogus_cookie_creates_no_session(
        self, browser, engine, junk, tmp_path, settings, save_every_request
    ):
        settings.SESSION_SAVE_EVERY_REQUEST = save_every_request
        browser.client.cookies["sessionid"] = junk
        assert browser.user == "AnonymousUser"
        assert not browser.key
        assert not Session.objects.exists()
        assert not list(tmp_path.iterdir())

    def test_nor_does_it_where_an_exempt_view_leaves_it_alone(
        self, browser, engine, tmp_path, settings
    ):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/$"]
        browser.client.cookies["sessionid"] = "nosuchsessionxyz"
        assert browser.get("/").status_code == 200
        assert not browser.key
        assert not Session.objects.exists()
        assert not list(tmp_path.iterdir())

    @pytest.mark.django_db(transaction=True)
    def test_a_store_that_is_down_fails_as_django_alone_does(
        self, browser, settings, caplog
    ):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/$"]
        browser.login()

        def down(execute, sql, params, many, context):
            raise DatabaseError("server closed the connection")

        browser.client.raise_request_exception = False
        with connection.execute_wrapper(down):
            assert browser.get("/").status_code == 500

    def test_a_session_past_djangos_limit_is_left_to_django(
        self, browser, engine, clock, settings, tmp_path
    ):
        settings.SESSION_COOKIE_AGE = 60
        settings.SESSION_EXPIRE_SECONDS = 50
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 1
        browser.login()
        clock.tick(61)
        response = browser.get("/")
        assert response.status_code == 200
        assert not cookies_set(response)
        assert not list(tmp_path.iterdir())

    def test_it_can_still_be_used_for_a_new_session(self, browser, engine):
        browser.client.cookies["sessionid"] = "nosuchsessionxyz"
        browser.get("/write/?a=1")
        assert browser.key != "nosuchsessionxyz"
        assert browser.get("/read/").json() == {"a": "1"}
        assert browser.record is not None
