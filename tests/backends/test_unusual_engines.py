"""Session engines and views that behave in unusual ways."""

import time

import pytest

from session_timeout.middleware import SESSION_TIMEOUT_KEY, SessionTimeoutMiddleware
from tests.support.client import expired
from tests.support.engines import addressed
from tests.support.paths import OURS, SESSIONS
from tests.support.views import meanwhile


class TestStoreTrouble:
    def test_cycle_key_in_an_exempt_request_keeps_the_activity(
        self, browser, engine, clock, settings
    ):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/during/"]
        browser.login()
        for _ in range(25):
            clock.tick(60)
            browser.get("/page/")
        last_activity = time.time()
        clock.tick(10)
        meanwhile.function = lambda request: request.session.cycle_key()
        browser.get("/during/")
        if engine == "signed_cookies":
            last_activity = browser.record.last_activity
        assert browser.record.last_activity == last_activity
        clock.tick(400)
        assert browser.user == "ada"

    @pytest.mark.parametrize("path", ["/write/?a=1", "/exempt/during/"])
    def test_an_exempt_write_does_not_revive_what_django_has_ended(
        self, browser, engine, clock, settings, path
    ):
        settings.SESSION_COOKIE_AGE = 7200
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/write/"]
        browser.login()
        for _ in range(7):
            clock.tick(1000)
            browser.get("/")
        clock.tick(260)
        meanwhile.function = lambda request: request.session.update({"a": 1})
        browser.get(path)
        assert b"ada" not in browser.get("/page/").content

    def test_a_file_that_goes_away_between_load_and_stat(
        self, browser, clock, settings, tmp_path
    ):
        settings.SESSION_FILE_PATH = str(tmp_path)
        settings.SESSION_ENGINE = "tests.support.engines.vanishing"
        browser.set(cart="7")
        assert browser.get("/read/").status_code == 200

    def test_an_engine_that_stores_what_its_middleware_has_put_on_the_session(
        self, browser, clock, settings
    ):
        engine = "tests.support.engines.addressed"
        settings.SESSION_ENGINE = engine
        settings.MIDDLEWARE = [
            f"{engine}.SessionMiddleware" if path == SESSIONS else path
            for path in settings.MIDDLEWARE
        ]
        browser.login()
        browser.get("/write/?cart=7")
        clock.tick(60)
        browser.get("/read/")
        assert browser.record.last_activity == time.time()
        assert addressed.SessionStore.addresses[browser.session.session_key]

    def test_a_session_that_ends_while_it_is_stamped(self, browser, clock, settings):
        settings.SESSION_ENGINE = "tests.support.engines.strict"
        browser.login()
        clock.tick(60)
        assert browser.get("/").status_code == 200
        browser.post("/logout/")
        browser.get("/write/?cart=7")
        clock.tick(1799)
        assert browser.get("/read/").json() == {"cart": "7"}
        clock.tick(1800)
        assert browser.get("/read/").json() == {}

    def test_a_session_that_cannot_be_deleted_where_there_was_none(
        self, browser, settings, caplog
    ):
        settings.SESSION_ENGINE = "tests.support.engines.creating"
        browser.client.cookies["sessionid"] = "bogus-and-long"
        response = browser.get("/")
        assert response.status_code == 200
        assert not response.cookies
        assert "could not be loaded" in caplog.text

    @pytest.mark.parametrize("seconds", [0, 60])
    def test_a_session_that_loading_marks_as_modified(
        self, browser, clock, settings, seconds
    ):
        settings.SESSION_ENGINE = "tests.support.engines.marking"
        browser.login()
        clock.tick(seconds)
        response = browser.get("/")
        assert not response.cookies
        assert not response.has_header("Vary")
        response = browser.get("/page/")
        assert response.content.startswith(b"user=ada")
        assert response.cookies

    def test_a_store_that_fails_before_a_session_is_declared_idle(
        self, browser, clock, settings, caplog
    ):
        settings.SESSION_ENGINE = "tests.support.engines.failing"
        browser.login()
        clock.tick(1800)
        assert expired(browser.get("/page/"))
        assert "could not be read again" in caplog.text

    def test_the_stamp_carries_the_time_at_which_it_is_written(
        self, browser, engine, clock, settings
    ):
        settings.MIDDLEWARE = [
            "tests.backends.test_unusual_engines.SlowToDecide" if path == OURS else path
            for path in settings.MIDDLEWARE
        ]
        browser.login()
        clock.tick(60)
        clicked = []

        def click_in_another_tab(request):
            clock.tick(10)
            browser.twin().get("/")
            clicked.append(time.time())

        SlowToDecide.meanwhile = click_in_another_tab
        browser.get("/")
        assert browser.record.last_activity == clicked[0]

    @pytest.mark.parametrize("cookie", [None, "bogus-and-long"])
    @pytest.mark.parametrize("make", [lambda old: None, lambda old: type(old)()])
    def test_a_view_may_put_something_else_in_the_place_of_the_session(
        self, browser, engine, cookie, make
    ):
        if cookie:
            browser.client.cookies["sessionid"] = cookie

        def replace(request):
            request.session = make(request.session)

        meanwhile.function = replace
        assert browser.get("/during/").status_code == 200

    def test_a_view_may_throw_the_session_away(self, browser, engine):
        def throw_away(request):
            del request.session

        browser.login()
        meanwhile.function = throw_away
        browser.client.raise_request_exception = False
        response = browser.get("/during/")
        assert response.status_code == 200

    def test_a_none_in_the_records_place_is_malformed(self, browser, engine):
        browser.login()
        browser.set(**{SESSION_TIMEOUT_KEY: None})
        assert expired(browser.get("/page/"))

    def test_a_cookie_engine_of_another_format(self, browser, clock, settings):
        settings.SESSION_ENGINE = "tests.support.engines.plain_cookies"
        browser.get("/write/?cart=7")
        clock.tick(1799)
        assert browser.get("/read/").json() == {"cart": "7"}
        browser.set(_session_timeout={})
        session = browser.session
        del session[SESSION_TIMEOUT_KEY]
        session.save()
        browser.client.cookies["sessionid"] = session.session_key
        assert browser.get("/read/").json() == {"cart": "7"}
        clock.tick(1800)
        assert browser.get("/read/").json() == {}


class SlowToDecide(SessionTimeoutMiddleware):
    """What counts as activity is asked of something slow."""

    meanwhile = None

    def is_activity(self, request):
        function, SlowToDecide.meanwhile = SlowToDecide.meanwhile, None
        if function:
            function(request)
        return True
