"""How a page extends its session."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpResponse
from django.test import override_settings
from django.test.utils import override_script_prefix
from django.urls import resolve, reverse

from session_timeout.backends.lookup import get_backend_class
from session_timeout.backends.recent import recent_records
from session_timeout.policy import Record
from tests.support.client import (
    HOST,
    JSON,
    PASSIVE,
    Browser,
    Page,
    idle_limit,
    idle_limit_of_a_coroutine,
    on_one_engine,
)
from tests.support.paths import CSRF, MEANWHILE, OURS
from tests.support.views import meanwhile


@pytest.mark.parametrize("name", ["status", "extend"])
def test_atomic_requests_opens_no_transaction(name, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    make_view_atomic = BaseHandler().make_view_atomic
    own = resolve(reverse(f"session_timeout:{name}")).func
    page = resolve("/page/").func
    assert make_view_atomic(own) is own
    assert make_view_atomic(page) is not page


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
        recent_records.clear()
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

    @on_one_engine
    def test_is_never_cached(self, signed_in):
        for headers in ({}, JSON):
            response = signed_in.send(**headers)
            assert response.headers["Cache-Control"] == "no-store, private"

    @on_one_engine
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
        assert signed_in.browser.user == "ada"

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
            record = Record.decode(session["_session_timeout"])
            record = record._replace(last_activity=time.time() - 10)
            session["_session_timeout"] = record.encode()
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
        kind = get_backend_class(type(signed_in.browser.session))
        monkeypatch.setattr(kind, "write_activity", refuse)
        assert signed_in.extend()["expires_in"] == 1740


@on_one_engine
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


@on_one_engine
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
