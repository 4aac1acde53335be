"""What a page asks of its session, sync and async, on every engine."""

import time
from importlib import import_module

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import override_settings
from django.test.utils import override_script_prefix
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy

from session_timeout import copies, entries
from session_timeout.memory import Memory
from session_timeout.signals import session_expired
from session_timeout.store import hold
from tests.conftest import Browser
from tests.views import meanwhile

JSON = {"Accept": "application/json"}
PASSIVE = {"X_Session_Passive": "1"}
PREFIX = {"sync": "/session-timeout/", "async": "/async/session-timeout/"}
OURS = "session_timeout.middleware.SessionTimeoutMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
MEANWHILE = "tests.middleware.meanwhile_inside"
HOST = "http://testserver"


class Page:
    """A page that is open in a browser, and what it asks."""

    def __init__(self, browser):
        self.browser = browser
        self.prefix = PREFIX[browser.mode]

    def behind(self, *middleware):
        """The same page, once the site has another stack of middleware."""
        django_settings.MIDDLEWARE = middleware
        return type(self)(self.browser.twin())

    def ask(self, **headers):
        return self.browser.get(f"{self.prefix}status/", **headers)

    def status(self, **headers):
        response = self.ask(**headers)
        assert response.status_code == 200
        return response.json()

    def send(self, data=None, **headers):
        return self.browser.post(f"{self.prefix}extend/", data, **headers)

    def extend(self, **headers):
        response = self.send(**{**JSON, **headers})
        assert response.status_code == 200
        return response.json()


@pytest.fixture
def page(browser, engine):
    return Page(browser)


@pytest.fixture
def signed_in(page):
    page.browser.login()
    return page


@pytest.fixture
def ended():
    """The reasons that the signal has told."""
    reasons = []

    def note(reason, **kwargs):
        reasons.append(reason)

    session_expired.connect(note)
    yield reasons
    session_expired.disconnect(note)


def idle_limit(request):
    return 600 if request.user.is_superuser else 60


async def idle_limit_of_a_coroutine(request):
    return 600 if (await request.auser()).is_superuser else 60


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
        }

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

    def test_is_never_cached(self, signed_in, clock):
        policies = [signed_in.ask().headers["Cache-Control"]]
        clock.tick(1800)
        policies += [signed_in.ask().headers["Cache-Control"] for _ in range(2)]
        assert policies == ["no-store, private"] * 3

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_can_only_be_read(self, signed_in, method, settings):
        browser = signed_in.behind(*settings.MIDDLEWARE, CSRF).browser
        call = getattr(browser.client, method)
        response = browser._call(call, f"{signed_in.prefix}status/")
        assert response.status_code == 405

    def test_can_be_asked_for_its_head(self, signed_in):
        response = signed_in.browser.head(f"{signed_in.prefix}status/")
        assert (response.status_code, response.content) == (200, b"")

    def test_either_form_of_the_views_works_in_either_mode(self, signed_in, clock):
        clock.tick(1)
        for prefix in PREFIX.values():
            status = signed_in.browser.get(f"{prefix}status/").json()
            assert status["expires_in"] == 1799

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

    def test_does_not_move_the_idle_limit(self, signed_in, clock, ended):
        for second in range(0, 1800, 75):
            assert signed_in.status()["expires_in"] == 1800 - second
            clock.tick(75)
        assert signed_in.status()["reason"] == "idle"
        assert ended == ["idle"]

    def test_does_not_move_djangos_own_limit(self, page, clock, settings):
        settings.SESSION_EXPIRE_SECONDS = None
        settings.SESSION_COOKIE_AGE = 1000
        page.browser.login()
        for second in range(0, 1000, 50):
            status = page.status()
            assert (status["expires_in"], status["reason"]) == (
                1000 - second,
                "cookie_age",
            )
            clock.tick(50)
        assert page.status()["active"] is False

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
        if (
            not django_settings.SESSION_SAVE_EVERY_REQUEST
        ):  # which prolongs Django's limit
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

    @override_settings(SESSION_COOKIE_AGE=1000, SESSION_SAVE_EVERY_REQUEST=True)
    def test_which_each_request_moves_where_all_are_saved(self, signed_in, clock):
        clock.tick(100)
        signed_in.browser.get("/")
        status = self.agree(signed_in, clock, "cookie_age")
        assert (status["expires_in"], status["can_extend"]) == (1000, True)

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
        settings.SESSION_SERIALIZER = "tests.serializers.PickleSerializer"

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

    @override_settings(SESSION_TIMEOUT_MESSAGE=gettext_lazy("Yes"))
    def test_leaves_the_message_in_the_language_of_the_page(self, idle):
        idle.status(Referer=f"{HOST}/de/page/")
        assert idle.browser.get("/page/").content == b"user=AnonymousUser Ja"

    def test_leaves_no_message_where_a_handler_has_its_say(self, idle, settings):
        calls = []
        settings.SESSION_TIMEOUT_MESSAGE = "Bye."
        settings.SESSION_TIMEOUT_HANDLER = lambda *args: calls.append(args)
        assert idle.status()["reason"] == "idle"
        assert idle.browser.get("/page/").content == b"user=AnonymousUser "
        assert calls == []

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


@pytest.mark.parametrize("engine", ["db"], indirect=True)
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
        settings.ROOT_URLCONF = "tests.i18n_urls"
        over.prefix = PREFIX["sync"]
        redirect = over.status(Referer=f"{HOST}/de/page/")["redirect"]
        assert redirect == "/de/login/?next=/de/page/"

    @pytest.mark.parametrize(
        ("redirect", "expected"),
        [
            ("/timeout/", "/timeout/"),
            ("timeout", "/timeout/"),
            (reverse_lazy("timeout"), "/timeout/"),
            ("https://example.com/", "https://example.com/"),
            ("tests.test_responses.by_path", "/timeout/?from={}status/"),
            ("tests.test_responses.by_coroutine", "/timeout/?async"),
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


class TestExtend:
    def test_is_activity(self, signed_in, clock):
        clock.tick(1000)
        assert signed_in.extend()["expires_in"] == 1800
        assert signed_in.browser.record.last_activity == time.time()
        clock.tick(1799)
        assert signed_in.status()["expires_in"] == 1

    @pytest.mark.parametrize("seconds", [0, 1, 29])
    def test_within_the_grace_period_too(self, signed_in, clock, seconds):
        clock.tick(60)
        signed_in.browser.get("/")
        clock.tick(seconds)
        assert signed_in.extend()["expires_in"] == 1800
        assert signed_in.browser.record.last_activity == time.time()
        clock.tick(5)
        assert signed_in.status()["expires_in"] == 1795
        clock.tick(1794)
        assert signed_in.browser.user == "ada"

    def test_is_known_to_other_processes(self, signed_in, clock, monkeypatch):
        clock.tick(10)
        signed_in.extend()
        clock.tick(5)
        monkeypatch.setattr(entries, "memory", Memory(10))
        assert signed_in.status()["expires_in"] == 1795

    @pytest.mark.parametrize("every", [False, True])
    @pytest.mark.parametrize("passive", [True, False])
    def test_even_if_it_calls_itself_passive(
        self, signed_in, clock, settings, every, passive
    ):
        settings.SESSION_SAVE_EVERY_REQUEST = every
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["/"] if not passive else []
        clock.tick(1000)
        assert signed_in.extend(**PASSIVE)["expires_in"] == 1800
        assert signed_in.browser.record.last_activity == time.time()

    def test_says_the_same_as_status(self, signed_in, clock):
        clock.tick(60)
        extended, status = signed_in.extend(), signed_in.status()
        del extended["csrf_token"], status["csrf_token"]
        assert extended == status

    def test_is_never_cached(self, signed_in):
        for headers in ({}, JSON):
            response = signed_in.send(**headers)
            assert response.headers["Cache-Control"] == "no-store, private"

    def test_cannot_be_had_by_a_link(self, signed_in, clock):
        clock.tick(100)
        for method in (signed_in.browser.get, signed_in.browser.head):
            assert method(f"{signed_in.prefix}extend/").status_code == 405
        assert signed_in.status()["expires_in"] == 1700

    def test_does_not_pass_the_absolute_limit(self, page, clock, settings):
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 2000
        page.browser.login()
        clock.tick(1000)
        status = page.extend()
        assert (status["expires_in"], status["reason"]) == (1000, "absolute")
        clock.tick(999)
        assert page.extend()["expires_in"] == 1
        clock.tick(1)
        assert page.extend()["reason"] == "absolute"

    def test_does_not_pass_djangos_own_limit(self, page, clock, settings):
        settings.SESSION_COOKIE_AGE = 2000
        page.browser.login()
        for _ in range(4):
            clock.tick(499)
            status = page.extend()
        assert (status["expires_in"], status["reason"]) == (4, "cookie_age")
        clock.tick(4)
        assert page.extend()["active"] is False
        assert page.browser.user == "AnonymousUser"

    @override_settings(SESSION_COOKIE_AGE=1000, SESSION_SAVE_EVERY_REQUEST=True)
    def test_moves_it_where_each_request_does(self, signed_in, clock):
        clock.tick(500)
        status = signed_in.extend()
        assert (status["expires_in"], status["reason"]) == (1000, "cookie_age")
        clock.tick(999)
        assert signed_in.status()["expires_in"] == 1

    def test_loses_nothing_that_another_request_writes(self, signed_in, clock):
        clock.tick(60)
        signed_in.browser.get("/write/?a=1")
        signed_in.extend()
        assert signed_in.browser.get("/read/").json() == {"a": "1"}

    def test_without_a_session_creates_none(self, page):
        response = page.send(**JSON)
        assert response.json()["active"] is False
        assert not response.cookies
        assert not Session.objects.exists()

    def test_sets_no_cookie_of_the_session(self, signed_in, engine):
        response = signed_in.send(**JSON)
        assert ("sessionid" in response.cookies) == (engine == "signed_cookies")

    def test_of_a_session_that_a_middleware_has_begun(self, page, settings):
        page = page.behind(*settings.MIDDLEWARE, MEANWHILE)
        meanwhile.function = lambda request: request.session.update({"a": "1"})
        assert page.extend()["expires_in"] == 1800
        assert page.status()["expires_in"] == 1800

    def test_of_a_session_that_a_middleware_has_renewed(
        self, signed_in, settings, clock
    ):
        page = signed_in.behind(*settings.MIDDLEWARE, MEANWHILE)
        clock.tick(60)
        meanwhile.function = lambda request: request.session.cycle_key()
        assert page.extend()["expires_in"] == 1800
        assert page.status()["expires_in"] == 1800

    @pytest.mark.parametrize("limit", [idle_limit, idle_limit_of_a_coroutine])
    def test_with_a_limit_that_has_to_be_asked_for(self, page, settings, limit, user):
        page = page.behind(*settings.MIDDLEWARE, MEANWHILE)
        settings.SESSION_EXPIRE_SECONDS = limit
        meanwhile.function = lambda request: request.session.update({"a": "1"})
        assert page.status()["expires_in"] == 60


@pytest.mark.parametrize("engine", ["db", "cached_db", "file"], indirect=True)
class TestMeanwhile:
    """Another request acts between the check of the session and the answer."""

    @pytest.fixture
    def signed_in(self, signed_in, settings):
        return signed_in.behind(*settings.MIDDLEWARE, MEANWHILE)

    def end(self, request):
        type(request.session)(request.session.session_key).delete()

    def spoil(self, request):
        session = type(request.session)(request.session.session_key)
        session["_session_timeout"] = "spoilt"
        session.save()

    def test_a_session_that_has_just_ended_is_not_extended(self, signed_in, clock):
        clock.tick(60)
        meanwhile.function = self.end
        assert signed_in.extend()["active"] is False
        assert signed_in.browser.user == "AnonymousUser"

    def test_nor_is_one_whose_record_is_spoilt(self, signed_in, clock):
        clock.tick(60)
        meanwhile.function = self.spoil
        assert signed_in.extend()["active"] is False

    def test_the_stamp_of_a_slow_request_does_not_count_instead(self, signed_in, clock):
        def stamp(request):
            session = type(request.session)(request.session.session_key)
            record = {**session["_session_timeout"], "last_activity": time.time() - 10}
            session["_session_timeout"] = record
            session.save()

        clock.tick(60)
        meanwhile.function = stamp
        assert signed_in.extend()["expires_in"] == 1800

    def test_the_status_is_that_of_the_check(self, signed_in, clock):
        clock.tick(60)
        meanwhile.function = self.spoil
        assert signed_in.status()["expires_in"] == 1740

    def test_a_stamp_that_could_not_be_stored_is_not_told_as_one(
        self, signed_in, clock, monkeypatch, engine
    ):
        def refuse(self, seen, stamp, grace):
            raise OSError("read-only")
            yield

        clock.tick(60)
        for kind in (copies.Copy, copies.Row, entries.Entry, entries.CachedRow):
            monkeypatch.setattr(kind, "stamp", refuse)
        assert signed_in.extend()["expires_in"] == 1740


class TestWithoutJavaScript:
    @pytest.mark.parametrize(
        ("next_", "referer", "expected"),
        [
            ("/page/?a=1", "", "/page/?a=1"),
            (f"{HOST}/page/", "", "/page/"),
            ("/page/", f"{HOST}/other/", "/page/"),
            ("", f"{HOST}/page/?a=1", "/page/?a=1"),
            ("", "http://evil.example/", "/"),
            ("", "", "/"),
            ("//evil.example/", "", "/"),
            ("///evil.example/", "", "/"),
            ("/\\evil.example/", "", "/"),
            ("\\\\evil.example/", "", "/"),
            ("http://evil.example/", "", "/"),
            ("http:///evil.example/", "", "/"),
            ("http:evil.example", "", "/"),
            (f"{HOST}//evil.example/", "", "/"),
            (f"{HOST}@evil.example/", "", "/"),
            ("javascript:alert(1)", "", "/"),
            ("/page/\r\nX-Evil: 1", "", "/page/X-Evil:%201"),
            ("page/", "", "/"),
            ("/logout/", "", "/"),
            (f"/{'x' * 2000}", "", "/"),
            ("/session-timeout/extend/", f"{HOST}/page/", "/page/"),
        ],
    )
    @pytest.mark.parametrize("engine", ["db"], indirect=True)
    def test_the_visitor_returns_to_the_page(
        self, signed_in, clock, next_, referer, expected
    ):
        clock.tick(60)
        if next_.endswith("extend/"):
            next_ = f"{signed_in.prefix}extend/"
        response = signed_in.send({"next": next_}, Referer=referer)
        assert (response.status_code, response.url) == (303, expected)
        assert signed_in.browser.record.last_activity == time.time()

    def test_below_a_script_prefix_the_root_is_the_sites(self, signed_in, settings):
        settings.FORCE_SCRIPT_NAME = "/shop"
        with override_script_prefix("/shop/"):
            assert signed_in.send().url == "/shop/"

    @override_settings(SESSION_TIMEOUT_MESSAGE="Bye.")
    def test_the_visitor_of_an_ended_session_goes_to_the_login(self, signed_in, clock):
        clock.tick(1800)
        response = signed_in.send({"next": "/page/"}, Referer=f"{HOST}/page/")
        assert (response.status_code, response.url) == (303, "/login/?next=/page/")
        assert response.headers["Cache-Control"] == "no-store, private"
        assert signed_in.browser.get("/page/").content.endswith(b" Bye.")

    def test_so_does_one_whose_session_has_ended_before(self, page):
        response = page.send({"next": "/page/"}, Referer=f"{HOST}/page/")
        assert (response.status_code, response.url) == (303, "/login/?next=/page/")

    def test_who_never_logged_in_is_not_sent_to_log_in(self, page, clock):
        page.browser.get("/write/?cart=7")
        clock.tick(1800)
        response = page.send({"next": "/page/"})
        assert (response.status_code, response.url) == (303, "/page/")


@pytest.mark.parametrize("engine", ["db", "signed_cookies"], indirect=True)
class TestCsrf:
    @pytest.fixture(params=["middleware", "decorator"], autouse=True)
    def by(self, request, settings):
        if request.param == "middleware":
            settings.MIDDLEWARE = [*settings.MIDDLEWARE, CSRF]

    @pytest.fixture(
        params=[
            {},
            {"CSRF_USE_SESSIONS": True},
            {"CSRF_COOKIE_HTTPONLY": True},
        ],
        autouse=True,
    )
    def kind(self, request, settings):
        for name, value in request.param.items():
            setattr(settings, name, value)

    @pytest.fixture
    def strict(self, mode, engine, user, settings):
        browser = Browser(mode, enforce_csrf_checks=True)
        client = browser.client
        browser._call(
            client.aforce_login if mode == "async" else client.force_login, user
        )
        return Page(browser)

    def test_a_post_without_the_token_is_refused_and_no_activity(self, strict, clock):
        clock.tick(60)
        strict.status()
        assert strict.send(**JSON).status_code == 403
        data = {"csrfmiddlewaretoken": "a" * 64}
        assert strict.send(data, **JSON).status_code == 403
        assert strict.status()["expires_in"] == 1740

    def test_the_token_of_the_status_does(self, strict, clock):
        clock.tick(60)
        for _ in range(2):
            token = strict.status()["csrf_token"]
            response = strict.send({"csrfmiddlewaretoken": token}, **JSON)
            assert response.json()["expires_in"] == 1800

    def test_in_a_header_too_and_so_does_that_of_the_last_answer(self, strict):
        token = strict.status()["csrf_token"]
        for _ in range(2):
            response = strict.send(X_CSRFToken=token, **JSON)
            assert response.status_code == 200
            token = response.json()["csrf_token"]

    def test_an_ended_session_is_reported_all_the_same(self, strict, clock):
        strict.status()
        clock.tick(1800)
        assert strict.send(**JSON).json()["reason"] == "idle"
        assert strict.send(**JSON).json()["reason"] is None
        assert strict.send().url == "/login/"

    def test_a_status_does_not_bring_an_old_cookie_back(self, strict):
        strict.status()
        assert "csrftoken" not in strict.ask().cookies

    def test_a_new_token_is_kept(self, strict, settings):
        """As after a login by a middleware, which replaces the token."""
        from django.middleware.csrf import rotate_token

        strict.status()
        strict = strict.behind(*settings.MIDDLEWARE, MEANWHILE)
        meanwhile.function = rotate_token
        token = strict.status()["csrf_token"]
        response = strict.send({"csrfmiddlewaretoken": token}, **JSON)
        assert response.status_code == 200


@pytest.mark.parametrize("engine", ["db"], indirect=True)
class TestMisuse:
    @pytest.mark.parametrize("url", ["status/", "extend/"])
    def test_without_the_middleware_the_error_says_so(self, page, settings, url):
        page = page.behind(*(path for path in settings.MIDDLEWARE if path != OURS))
        method = page.browser.get if url == "status/" else page.browser.post
        with pytest.raises(ImproperlyConfigured, match="into MIDDLEWARE"):
            method(page.prefix + url)

    @pytest.mark.parametrize("url", ["status/", "extend/"])
    @pytest.mark.parametrize(
        "exempt",
        [
            ["/"],
            ["^/(async/)?session-timeout/"],
            ["session_timeout:status", "session_timeout:extend"],
        ],
    )
    def test_exempt_the_error_says_so(self, signed_in, settings, url, exempt):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = exempt
        method = signed_in.browser.get
        if url == "extend/":
            method = signed_in.browser.post
        with pytest.raises(ImproperlyConfigured, match="SESSION_TIMEOUT_EXEMPT_URLS"):
            method(signed_in.prefix + url)

    def test_a_store_that_fails_is_no_end(self, signed_in, monkeypatch):
        """The page learns that nothing is known, by the error that Django answers."""
        from django.contrib.sessions.backends.db import SessionStore

        def fail(self):
            raise ConnectionError("down")

        async def afail(self):
            raise ConnectionError("down")

        monkeypatch.setattr(SessionStore, "load", fail)
        monkeypatch.setattr(SessionStore, "aload", afail)
        with pytest.raises(ConnectionError):
            signed_in.ask()
        with pytest.raises(ConnectionError):
            signed_in.send(**JSON)

    def test_a_handler_of_the_site_is_not_asked(self, signed_in, settings, clock):
        settings.SESSION_TIMEOUT_HANDLER = lambda *args: HttpResponse(status=418)
        clock.tick(1800)
        assert signed_in.status()["reason"] == "idle"


def test_a_session_that_is_held_is_saved_only_once_it_is_modified(mode, engine, db):
    session = import_module(django_settings.SESSION_ENGINE).SessionStore()
    session["a"] = "1"
    session.save()
    stored = type(session)(session.session_key)
    hold(stored)
    save = stored.save if mode == "sync" else async_to_sync(stored.asave)
    stored.get("a")
    stored._session_cache["a"] = "2"
    save()
    assert type(session)(stored.session_key)["a"] == "1"
    stored["a"] = "3"
    save()
    assert type(session)(stored.session_key)["a"] == "3"
