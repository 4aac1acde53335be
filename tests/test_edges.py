"""Where stores, proxies, browsers and sites behave otherwise than one would hope."""

import time

import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation

from session_timeout.middleware import SESSION_TIMEOUT_KEY, SessionTimeoutMiddleware
from tests.caches import Entries
from tests.conftest import ENGINES, Browser
from tests.views import meanwhile

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
OURS = "session_timeout.middleware.SessionTimeoutMiddleware"


def expired(response):
    return response.status_code == 302 and "/login/" in response.url


class TestCacheTrouble:
    @pytest.fixture(params=["cache", "cached_db"])
    def entries(self, request, settings):
        default = settings.CACHES["default"]
        mine = {"BACKEND": "tests.caches.Entries", "LOCATION": "entries"}
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
        assert "row could not be stamped" in caplog.text

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
        settings.SESSION_ENGINE = "tests.engines.vanishing"
        browser.set(cart="7")
        assert browser.get("/read/").status_code == 200

    def test_a_session_that_ends_while_it_is_stamped(self, browser, clock, settings):
        settings.SESSION_ENGINE = "tests.engines.strict"
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
        settings.SESSION_ENGINE = "tests.engines.creating"
        browser.client.cookies["sessionid"] = "bogus-and-long"
        response = browser.get("/")
        assert response.status_code == 200
        assert not response.cookies
        assert "could not be loaded" in caplog.text

    @pytest.mark.parametrize("seconds", [0, 60])
    def test_a_session_that_loading_marks_as_modified(
        self, browser, clock, settings, seconds
    ):
        settings.SESSION_ENGINE = "tests.engines.marking"
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
        settings.SESSION_ENGINE = "tests.engines.failing"
        browser.login()
        clock.tick(1800)
        assert expired(browser.get("/page/"))
        assert "could not be read again" in caplog.text

    def test_the_stamp_carries_the_time_at_which_it_is_written(
        self, browser, engine, clock, settings
    ):
        settings.MIDDLEWARE = [
            "tests.test_edges.SlowToDecide" if path == OURS else path
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
        settings.SESSION_ENGINE = "tests.engines.plain_cookies"
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


class TestLanguages:
    @pytest.fixture(autouse=True)
    def site(self, settings):
        settings.ROOT_URLCONF = "tests.i18n_urls"
        settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
        settings.MIDDLEWARE = [
            SESSIONS,
            OURS,
            "django.middleware.locale.LocaleMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ]
        yield
        translation.deactivate()

    @pytest.fixture
    def idle(self, mode, user, clock):
        browser = Browser(mode)
        browser.client.force_login(user)
        clock.tick(1800)
        translation.deactivate()
        return browser

    def test_a_passive_view_in_any_language(self, mode, user, clock):
        browser = Browser(mode)
        browser.client.force_login(user)
        for _ in range(2):
            clock.tick(900)
            translation.deactivate()
            response = browser.get("/nl/poll/")
        assert expired(response)

    def test_an_exempt_view_in_any_language(self, idle):
        assert idle.get("/nl/public/").status_code == 200

    @pytest.mark.parametrize(
        ("path", "url"),
        [
            ("/nl/page/", "/nl/login/?next=/nl/page/"),
            ("/nl/admin/", "/nl/admin/login/?next=/nl/admin/"),
            ("/nl/farewell/", "/nl/login/"),
            ("/nl/farewell", "/nl/login/"),
        ],
    )
    def test_the_login_page_in_any_language(self, idle, path, url):
        assert idle.get(path).url == url

    def test_the_login_page_itself(self, idle):
        assert idle.get("/nl/login/").status_code == 200


class TestRequests:
    @pytest.fixture
    def idle(self, browser, clock):
        browser.login()
        clock.tick(1800)
        return browser

    @pytest.mark.parametrize(
        "accept", ["text/html;a*=nosuch'en'%41", f"text/html;{'a' * 11000}"]
    )
    def test_a_malformed_accept_header_is_no_500(self, idle, accept):
        assert expired(idle.get("/page/", Accept=accept))

    @pytest.mark.parametrize(
        "accept",
        [
            "application/json; version=1.0",
            "application/json; charset=utf-8",
            "application/json;odata=verbose, */*;q=0.1",
            "image/webp, application/json;q=0.1",
        ],
    )
    def test_json_with_parameters_is_json(self, idle, accept):
        assert idle.get("/page/", Accept=accept).status_code == 401

    def test_neither_html_nor_json_is_a_navigation(self, idle):
        assert expired(idle.get("/page/", Accept="image/webp"))

    def test_a_redirect_beyond_ascii_is_a_uri(self, idle, settings):
        settings.SESSION_TIMEOUT_REDIRECT = "/вход/"
        response = idle.get("/page/", HX_Request="true")
        assert response.headers["HX-Redirect"] == "/%D0%B2%D1%85%D0%BE%D0%B4/"

    def test_a_host_that_is_not_allowed_is_no_host(self, idle):
        referer = {"Referer": "http://evil.example/page/"}
        assert idle.post("/write/", Host="evil.example", **referer).url == "/login/"

    @pytest.mark.parametrize("name", ["page", "apage"])
    def test_a_handlers_template_response_is_rendered(self, idle, settings, name):
        settings.SESSION_TIMEOUT_HANDLER = f"tests.test_edges.{name}"
        assert b"<form" in idle.get("/page/").content

    def test_the_urlconf_of_the_request(self, mode, user, clock, settings):
        settings.MIDDLEWARE = [SESSIONS, "tests.middleware.other_urls", OURS]
        settings.LOGIN_URL = "bare-login"
        browser = Browser(mode)
        for path, url in (
            ("/bare/poll/", "/login/?next=/bare/poll/"),
            ("/bare/logout/", "/login/"),
        ):
            browser.client.force_login(user)
            clock.tick(1800)
            assert browser.get(path).url == url


def page(request, expiry):
    return TemplateResponse(request, "login.html")


async def apage(request, expiry):
    return page(request, expiry)


def test_a_synchronous_callable_may_use_the_session(browser, clock, settings):
    """The session is loaded by then: reading it does no I/O, also under ASGI."""
    settings.SESSION_EXPIRE_SECONDS = by_cart
    browser.get("/write/?cart=7")
    clock.tick(60)
    assert browser.get("/read/").json() == {}


def by_cart(request):
    return 60 if "cart" in request.session else 600


def test_an_answer_that_is_no_response_stays_what_it_is(browser, clock, settings):
    settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: HttpResponse("x" * 9)
    browser.login()
    clock.tick(1800)
    assert browser.get("/page/").content == b"x" * 9
