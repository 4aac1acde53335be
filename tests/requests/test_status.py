"""What a page learns of its session from the status view."""

import pytest
from django.contrib.sessions.models import Session
from django.http import JsonResponse
from django.test import override_settings
from django.test.utils import override_script_prefix
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy

from session_timeout.browser.dialog import dialog_context
from tests.support.client import (
    HOST,
    JSON,
    PASSIVE,
    idle_limit,
    idle_limit_of_a_coroutine,
    on_every_engine,
    on_one_engine,
)
from tests.support.paths import CSRF, LOGIN_REQUIRED, MEANWHILE, OURS, SESSIONS
from tests.support.views import meanwhile


class TestStatus:
    def test_of_a_session(self, signed_in, clock):
        clock.tick(600)
        status = signed_in.status()
        assert len(status.pop("session")) == 32
        assert len(status.pop("csrf_token")) == 64
        assert status == {
            "active": True,
            "expires_in": 1200,
            "reason": "idle",
            "can_extend": True,
            "warn_before": 60,
            "signed_in": True,
        }

    def test_has_the_dialog_for_a_page_that_asks_for_it(self, signed_in, clock):
        url = f"{signed_in.prefix}status/?dialog=1"
        status = signed_in.browser.get(url).json()
        assert 'data-expires-in="1800"' in status["dialog"]
        assert f'data-session="{status["session"]}"' in status["dialog"]
        assert "dialog" not in signed_in.status()
        clock.tick(1800)
        assert "dialog" not in signed_in.browser.get(url).json()

    def test_without_a_session(self, page):
        assert page.status() == {
            "active": False,
            "expires_in": 0,
            "reason": None,
            "can_extend": False,
            "warn_before": 60,
            "session": "",
            "redirect": "/login/",
        }

    @pytest.mark.parametrize("every", [False, True])
    def test_without_a_session_none_is_created(self, page, settings, every):
        settings.SESSION_SAVE_EVERY_REQUEST = every
        response = page.ask()
        assert not response.cookies
        assert not Session.objects.exists()

    @pytest.mark.parametrize("every", [False, True])
    @pytest.mark.parametrize("key", ["a" * 32, "no key at all", "a:b:c"])
    def test_a_bogus_cookie_creates_none(self, page, settings, every, key):
        settings.SESSION_SAVE_EVERY_REQUEST = every
        page.browser.client.cookies["sessionid"] = key
        response = page.ask()
        assert response.json()["active"] is False
        assert not any(cookie.value for cookie in response.cookies.values())
        assert not Session.objects.exists()

    @on_one_engine
    def test_is_never_cached(self, signed_in, clock):
        policies = [signed_in.ask().headers["Cache-Control"]]
        clock.tick(1800)
        policies += [signed_in.ask().headers["Cache-Control"] for _ in range(2)]
        assert policies == ["no-store, private"] * 3

    @on_one_engine
    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_can_only_be_read(self, signed_in, method, settings):
        browser = signed_in.behind(*settings.MIDDLEWARE, CSRF).browser
        call = getattr(browser.client, method)
        response = browser._call(call, f"{signed_in.prefix}status/")
        assert response.status_code == 405

    @on_one_engine
    def test_can_be_asked_for_its_head(self, signed_in):
        response = signed_in.browser.head(f"{signed_in.prefix}status/")
        assert (response.status_code, response.content) == (200, b"")

    @on_one_engine
    def test_is_for_everybody(self, signed_in, settings, clock):
        page = signed_in.behind(*settings.MIDDLEWARE, LOGIN_REQUIRED)
        assert page.status()["active"]
        clock.tick(1800)
        assert [page.status()["reason"] for _ in range(2)] == ["idle", None]
        assert page.extend()["active"] is False
        assert page.browser.get("/page/").status_code == 302


class TestPolling:
    """It reports; however often, it keeps nothing alive."""

    @pytest.fixture(params=[False, True], autouse=True)
    def every(self, request, settings):
        settings.SESSION_SAVE_EVERY_REQUEST = request.param
        return request.param

    def test_does_not_move_the_idle_limit(self, signed_in, clock, ended):
        for second in range(0, 1800, 75):
            assert signed_in.status()["expires_in"] == 1800 - second
            clock.tick(75)
        assert signed_in.status()["reason"] == "idle"
        assert ended == ["idle"]

    def test_moves_djangos_own_limit_only_if_every_request_does(
        self, page, clock, settings, every
    ):
        settings.SESSION_EXPIRE_SECONDS = None
        settings.SESSION_COOKIE_AGE = 1000
        page.browser.login()
        for second in range(0, 1000, 50):
            status = page.status()
            assert status["expires_in"] == (1000 if every else 1000 - second)
            assert status["reason"] == "cookie_age"
            clock.tick(50)
        assert page.status()["active"] is every

    def test_does_not_keep_a_session_without_a_record_alive(self, page, clock):
        page.browser.set(cart="7")
        clock.tick(100)
        expected = page.status()["expires_in"]
        assert expected == 1800
        clock.tick(900)
        assert page.status()["expires_in"] == 900
        clock.tick(900)
        assert page.status()["active"] is False

    def test_leaves_what_another_request_saves(self, signed_in, clock):
        signed_in.status()
        signed_in.browser.get("/write/?a=1")
        signed_in.status()
        assert signed_in.browser.get("/read/").json() == {"a": "1"}

    def test_does_not_disturb_what_another_middleware_saves(self, signed_in, settings):
        page = signed_in.behind(*settings.MIDDLEWARE, MEANWHILE)
        meanwhile.function = lambda request: request.session.update({"a": "1"})
        page.status()
        assert page.browser.get("/read/").json() == {"a": "1"}


class TestTheSecond:
    """expires_in is what the next request finds."""

    def agree(self, page, clock, reason):
        status = page.status()
        assert status["reason"] == reason
        clock.tick(status["expires_in"] - 1)
        assert page.status()["expires_in"] == 1
        assert page.browser.get("/", **PASSIVE).content == b"still"
        clock.tick(1)
        assert not page.status()["active"]
        return status

    def test_of_the_idle_limit(self, signed_in, clock):
        clock.tick(500)
        signed_in.browser.get("/")
        clock.tick(7)
        assert self.agree(signed_in, clock, "idle")["expires_in"] == 1793

    def test_within_the_grace_period_it_is_that_of_the_stamp(self, signed_in, clock):
        clock.tick(29)
        signed_in.browser.get("/")
        assert self.agree(signed_in, clock, "idle")["expires_in"] == 1771

    @override_settings(SESSION_EXPIRE_ABSOLUTE_SECONDS=1000)
    def test_of_the_absolute_limit(self, signed_in, clock):
        clock.tick(990)
        signed_in.browser.get("/")
        status = self.agree(signed_in, clock, "absolute")
        assert (status["expires_in"], status["can_extend"]) == (10, False)
        assert status["warn_before"] == 300

    @override_settings(SESSION_EXPIRE_AFTER_LAST_ACTIVITY=False)
    def test_of_a_limit_that_counts_from_the_start(self, signed_in, clock):
        clock.tick(990)
        signed_in.browser.get("/")
        status = self.agree(signed_in, clock, "absolute")
        assert (status["expires_in"], status["can_extend"]) == (810, False)

    def test_of_djangos_own_limit(self, page, clock, settings):
        settings.SESSION_COOKIE_AGE = 1000
        page.browser.login()
        clock.tick(100)
        page.browser.get("/")
        status = self.agree(page, clock, "cookie_age")
        assert (status["expires_in"], status["can_extend"]) == (900, False)

    @override_settings(SESSION_COOKIE_AGE=1000)
    def test_which_a_write_moves(self, signed_in, clock):
        clock.tick(100)
        signed_in.browser.get("/write/?a=1")
        clock.tick(1)
        assert self.agree(signed_in, clock, "cookie_age")["expires_in"] == 999

    @override_settings(
        SESSION_COOKIE_AGE=1000,
        SESSION_EXPIRE_SECONDS=5000,
        SESSION_SAVE_EVERY_REQUEST=True,
    )
    def test_which_each_request_moves_where_all_are_saved(self, signed_in, clock):
        clock.tick(100)
        status = signed_in.status()
        assert (status["expires_in"], status["reason"]) == (1000, "cookie_age")
        assert status["can_extend"]
        clock.tick(999)
        assert signed_in.status()["expires_in"] == 1000
        clock.tick(1000)
        assert not signed_in.status()["active"]

    @override_settings(SESSION_EXPIRE_AT_BROWSER_CLOSE=True)
    def test_where_the_cookie_ends_with_the_browser(self, signed_in, clock):
        clock.tick(100)
        assert self.agree(signed_in, clock, "idle")["expires_in"] == 1700

    @override_settings(SESSION_EXPIRE_SECONDS=None)
    def test_without_a_limit_of_ours_it_is_djangos(self, signed_in):
        status = signed_in.status()
        assert (status["expires_in"], status["reason"]) == (1_209_600, "cookie_age")

    @pytest.mark.parametrize("limit", [idle_limit, idle_limit_of_a_coroutine])
    def test_of_a_limit_that_a_function_tells(self, page, clock, settings, limit):
        after = "django.contrib.auth.middleware.AuthenticationMiddleware"
        others = [path for path in settings.MIDDLEWARE if path not in (OURS, after)]
        settings.MIDDLEWARE = [others[0], after, OURS, *others[1:]]
        settings.SESSION_EXPIRE_SECONDS = limit
        page.browser.login()
        clock.tick(5)
        assert self.agree(page, clock, "idle")["expires_in"] == 595
        page.browser.login("bob")
        assert self.agree(page, clock, "idle")["expires_in"] == 60


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "file"], indirect=True)
class TestSetExpiry:
    @pytest.fixture(autouse=True)
    def views(self, settings):
        settings.SESSION_SERIALIZER = "tests.support.serializers.PickleSerializer"

    def expiring(self, page, expiry):
        meanwhile.function = lambda request: request.session.set_expiry(expiry)
        page.browser.get("/during/")
        return page

    def test_a_length_of_time(self, signed_in, clock):
        page = self.expiring(signed_in, 400)
        clock.tick(100)
        status = page.status()
        assert (status["expires_in"], status["reason"]) == (300, "cookie_age")
        assert status["warn_before"] == 200
        clock.tick(300)
        assert page.status()["active"] is False

    def test_a_moment(self, signed_in, clock):
        from datetime import UTC, datetime, timedelta

        clock.tick(100)
        page = self.expiring(signed_in, datetime.now(UTC) + timedelta(seconds=300))
        clock.tick(250)
        status = page.status()
        assert (status["expires_in"], status["reason"]) == (50, "cookie_age")
        assert status["warn_before"] == 200  # half of what the session has had
        clock.tick(50)
        assert page.status()["active"] is False


class TestWhoseSession:
    def test_a_user_who_logs_in_again_keeps_the_mark(self, signed_in, clock):
        before = signed_in.status()["session"]
        signed_in.browser.post("/logout/")
        assert signed_in.status()["session"] == ""
        clock.tick(60)
        signed_in.browser.login()
        assert signed_in.status()["session"] == before

    def test_another_user_has_another(self, signed_in):
        before = signed_in.status()["session"]
        signed_in.browser.login("bob")
        assert signed_in.status()["session"] not in (before, "")

    def test_a_visitor_has_one_for_as_long_as_the_session(self, page, clock):
        page.browser.get("/write/?cart=7")
        before = page.status()["session"]
        clock.tick(60)
        page.browser.get("/write/?cart=8")
        assert page.status()["session"] == before
        page.browser.login()
        assert page.status()["session"] != before
        page.browser.post("/logout/")
        page.browser.get("/write/?cart=7")
        assert page.status()["session"] not in (before, "")

    @on_every_engine
    @pytest.mark.parametrize("begins", [True, False])
    def test_the_page_and_the_status_agree_on_it(self, page, clock, settings, begins):
        """In the page that begins a session, and in the first one with a record."""

        def view(request):
            request.session["cart"] = "7"
            context = dialog_context(request, True, None, None)
            clock.tick(0.0123456)
            return JsonResponse(context)

        clock.tick(0.0007654)
        if not begins:
            with override_settings(MIDDLEWARE=[SESSIONS]):
                page.browser.twin().get("/write/?cart=6")
            page = page.behind(*settings.MIDDLEWARE)
        meanwhile.function = view
        rendered = page.browser.get("/during/").json()
        for _ in range(2):
            assert page.status()["session"] == rendered["session"]
            clock.tick(60)
        assert page.extend()["session"] == rendered["session"]

    @pytest.mark.parametrize("login", [True, False])
    def test_it_survives_a_new_secret_key(self, page, settings, login):
        if login:
            page.browser.login()
        page.browser.get("/write/?cart=7")
        before = page.status()
        assert "former_sessions" not in before
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another one"
        after = page.status()
        assert after["session"] != before["session"]
        assert after["former_sessions"] == [before["session"]]


class TestTheEnd:
    @pytest.fixture
    def idle(self, signed_in, clock):
        clock.tick(1800)
        return signed_in

    def test_is_reported(self, idle):
        assert idle.status(Referer=f"{HOST}/page/?q=1#top") == {
            "active": False,
            "expires_in": 0,
            "reason": "idle",
            "can_extend": False,
            "warn_before": 60,
            "session": "",
            "redirect": "/login/?next=/page/%3Fq%3D1",
        }

    @on_one_engine
    def test_is_reported_to_whoever_asks_in_whatever_way(self, idle):
        response = idle.ask(Accept="text/html", HX_Request="true")
        assert response.json()["reason"] == "idle"

    def test_happens_once(self, idle, ended):
        assert [idle.status()["reason"] for _ in range(3)] == ["idle", None, None]
        assert ended == ["idle"]
        assert idle.browser.user == "AnonymousUser"

    def test_deletes_the_cookie(self, idle):
        assert idle.ask().cookies["sessionid"].value == ""

    @pytest.mark.parametrize("data", [None, {"next": "/page/"}])
    def test_cannot_be_undone(self, idle, ended, data):
        assert idle.send(data, **JSON).json()["reason"] == "idle"
        assert idle.extend()["reason"] is None
        assert ended == ["idle"]
        assert idle.browser.user == "AnonymousUser"

    def test_by_the_absolute_limit_cannot_be_undone_either(self, page, clock, settings):
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 1000
        page.browser.login()
        clock.tick(1000)
        assert page.extend()["reason"] == "absolute"

    @override_settings(SESSION_TIMEOUT_MESSAGE="Bye.")
    def test_leaves_the_message_once(self, idle):
        idle.status()
        idle.status()
        idle.extend()
        assert idle.browser.get("/page/").content == b"user=AnonymousUser Bye."
        assert idle.browser.get("/page/").content == b"user=AnonymousUser "

    @on_one_engine
    @override_settings(SESSION_TIMEOUT_MESSAGE=gettext_lazy("Yes"))
    def test_leaves_the_message_in_the_language_of_the_page(self, idle):
        with override_settings(ROOT_URLCONF="tests.support.urls_in_languages"):
            idle.status(Referer=f"{HOST}/de/page/")
        assert idle.browser.get("/page/").content == b"user=AnonymousUser Ja"

    @on_one_engine
    def test_leaves_no_message_where_a_handler_has_its_say(self, idle, settings):
        calls = []
        settings.SESSION_TIMEOUT_MESSAGE = "Bye."
        settings.SESSION_TIMEOUT_HANDLER = lambda *args: calls.append(args)
        assert idle.status()["reason"] == "idle"
        assert idle.browser.get("/page/").content == b"user=AnonymousUser "
        assert calls == []

    @on_one_engine
    @override_settings(SESSION_TIMEOUT_CLEAR_SITE_DATA=["cache"])
    def test_clears_what_the_site_wants_cleared(self, idle):
        headers = [idle.ask().headers for _ in range(2)]
        assert headers[0]["Clear-Site-Data"] == '"cache"'
        assert "Clear-Site-Data" not in headers[1]

    @pytest.mark.parametrize(("redirects", "said"), [(True, "Bye."), (False, "")])
    def test_of_a_visitor_who_was_not_logged_in(
        self, page, clock, settings, redirects, said
    ):
        settings.SESSION_TIMEOUT_MESSAGE = "Bye."
        settings.SESSION_TIMEOUT_REDIRECT_ANONYMOUS = redirects
        settings.SESSION_TIMEOUT_CLEAR_SITE_DATA = ["cache"]
        page.browser.get("/write/?cart=7")
        clock.tick(1800)
        response = page.ask()
        assert response.json()["reason"] == "idle"
        assert ("Clear-Site-Data" in response.headers) == redirects
        expected = f"user=AnonymousUser {said}".encode()
        assert page.browser.get("/page/").content == expected

    def test_is_reported_also_if_a_middleware_begins_another_session(
        self, idle, settings
    ):
        page = idle.behind(*settings.MIDDLEWARE, MEANWHILE)
        meanwhile.function = lambda request: request.session.update({"a": "1"})
        assert [page.status()["active"] for _ in range(2)] == [False, True]

    def test_a_logout_in_another_tab_has_no_reason(self, signed_in):
        signed_in.browser.twin().post("/logout/")
        assert signed_in.status()["reason"] is None


@on_one_engine
class TestTheRedirect:
    """Where the page goes, by the rules of the response table."""

    @pytest.fixture(params=[1800, 0])
    def over(self, request, signed_in, clock):
        """A session that this request ends, and one that is no more."""
        clock.tick(request.param)
        if not request.param:
            signed_in.browser.post("/logout/")
        return signed_in

    @pytest.mark.parametrize(
        ("referer", "expected"),
        [
            ("", "/login/"),
            (f"{HOST}/page/?a=1&b=%20", "/login/?next=/page/%3Fa%3D1%26b%3D%2520"),
            ("http://evil.example/page/", "/login/"),
            (f"{HOST}//evil.example/", "/login/"),
            (f"{HOST}/\\evil.example/", "/login/"),
            ("javascript:alert(1)", "/login/"),
            (f"{HOST}/logout/", "/login/"),
            (f"{HOST}/login/?next=/page/", "/login/"),
            (f"{HOST}/{'x' * 2000}", "/login/"),
            (f"{HOST}/nowhere/", "/login/?next=/nowhere/"),
            (f"{HOST}/admin/auth/user/", "/admin/login/?next=/admin/auth/user/"),
            (f"{HOST}/back-office/", "/back-office/login/?next=/back-office/"),
        ],
    )
    def test_by_the_page_that_asks(self, over, referer, expected):
        assert over.status(Referer=referer)["redirect"] == expected

    def test_in_the_language_of_the_page(self, over, settings):
        settings.ROOT_URLCONF = "tests.support.urls_in_languages"
        redirect = over.status(Referer=f"{HOST}/de/page/")["redirect"]
        assert redirect == "/de/login/?next=/de/page/"

    @pytest.mark.parametrize(
        ("redirect", "expected"),
        [
            ("/timeout/", "/timeout/"),
            ("timeout", "/timeout/"),
            (reverse_lazy("timeout"), "/timeout/"),
            ("https://example.com/", "https://example.com/"),
            ("tests.requests.test_responses.by_path", "/timeout/?from={}status/"),
            ("tests.requests.test_responses.by_coroutine", "/timeout/?async"),
        ],
    )
    def test_to_a_page_of_the_sites_own(self, over, settings, redirect, expected):
        settings.SESSION_TIMEOUT_REDIRECT = redirect
        found = over.status(Referer=f"{HOST}/page/")["redirect"]
        assert found == expected.format(over.prefix)

    def test_below_a_script_prefix(self, over, settings):
        settings.FORCE_SCRIPT_NAME = "/shop"
        with override_script_prefix("/shop/"):
            redirect = over.status(Referer=f"{HOST}/shop/admin/")["redirect"]
        assert redirect == "/shop/admin/login/?next=/shop/admin/"
