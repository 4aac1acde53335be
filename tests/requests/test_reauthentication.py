"""Signing in again from a page whose session has ended: what the server does for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import resolve

from session_timeout.browser.dialog import session_timeout
from tests.support.client import Browser, Page, on_every_engine
from tests.support.paths import LOGIN_REQUIRED
from tests.support.template_settings import templates
from tests.support.views import meanwhile

RESUMED = "/session-timeout/resumed/"
LINK = r'<a [^>]*href="([^"]+)"[^>]* data-login>'
SECONDS = r'data-reauthenticate="([^"]+)"'


class Dialog:
    """A page with the dialog, whose tag may have arguments."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def html(self, arguments: str = "", path: str = "/during/") -> str:
        tag = f"{{% load session_timeout %}}{{% session_timeout {arguments} %}}"

        def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse(Template(tag).render(Context({"request": request})))

        meanwhile.function = view
        html: str = self.browser.get(path).content.decode()
        return html

    def offers(self, arguments: str = "", **where: str) -> tuple[str, str] | None:
        """Return for how many seconds the page stays, and where one signs in."""
        html = self.html(arguments, **where)
        seconds, link = re.search(SECONDS, html), re.search(LINK, html)
        assert bool(seconds) == bool(link) == ("data-leave" in html)
        return seconds and link and (seconds[1], link[1])


@pytest.fixture
def dialog(browser: Browser) -> Dialog:
    browser.login()
    return Dialog(browser)


class TestTheDialog:
    def test_offers_nothing_by_default(self, dialog: Dialog) -> None:
        assert "data-session-timeout" in dialog.html()
        assert dialog.offers() is None
        assert "Sign in again" not in dialog.html()

    @pytest.mark.parametrize(
        ("setting", "arguments", "seconds"),
        [
            (600, "", "600"),
            (600.5, "", "600.5"),
            (None, "reauthenticate=1200", "1200"),
            (600, "reauthenticate=1200", "1200"),
            (600, "reauthenticate=None", "600"),
        ],
    )
    def test_offers_it_where_the_site_asks_for_it(
        self, dialog: Dialog, settings: Any, setting: Any, arguments: str, seconds: str
    ) -> None:
        settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = setting
        settings.LANGUAGE_CODE, settings.USE_THOUSAND_SEPARATOR = "de", True
        assert dialog.offers(arguments) == (seconds, f"/login/?next={RESUMED}")

    def test_can_be_left_out_of_a_page(self, dialog: Dialog, settings: Any) -> None:
        settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = 600
        assert dialog.offers("reauthenticate=0") is None

    @pytest.mark.parametrize("wrong", ["-1", "'600'", "True"])
    def test_refuses_what_is_no_number_of_seconds(
        self, dialog: Dialog, wrong: str
    ) -> None:
        message = r"^reauthenticate of {% session_timeout %} must be a number of"
        with pytest.raises(ImproperlyConfigured, match=message):
            dialog.html(f"reauthenticate={wrong}")

    def test_offers_nothing_to_who_was_not_signed_in(
        self, browser: Browser, settings: Any
    ) -> None:
        settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = 600
        browser.get("/write/?cart=7")
        assert Dialog(browser).offers() is None

    @pytest.mark.parametrize("site", ["admin", "back-office"])
    def test_offers_the_login_of_an_admin_site_within_it(
        self, dialog: Dialog, settings: Any, site: str
    ) -> None:
        settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = 600
        found: list[str] = []

        def view(request: HttpRequest) -> HttpResponse:
            request.resolver_match = resolve(f"/{site}/")
            found.extend(re.findall(LINK, session_timeout(request)))
            return HttpResponse()

        meanwhile.function = view
        dialog.browser.get("/during/")
        assert found == [f"/{site}/login/?next={RESUMED}"]

    def test_leads_to_the_login_page_whatever_an_expired_session_is_redirected_to(
        self, dialog: Dialog, settings: Any
    ) -> None:
        settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = 600
        settings.SESSION_TIMEOUT_REDIRECT = "/timeout/"
        settings.LOGIN_URL = "https://sso.example.com/?to=shop"
        link = f"https://sso.example.com/?to=shop&amp;next={RESUMED}"
        assert dialog.offers() == ("600", link)

    def test_goes_without_where_there_is_no_login_page(
        self, dialog: Dialog, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = 600
        settings.LOGIN_URL = "no-such-name"
        assert dialog.offers() is None
        assert "LOGIN_URL has no URL" in caplog.text

    def test_has_it_for_an_application_that_asks_the_status(
        self, dialog: Dialog, settings: Any
    ) -> None:
        settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = 600
        status = dialog.browser.get("/session-timeout/status/?dialog=1").json()
        assert re.findall(SECONDS, status["dialog"]) == ["600"]


class TestThePageAfterTheLogin:
    @on_every_engine
    def test_the_login_of_the_same_user_leads_to_it(
        self, browser: Browser, clock: Any
    ) -> None:
        browser.login()
        mark = Page(browser).status()["session"]
        clock.tick(1800)
        assert Page(browser).status()["active"] is False
        data = {"username": "ada", "password": "secret"}
        back = browser.post(f"/login/?next={RESUMED}", data)
        assert back.url == RESUMED
        page = browser.get(back.url)
        assert f'data-session="{mark}"' in page.content.decode()
        assert "You are signed in again." in page.content.decode()
        assert page.headers["Cache-Control"] == "no-store, private"
        assert Page(browser).status()["session"] == mark

    def test_of_another_user_has_another_mark(self, browser: Browser) -> None:
        browser.login()
        mark = Page(browser).status()["session"]
        browser.login("bob")
        assert mark not in browser.get(RESUMED).content.decode()

    @pytest.mark.parametrize("path", ["/", "/write/?cart=7"], ids=["none", "visitor"])
    def test_sends_to_the_login_page_who_is_not_signed_in(
        self, browser: Browser, path: str
    ) -> None:
        browser.get(path)
        response = browser.get(RESUMED)
        assert (response.status_code, response.url) == (302, f"/login/?next={RESUMED}")

    def test_is_not_for_everybody(self, browser: Browser, settings: Any) -> None:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_REQUIRED]
        assert browser.get(RESUMED).url == f"/login/?next={RESUMED}"

    def test_of_a_session_that_has_ended_leads_to_the_login_page(
        self, browser: Browser, clock: Any
    ) -> None:
        browser.login()
        clock.tick(1800)
        assert browser.get(RESUMED).url == f"/login/?next={RESUMED}"

    def test_can_only_be_read(self, browser: Browser) -> None:
        browser.login()
        assert browser.post(RESUMED).status_code == 405

    def test_speaks_the_language_of_the_visitor(
        self, browser: Browser, settings: Any
    ) -> None:
        settings.LANGUAGE_CODE = "ar"
        browser.login()
        html = browser.get(RESUMED).content.decode()
        assert '<html lang="ar" dir="rtl">' in html
        assert "You are signed in again." not in html

    @pytest.mark.parametrize("jinja", [False, True])
    def test_can_be_a_template_of_the_project(
        self, browser: Browser, settings: Any, jinja: bool
    ) -> None:
        own = {"session_timeout/resumed.html": "Welcome back: {{ session }}"}
        templates(settings, jinja=jinja, **own)
        browser.login()
        mark = Page(browser).status()["session"]
        assert browser.get(RESUMED).content.decode() == f"Welcome back: {mark}"
