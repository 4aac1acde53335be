"""Promise 3: a stamp costs no other request its data."""

import time

import pytest
from django.core.cache import cache
from django.db import connection

from session_timeout.backends.db import ATTEMPTS
from tests.support.client import Hook, cookies_set
from tests.support.views import meanwhile


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


between = Hook()


class TestBetweenLoadAndStamp:
    """The limit is asked for after the load: a callable is where others can act."""

    @pytest.fixture(autouse=True)
    def limit(self, settings):
        settings.SESSION_EXPIRE_SECONDS = between
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 30
        yield
        between.function = None

    def test_the_session_is_deleted(self, browser, engine, clock):
        browser.login()
        key = browser.key
        clock.tick(60)
        between.function = lambda request: type(request.session)(key).delete()
        assert browser.get("/").status_code == 200
        if engine != "signed_cookies":
            browser.client.cookies["sessionid"] = key
            assert browser.user == "AnonymousUser"

    def test_the_session_is_changed(self, browser, engine, clock):
        browser.login()
        clock.tick(60)

        def change(request):
            session = browser.session
            session["kept"] = "yes"
            session.save()

        between.function = change
        assert browser.get("/").status_code == 200
        if engine != "signed_cookies":
            assert browser.get("/read/").json() == {"kept": "yes"}
        assert browser.record.last_activity == time.time()

    def test_the_cache_is_flushed(self, browser, engine, clock):
        browser.login()
        clock.tick(60)
        between.function = lambda request: cache.clear()
        assert browser.get("/").status_code == 200
        assert browser.user == ("AnonymousUser" if engine == "cache" else "ada")
        clock.tick(1800)
        assert browser.get("/read/", Accept="application/json").status_code in {
            200,
            401,
        }
        assert browser.user == "AnonymousUser"

    def test_the_stamp_is_slow_to_decide(self, browser, engine, clock):
        browser.login()
        clock.tick(60)
        between.function = lambda request: clock.tick(100)
        assert browser.get("/").status_code == 200
        assert browser.record.last_activity == time.time()
