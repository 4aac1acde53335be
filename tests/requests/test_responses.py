"""What the visitor of an expired session gets: the response table, row by row.

One case of each row runs on every engine, the others on one: what is answered depends
on the request, and on the engine only whether it has been ended.
"""

from types import ModuleType

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.test import RequestFactory, override_settings
from django.urls import path as url_path
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.views import View

from session_timeout.responses.next_page import allowed_next
from tests.support.client import HOST, Browser, expired, on_every_engine
from tests.support.paths import OURS, SESSIONS

JSON = {"Accept": "application/json"}
HTMX = {"HX_Request": "true"}
# What Inertia's client sends: https://inertiajs.com/the-protocol
INERTIA = {
    "X_Inertia": "true",
    "X_Requested_With": "XMLHttpRequest",
    "Accept": "text/html, application/xhtml+xml",
}


@pytest.fixture
def idle(browser, clock):
    browser.login()
    clock.tick(1800)
    return browser


@pytest.fixture
def idle_stranger(browser, clock):
    """A visitor with a cart, who has never logged in."""
    browser.get("/write/?cart=7")
    clock.tick(1800)
    return browser


class TestNavigation:
    @on_every_engine
    def test_a_click_is_redirected_to_the_login_page_with_next(self, idle):
        response = idle.get("/page/?q=a%20b&c=%2F")
        assert response.status_code == 302
        assert response.url == "/login/?next=/page/%3Fq%3Da%2520b%26c%3D%252F"

    def test_head_too(self, idle):
        response = idle.head("/page/")
        assert (response.status_code, response.url) == (302, "/login/?next=/page/")

    def test_nothing_is_cached(self, idle):
        assert idle.get("/page/").headers["Cache-Control"] == "no-store, private"

    @on_every_engine
    def test_the_cookie_is_deleted(self, idle):
        assert idle.get("/page/").cookies["sessionid"].value == ""

    @on_every_engine
    def test_the_next_request_is_anonymous(self, idle):
        idle.get("/page/")
        assert idle.get("/page/").content == b"user=AnonymousUser "

    @pytest.mark.parametrize("path", ["/logout/", "/sign-out/"])
    def test_next_is_never_the_logout_url(self, idle, path):
        assert idle.get(path).url == "/login/"

    @pytest.mark.parametrize("path", ["//evil.example/", "//evil.example", "/\\evil/"])
    def test_next_is_never_off_site(self, idle, path):
        response = idle._call(idle.client.generic, "GET", path)
        assert response.status_code == 302
        next_ = response.url.partition("next=")[2]
        assert not next_.startswith(("//", "/%5C", "/\\"))

    @pytest.mark.parametrize(
        "path", ["// ", "//\t", "/\\ ", "/\\", "//", "/\t/ ", "/\n\\", "/\r\t//"]
    )
    def test_next_has_one_slash_to_begin_with(self, path):
        request = RequestFactory().get("/")
        assert allowed_next(request, "/login/", path) is None

    @pytest.mark.parametrize(
        ("url_name", "view_name", "is_logout"),
        [
            ("logout", "view", True),
            ("account_logout", "view", True),
            ("log-out", "view", True),
            ("page", "LogoutView", True),
            ("page", "SignOutPage", True),
            ("page", "log_off", True),
            ("page", "SSOLogout", True),
            ("page", "CatalogOfferView", False),
            ("catalog_offers", "view", False),
            ("design_office", "view", False),
            ("blog-outline", "view", False),
            ("page", "LogOffersView", False),
        ],
    )
    def test_only_whole_words_name_a_logout(self, url_name, view_name, is_logout):
        view = type(view_name, (View,), {}).as_view()
        request = RequestFactory().get("/")
        request.urlconf = ModuleType("urls")
        request.urlconf.urlpatterns = [url_path("there/", view, name=url_name)]
        found = allowed_next(request, "/login/", "/there/")
        assert found == (None if is_logout else "/there/")

    @pytest.mark.parametrize("name", ["nobody", "broken"])
    def test_a_path_converter_that_raises(self, idle, name):
        page = f"/people/{name}/"
        response = idle.post("/page/", Referer=f"{HOST}{page}")
        assert response.url == f"/login/?next={page}"

    def test_a_long_next_is_dropped(self, idle):
        assert idle.get(f"/page/?q={'x' * 1992}").url == "/login/"

    def test_a_next_of_2000_characters_is_kept(self, idle):
        path = f"/page/?q={'x' * 1991}"
        assert len(path) == 2000
        assert "next=" in idle.get(path).url

    def test_a_page_that_does_not_exist_is_no_exception(self, idle):
        assert idle.get("/nowhere/").url == "/login/?next=/nowhere/"

    @override_settings(LOGIN_URL="/login/?theme=dark")
    def test_the_query_of_the_login_url_is_kept(self, idle):
        assert idle.get("/page/").url == "/login/?theme=dark&next=/page/"

    @override_settings(LOGIN_URL="https://sso.example.com/login")
    def test_the_login_page_may_be_elsewhere(self, idle):
        assert idle.get("/page/").url == "https://sso.example.com/login?next=/page/"

    @override_settings(LOGIN_URL="no-such-name")
    def test_a_login_url_that_leads_nowhere_is_logged_and_not_a_500(self, idle, caplog):
        assert idle.get("/page/").url == "/"
        assert "has no URL" in caplog.text


class TestUnsafeMethods:
    @on_every_engine
    def test_an_expired_post_never_reaches_the_view(self, idle):
        response = idle.post("/write/?a=1")
        assert response.status_code == 303
        assert response.url == "/login/"
        assert idle.get("/read/").json() == {}

    @pytest.mark.parametrize(
        ("referer", "next_"),
        [
            ("http://testserver/page/?q=1", "?next=/page/%3Fq%3D1"),
            ("http://testserver", "?next=/"),
            ("http://evil.example/page/", ""),
            ("http://testserver.evil.example/", ""),
            ("http://testserver@evil.example/", ""),
            ("http://testserver//evil.example/", ""),
            ("javascript:alert(1)", ""),
            ("//evil.example/page/", ""),
            ("http://testserver/logout/", ""),
            ("http://testserver/login/?next=/page/", ""),
            (f"http://testserver/{'x' * 2000}", ""),
            ("page/", ""),
            ("", ""),
        ],
    )
    def test_next_is_the_same_host_referer(self, idle, referer, next_):
        response = idle.post("/write/?a=1", Referer=referer)
        assert response.url == f"/login/{next_}"

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_others_are_redirected_too(self, idle, method):
        response = idle._call(idle.client.generic, method, "/page/")
        assert (response.status_code, response.url) == (303, "/login/")


class TestFetch:
    @pytest.mark.parametrize(
        "headers",
        [
            JSON,
            {"Accept": "application/json, text/plain;q=0.9, */*;q=0.8"},
            {"Accept": "application/vnd.api+json"},
            {"Accept": "text/html;q=0.5, application/json"},
            {"X_Requested_With": "XMLHttpRequest"},
            {"Sec_Fetch_Mode": "cors", "Accept": "*/*"},
            {"Sec_Fetch_Mode": "no-cors", "Accept": "image/avif,image/*;q=0.8"},
            {"Sec_Fetch_Mode": "same-origin"},
        ],
    )
    def test_a_script_gets_401_and_json(self, idle, headers):
        response = idle.get("/page/", **headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Session"
        assert response.headers["Cache-Control"] == "no-store, private"
        assert response.json() == {
            "detail": "Your session has ended.",
            "reason": "idle",
            "redirect": "/login/",
        }

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Accept": "*/*"},
            {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
            {"Accept": "text/html, application/json;q=0.5"},
            {"Sec_Fetch_Mode": "navigate", "Accept": "*/*"},
            {"Sec_Fetch_Mode": "cors", "Accept": "text/html"},
            # Android's WebView names the app in every request.
            {"X_Requested_With": "com.example.app", "Sec_Fetch_Mode": "navigate"},
        ],
    )
    def test_a_navigation_does_not(self, idle, headers):
        assert idle.get("/page/", **headers).status_code == 302

    @on_every_engine
    def test_the_page_to_come_back_to_is_the_one_looked_at(self, idle):
        referer = "http://testserver/page/?tab=2"
        response = idle.get("/read/", Referer=referer, **JSON)
        assert response.json()["redirect"] == "/login/?next=/page/%3Ftab%3D2"


class TestInertia:
    @on_every_engine
    def test_a_visit_leaves_for_the_login_page(self, idle):
        response = idle.get("/page/?tab=2", **INERTIA)
        assert response.status_code == 409
        location = response.headers["X-Inertia-Location"]
        assert location == "/login/?next=/page/%3Ftab%3D2"
        assert response.content == b""
        assert "Location" not in response.headers

    def test_a_form_comes_back_to_its_page(self, idle):
        response = idle.post("/write/", **INERTIA, Referer=f"{HOST}/page/")
        assert response.headers["X-Inertia-Location"] == "/login/?next=/page/"


class TestHtmx:
    @on_every_engine
    def test_htmx_is_sent_to_the_same_place(self, idle):
        headers = {"HX_Current_URL": "http://testserver/page/?tab=2", "Accept": "*/*"}
        response = idle.get("/read/", **HTMX, **headers)
        assert response.status_code == 200
        assert response.headers["HX-Redirect"] == "/login/?next=/page/%3Ftab%3D2"
        assert response.content == b""

    def test_a_current_url_elsewhere_is_not_believed(self, idle):
        response = idle.get("/read/", **HTMX, HX_Current_URL="https://evil.example/")
        assert response.headers["HX-Redirect"] == "/login/"

    def test_a_boosted_link_is_a_navigation(self, idle):
        headers = {"HX_Boosted": "true", "HX_Current_URL": "http://testserver/"}
        response = idle.get("/page/", **HTMX, **headers)
        assert response.headers["HX-Redirect"] == "/login/?next=/page/"

    def test_a_boosted_form_is_not(self, idle):
        headers = {"HX_Boosted": "true", "HX_Current_URL": "http://testserver/page/"}
        response = idle.post("/write/", **HTMX, **headers)
        assert response.headers["HX-Redirect"] == "/login/?next=/page/"


class TestTheRedirectTargetItself:
    @on_every_engine
    def test_the_login_page_is_shown(self, idle):
        response = idle.get("/login/")
        assert response.status_code == 200
        assert response.context["user"].is_anonymous
        assert idle.key is None or idle.user == "AnonymousUser"

    @on_every_engine
    def test_logging_in_there_works_at_once(self, idle):
        idle.login("bob")
        assert idle.user == "bob"

    @on_every_engine
    @override_settings(SESSION_TIMEOUT_REDIRECT="/timeout/?why=idle")
    def test_the_sites_own_page_is_shown(self, idle):
        assert idle.get("/timeout/").content.startswith(b"user=AnonymousUser")

    @override_settings(SESSION_TIMEOUT_REDIRECT="http://testserver/timeout/")
    def test_the_sites_own_page_by_url(self, idle):
        assert idle.get("/timeout/").status_code == 200

    @override_settings(SESSION_TIMEOUT_REDIRECT="http://example.com/page/")
    def test_the_same_path_elsewhere_is_another_page(self, idle):
        assert idle.get("/page/").url == "http://example.com/page/"


class TestAdmin:
    @on_every_engine
    def test_an_admin_page_is_sent_to_the_admins_login(self, idle):
        url = idle.get("/admin/auth/user/?q=1").url
        assert url == "/admin/login/?next=/admin/auth/user/%3Fq%3D1"

    def test_another_admin_site_has_its_own(self, idle):
        assert idle.get("/back-office/").url == "/back-office/login/?next=/back-office/"

    def test_its_login_page_is_shown(self, idle):
        assert idle.get("/admin/login/").status_code == 200

    def test_its_logout_is_no_next(self, idle):
        assert idle.post("/admin/logout/").url == "/admin/login/"

    @override_settings(SESSION_TIMEOUT_REDIRECT="/timeout/")
    def test_the_sites_redirect_goes_first(self, idle):
        assert idle.get("/admin/").url == "/timeout/"


def by_path(request):
    return f"/timeout/?from={request.path}"


async def by_coroutine(request):
    return "/timeout/?async"


def wrong(request):
    return 42


class TestTheSitesRedirect:
    @pytest.mark.parametrize(
        ("redirect", "url"),
        [
            ("/timeout/", "/timeout/"),
            ("timeout", "/timeout/"),
            ("gadgets:poll", "/widgets/poll/"),
            (reverse_lazy("timeout"), "/timeout/"),
            ("https://example.com/bye", "https://example.com/bye"),
            (by_path, "/timeout/?from=/page/"),
            ("tests.requests.test_responses.by_path", "/timeout/?from=/page/"),
            (by_coroutine, "/timeout/?async"),
            ("tests.requests.test_responses.by_coroutine", "/timeout/?async"),
        ],
    )
    def test_it_may_be(self, idle, redirect, url):
        with override_settings(SESSION_TIMEOUT_REDIRECT=redirect):
            assert idle.get("/page/").url == url

    @on_every_engine
    def test_it_gets_no_next(self, idle):
        with override_settings(SESSION_TIMEOUT_REDIRECT="login"):
            assert idle.get("/page/").url == "/login/"

    def test_a_name_that_is_none_is_logged_and_not_a_500(self, idle, caplog):
        with override_settings(SESSION_TIMEOUT_REDIRECT="no-such-name"):
            assert idle.get("/page/").url == "/"
        assert "has no URL" in caplog.text

    @pytest.mark.parametrize("redirect", [wrong, "tests.requests.test_responses.wrong"])
    def test_a_wrong_answer_is_named(self, idle, redirect):
        with (
            override_settings(SESSION_TIMEOUT_REDIRECT=redirect),
            pytest.raises(Exception, match=r"SESSION_TIMEOUT_REDIRECT .* returned 42"),
        ):
            idle.get("/page/")
        assert b"ada" not in idle.get("/page/").content


class TestStrangers:
    @on_every_engine
    def test_who_never_logged_in_is_not_sent_to_log_in(self, idle_stranger):
        assert idle_stranger.get("/read/").json() == {}

    @on_every_engine
    def test_and_may_begin_anew(self, idle_stranger):
        idle_stranger.get("/write/?cart=8")
        assert idle_stranger.get("/read/").json() == {"cart": "8"}
        assert idle_stranger.record is not None

    @override_settings(SESSION_TIMEOUT_REDIRECT="/timeout/")
    def test_a_page_of_the_sites_own_is_for_them_too(self, idle_stranger):
        assert idle_stranger.get("/read/").url == "/timeout/"

    @on_every_engine
    @override_settings(SESSION_TIMEOUT_REDIRECT_ANONYMOUS=True)
    def test_the_login_page_only_if_the_site_says_so(self, idle_stranger):
        assert idle_stranger.get("/read/").url == "/login/?next=/read/"

    @override_settings(
        SESSION_TIMEOUT_REDIRECT="/timeout/", SESSION_TIMEOUT_REDIRECT_ANONYMOUS=False
    )
    def test_nor_there_if_the_site_says_no(self, idle_stranger):
        assert idle_stranger.get("/read/").json() == {}


def teapot(request, expiry):
    content = f"{expiry.reason} {expiry.user_id} {expiry.last_activity:.0f}"
    return HttpResponse(content, status=418)


async def async_teapot(request, expiry):
    return teapot(request, expiry)


def go_on(request, expiry):
    return None


def no_response(request, expiry):
    return "a string"


class TestHandler:
    @pytest.mark.parametrize(
        "handler",
        [teapot, async_teapot, "tests.requests.test_responses.teapot"],
    )
    def test_its_response_is_given(self, idle, handler, user):
        with override_settings(SESSION_TIMEOUT_HANDLER=handler):
            response = idle.get("/page/")
        assert response.status_code == 418
        assert response.content.decode() == f"idle {user.pk} 1767600000"
        assert response.headers["Cache-Control"] == "no-store, private"

    @on_every_engine
    @override_settings(SESSION_TIMEOUT_HANDLER=go_on)
    def test_none_goes_on_to_the_view(self, idle):
        assert idle.get("/page/").content == b"user=AnonymousUser "

    @override_settings(SESSION_TIMEOUT_HANDLER=no_response)
    def test_a_wrong_answer_is_named(self, idle):
        with pytest.raises(Exception, match="SESSION_TIMEOUT_HANDLER returned 'a str"):
            idle.get("/page/")


class TestHeadersAndMessages:
    @on_every_engine
    @override_settings(SESSION_TIMEOUT_CLEAR_SITE_DATA=("cache", "storage"))
    def test_clear_site_data(self, idle):
        response = idle.get("/page/")
        assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert "Clear-Site-Data" not in idle.get("/page/").headers

    def test_no_clear_site_data_unasked(self, idle):
        assert "Clear-Site-Data" not in idle.get("/page/").headers

    @pytest.mark.parametrize("storage", ["fallback.Fallback", "session.Session"])
    @pytest.mark.parametrize("ours_last", [False, True])
    @pytest.mark.parametrize("way", ["redirect", "target"])
    def test_the_message_is_shown_after_the_redirect(
        self, idle, settings, storage, ours_last, way
    ):
        settings.SESSION_TIMEOUT_MESSAGE = "Signed out."
        settings.MESSAGE_STORAGE = f"django.contrib.messages.storage.{storage}Storage"
        if ours_last:
            ours = "session_timeout.middleware.SessionTimeoutMiddleware"
            others = [path for path in settings.MIDDLEWARE if path != ours]
            settings.MIDDLEWARE = [*others, ours]
        reload_middleware(idle)
        if way == "redirect":
            idle.get("/page/")
        assert b"[Signed out.]" in idle.get("/login/").content
        assert b"[" not in idle.get("/login/").content

    def test_without_contrib_messages_nothing_is_said(self, idle, settings):
        settings.SESSION_TIMEOUT_MESSAGE = "Signed out."
        name = "django.contrib.messages"
        settings.INSTALLED_APPS = [a for a in settings.INSTALLED_APPS if a != name]
        settings.MIDDLEWARE = settings.MIDDLEWARE[:-1]
        reload_middleware(idle)
        response = idle.get("/page/")
        assert response.status_code == 302
        assert list(response.cookies) == ["sessionid"]


def reload_middleware(browser):
    browser.client.handler._middleware_chain = None


class TestUnusualRequests:
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
        settings.SESSION_TIMEOUT_HANDLER = f"tests.requests.test_responses.{name}"
        assert b"<form" in idle.get("/page/").content

    @pytest.mark.parametrize(
        "address", ["javascript:alert(1)//", "data:text/html,x/", "http://[", "x://y/"]
    )
    def test_a_redirect_that_no_browser_shall_follow(self, idle, settings, address):
        settings.SESSION_TIMEOUT_REDIRECT = lambda request: address
        with pytest.raises(ImproperlyConfigured, match="Return a path or a URL"):
            idle.get("/page/", **JSON)

    @pytest.mark.parametrize(
        "find", [lambda: f"{__name__}.page_by_user", lambda: page_by_user(None)]
    )
    def test_a_lazy_redirect_may_use_the_database(self, idle, settings, find):
        settings.SESSION_TIMEOUT_REDIRECT = lazy(find, str)()
        assert idle.get("/page/").url == "/timeout/?ada"

    def test_the_urlconf_of_the_request(self, mode, user, clock, settings):
        settings.MIDDLEWARE = [SESSIONS, "tests.support.middleware.other_urls", OURS]
        settings.LOGIN_URL = "bare-login"
        browser = Browser(mode)
        for path, url in (
            ("/bare/poll/", "/login/?next=/bare/poll/"),
            ("/bare/logout/", "/login/"),
        ):
            browser.client.force_login(user)
            clock.tick(1800)
            assert browser.get(path).url == url


def page_by_user(request):
    return f"/timeout/?{User.objects.get(username='ada')}"


def page(request, expiry):
    return TemplateResponse(request, "login.html")


async def apage(request, expiry):
    return page(request, expiry)


def test_an_answer_that_is_no_response_stays_what_it_is(browser, clock, settings):
    settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: HttpResponse("x" * 9)
    browser.login()
    clock.tick(1800)
    assert browser.get("/page/").content == b"x" * 9
