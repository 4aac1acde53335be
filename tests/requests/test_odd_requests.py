"""Headers, hosts and redirects beyond the usual."""

import pytest
from django.http import HttpResponse
from django.template.response import TemplateResponse

from tests.support.client import Browser, expired
from tests.support.paths import OURS, SESSIONS


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
        settings.SESSION_TIMEOUT_HANDLER = f"tests.requests.test_odd_requests.{name}"
        assert b"<form" in idle.get("/page/").content

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


def page(request, expiry):
    return TemplateResponse(request, "login.html")


async def apage(request, expiry):
    return page(request, expiry)


def test_an_answer_that_is_no_response_stays_what_it_is(browser, clock, settings):
    settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: HttpResponse("x" * 9)
    browser.login()
    clock.tick(1800)
    assert browser.get("/page/").content == b"x" * 9
