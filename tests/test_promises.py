"""The promises of the package, each over the real request/response cycle."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from session_timeout.copies import ATTEMPTS
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.signals import session_expired
from tests.views import meanwhile

HOUR = 3600


def expired(response):
    return response.status_code == 302 and response.url.startswith("/login/")


def entry_name(browser):
    prefix = getattr(browser.session, "cache_key_prefix", "")
    return f"session_timeout:{prefix}{browser.key}"


def cookies_set(response):
    return dict(response.cookies.items())


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

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/poll/", {}),
            ("/async/poll/", {}),
            ("/class/poll/", {}),
            ("/page/", {"X_Session_Passive": "1"}),
            ("/page/", {"Sec_Purpose": "prefetch;prerender"}),
        ],
    )
    def test_polling_keeps_nothing_alive(self, browser, engine, clock, path, headers):
        browser.login()
        for _ in range(29):
            clock.tick(60)
            assert browser.get(path, **headers).status_code == 200
        clock.tick(60)
        assert expired(browser.get(path, **headers))


class TestPromise2DjangosOwnLimits:
    @pytest.fixture(autouse=True)
    def two_hours(self, settings):
        settings.SESSION_COOKIE_AGE = 7200

    def minutes_of_life(self, browser, clock, step=5):
        """How long a click every few minutes finds the session."""
        minutes = 0
        while True:
            minutes += step
            clock.tick(60 * step)
            response = browser.get("/page/")
            if expired(response) or b"ada" not in response.content:
                return minutes

    def test_an_active_session_ends_at_cookie_age(self, browser, engine, clock):
        browser.login()
        assert self.minutes_of_life(browser, clock, step=1) == 120

    def test_it_is_counted_from_the_applications_last_write(
        self, browser, engine, clock
    ):
        browser.login()
        for _ in range(12):
            clock.tick(300)
            browser.get("/page/")
        browser.get("/write/?a=1")
        assert self.minutes_of_life(browser, clock) == 120

    @pytest.mark.parametrize("as_timedelta", [False, True])
    def test_set_expiry_is_not_prolonged(self, browser, engine, clock, as_timedelta):
        def shorten(request):
            request.session.set_expiry(timedelta(minutes=20) if as_timedelta else 1200)

        browser.login()
        meanwhile.function = shorten
        browser.get("/during/")
        assert self.minutes_of_life(browser, clock) == 20

    def test_a_session_from_before_the_package_is_not_prolonged(
        self, browser, engine, clock, settings
    ):
        browser.login()
        session = browser.session
        del session[SESSION_TIMEOUT_KEY]
        session.save()
        browser.client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        cache.delete(entry_name(browser))
        clock.tick(HOUR)
        # That one does not say when it has saved: from the first request, 5 minutes on.
        expected = 125 if engine == "other" else 60
        assert self.minutes_of_life(browser, clock) == expected

    def test_closing_the_browser_still_ends_it(self, browser, engine, clock, settings):
        settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
        browser.login()
        for _ in range(5):
            clock.tick(60)
            for path in ("/page/", "/write/?a=1", "/poll/"):
                cookie = browser.get(path).cookies.get("sessionid")
                assert not cookie or (cookie["max-age"], cookie["expires"]) == ("", "")

    @pytest.mark.parametrize("path", ["/page/", "/poll/?ada", "/public/"])
    def test_djangos_sliding_expiry_stays_sliding(
        self, browser, engine, clock, settings, path
    ):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        settings.SESSION_EXPIRE_SECONDS = None
        browser.login()
        for _ in range(9):
            clock.tick(1200)
            assert browser.get(path).status_code == 200
        assert browser.user == "ada"


class TestPromise3NoDataIsLost:
    def test_another_requests_write_survives_a_slow_request(
        self, browser, engine, clock, settings
    ):
        """On signed_cookies each response carries its own copy; Django's own limit."""
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 0
        browser.login()
        clock.tick(60)

        def write_in_another_tab(request):
            clock.tick(100)
            browser.twin().get("/write/?kept=yes")

        meanwhile.function = write_in_another_tab
        browser.get("/during/")
        expected = {} if engine == "signed_cookies" else {"kept": "yes"}
        assert browser.get("/read/").json() == expected

    @pytest.mark.parametrize("writes", [1, 2, 3, 9])
    def test_a_write_between_a_stamps_read_and_its_update_survives(
        self, browser, clock, writes
    ):
        browser.login()
        began_at = time.time()
        clock.tick(60)
        left = list(range(writes))

        def write_first(execute, sql, params, many, context):
            if sql.startswith("UPDATE") and left:
                session = browser.session
                session[f"n{left.pop()}"] = "kept"
                todo, left[:] = list(left), []
                session.save()
                left[:] = todo
            return execute(sql, params, many, context)

        with connection.execute_wrapper(write_first):
            assert browser.get("/").status_code == 200
        written = writes - len(left)
        assert len(browser.get("/read/", X_Session_Passive="1").json()) == written
        # Three times beaten to it, the stamp is given up.
        stamped = writes < ATTEMPTS
        assert written == min(writes, ATTEMPTS)
        assert browser.record.last_activity == (time.time() if stamped else began_at)

    def test_logout_in_another_tab_during_a_slow_request(self, browser, engine, clock):
        browser.login()
        clock.tick(60)
        left = {}

        def sign_out_in_another_tab(request):
            clock.tick(100)
            other = browser.twin()
            left["key"] = browser.key
            assert other.post("/logout/").status_code in (200, 302)

        meanwhile.function = sign_out_in_another_tab
        response = browser.get("/during/")
        assert response.status_code == 200
        if engine != "signed_cookies":
            assert not cookies_set(response)
            browser.client.cookies["sessionid"] = left["key"]
            assert browser.user == "AnonymousUser"

    def test_login_in_another_tab_during_a_slow_request(self, browser, engine, clock):
        browser.set(cart="7")
        browser.get("/")
        clock.tick(60)

        def sign_in_in_another_tab(request):
            clock.tick(100)
            browser.twin().login()

        meanwhile.function = sign_in_in_another_tab
        assert browser.get("/during/").status_code == 200
        if engine != "signed_cookies":
            assert browser.user == "ada"
            assert browser.get("/read/").json() == {"cart": "7"}

    @pytest.mark.parametrize("path", ["/passive/during/", "/exempt/during/"])
    def test_a_stamp_does_not_move_backwards_by_a_passive_write(
        self, browser, engine, clock, path
    ):
        browser.login()
        clock.tick(60)
        clicked = {}

        def click_in_another_tab(request):
            clock.tick(60)
            browser.twin().get("/page/")
            clicked["at"] = time.time()
            clock.tick(5)
            request.session["passive"] = "write"

        meanwhile.function = click_in_another_tab
        browser.get(path)
        assert browser.get("/read/", X_Session_Passive="1").json()["passive"] == "write"
        if engine != "signed_cookies":
            assert browser.record.last_activity == clicked["at"]

    def test_the_end_of_a_slow_request_is_activity(self, browser, engine, clock):
        browser.login()

        def be_slow(request):
            clock.tick(1000)

        meanwhile.function = be_slow
        browser.get("/during/")
        assert browser.record.last_activity == time.time()

    @pytest.mark.parametrize("seconds", [10, 1000])
    @pytest.mark.parametrize("clears", [False, True])
    def test_the_end_of_a_failed_write_is_activity_if_it_was_slow(
        self, browser, engine, clock, clears, seconds
    ):
        browser.login()
        began_at = time.time()

        def fail(request):
            clock.tick(seconds)
            if clears:
                request.session.clear()
            else:
                request.session["lost"] = "as Django does after an error"
            response = meanwhile(request)
            response.status_code = 500
            return response

        meanwhile.function = fail
        browser.get("/during/")
        if engine != "signed_cookies":
            stamped_at = time.time() if seconds == 1000 else began_at
            assert browser.record.last_activity == stamped_at
        assert browser.get("/read/").json() == {}

    @pytest.mark.parametrize("path", ["/passive/during/", "/exempt/during/"])
    def test_the_end_of_a_slow_passive_request_is_none(
        self, browser, engine, clock, path
    ):
        browser.login()
        began_at = time.time()

        def be_slow(request):
            clock.tick(1000)

        meanwhile.function = be_slow
        browser.get(path)
        assert browser.record.last_activity == began_at

    def test_a_slow_request_does_not_stamp_what_another_has_just_stamped(
        self, browser, engine, clock
    ):
        browser.login()

        def click_in_another_tab(request):
            clock.tick(1000)
            browser.twin().get("/page/")
            clock.tick(5)

        meanwhile.function = click_in_another_tab
        browser.get("/during/")
        late = time.time() if engine == "signed_cookies" else time.time() - 5
        assert browser.record.last_activity == late

    def test_a_view_that_saves_the_session_itself_keeps_the_stamp(
        self, browser, engine, clock
    ):
        browser.login()
        clock.tick(60)

        def save(request):
            request.session.save()
            request.session.modified = False

        meanwhile.function = save
        browser.get("/during/")
        if engine != "signed_cookies":
            assert browser.record.last_activity == time.time()


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


def hostile_stamps(now):
    """200 malformed stamps."""
    good = {"started_at": now, "last_activity": now, "expires_at": now + 9999}
    junk = [None, True, False, "", "now", -1, -0.5, 10**400, [], [now], {}, {"a": 1}]
    junk += [float("nan"), float("inf"), float("-inf"), f"{now}", [None], "0x10"]
    for name in good:
        yield from ({**good, name: value} for value in junk)
        yield {key: value for key, value in good.items() if key != name}
    wholes = [True, False, 0, 1, -1, now, "", "x", [], [good], {}, {"a": good}, 10**400]
    yield from wholes
    count = 3 * (len(junk) + 1) + len(wholes)
    yield from ({"last_activity": now + i} for i in range(200 - count))


class TestPromise5FailsClosedAndQuietly:
    def test_200_malformed_stamps_end_the_session(self, mode, user, settings, caplog):
        from tests.conftest import Browser

        settings.SESSION_SERIALIZER = "tests.serializers.PickleSerializer"
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
        future = {"started_at": now + ahead, "last_activity": now + ahead}
        browser.set(**{SESSION_TIMEOUT_KEY: {**future, "expires_at": now + ahead * 9}})
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
            assert cache.get(name)["last_activity"] == time.time()
            clock.tick(1 if end == "/logout/" else 1800)
            browser.post(end)
            assert cache.get(name) is None


def test_the_session_key_is_never_logged(browser, clock, caplog):
    caplog.set_level("DEBUG", "session_timeout")
    browser.login()
    key = browser.key
    clock.tick(1800)
    browser.get("/page/")
    (line,) = [r.getMessage() for r in caplog.records if r.name == "session_timeout"]
    assert line.startswith("Session expired: reason idle, user ")
    assert line.endswith("idle for 1800 s.")
    assert key not in caplog.text


def test_the_session_is_readable_in_the_signal(browser, engine, clock):
    seen = []

    def receive(request, **kwargs):
        del kwargs["signal"]
        seen.append((request.session.get("cart"), kwargs))

    browser.get("/write/?cart=7")
    browser.login()
    began_at = time.time()
    user_id = browser.session["_auth_user_id"]
    clock.tick(1800)
    session_expired.connect(receive)
    try:
        browser.get("/page/")
    finally:
        session_expired.disconnect(receive)
    ((cart, arguments),) = seen
    assert cart == "7"
    assert arguments.pop("sender").__name__ == "SessionTimeoutMiddleware"
    assert arguments == {
        "reason": "idle",
        "user_id": user_id,
        "started_at": began_at,
        "last_activity": began_at,
    }


def test_the_user_is_known_when_logged_out(browser, clock):
    from django.contrib.auth.signals import user_logged_out

    seen = []

    def receive(user, **kwargs):
        seen.append(str(user))

    browser.login()
    clock.tick(1800)
    user_logged_out.connect(receive)
    try:
        browser.get("/page/")
    finally:
        user_logged_out.disconnect(receive)
    assert seen == ["ada"]


def test_a_naive_site_works_as_well(browser, engine, clock, settings):
    settings.USE_TZ = False
    settings.TIME_ZONE = "Europe/Berlin"
    browser.login()
    assert browser.record.expires_at == time.time() + settings.SESSION_COOKIE_AGE
    clock.tick(1799)
    assert browser.user == "ada"
    assert browser.record.expires_at == time.time() - 1799 + settings.SESSION_COOKIE_AGE
    clock.tick(1800)
    assert expired(browser.get("/page/"))


def test_a_session_outlives_its_row_when_written_elsewhere(browser, clock, settings):
    """A write outside a request moves Django's limit; the row knows, and so do we."""
    browser.login()
    clock.tick(HOUR // 4)
    session = browser.session
    session["elsewhere"] = True
    session.save()
    clock.tick(60)
    browser.get("/")
    expected = (timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE - 60),)
    assert (browser.record.expires_at,) == tuple(e.timestamp() for e in expected)


def test_the_client_of_the_tests_is_djangos(mode, db):
    assert Client().get("/").content == b"still"


def test_signed_cookies_end_at_cookie_age_whatever_set_expiry_says(
    browser, clock, settings
):
    """Django refuses a cookie signed longer ago; our signing again must not help."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.SESSION_COOKIE_AGE = 7200
    browser.login()
    meanwhile.function = lambda request: request.session.set_expiry(20000)
    browser.get("/during/")
    for _ in range(119):
        clock.tick(60)
        assert browser.user == "ada"
    clock.tick(60)
    assert expired(browser.get("/page/"))


def test_a_junk_expiry_is_no_500_of_ours(browser):
    browser.login()
    data = {"_session_expiry": "junk", "cart": "7"}
    Session.objects.update(session_data=browser.session.encode(data))
    assert browser.get("/").status_code == 200
    assert browser.record.started_at == time.time()
