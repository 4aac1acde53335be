"""The template tag: where it renders something, what, and that it costs nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import django
import pytest
from django.contrib.auth import login, logout
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import Context
from django.template.loader import get_template
from django.template.response import TemplateResponse
from django.test import override_settings
from django.urls import NoReverseMatch
from django.views.decorators.cache import cache_page

from session_timeout.browser import dialog
from session_timeout.browser.dialog import announcement, dialog_context, session_timeout
from tests.support.client import Browser, Page, idle_limit, on_every_engine
from tests.support.paths import CSRF
from tests.support.template_settings import templates
from tests.support.views import meanwhile

TEXT = "<p>Text.</p>"


def write(request: HttpRequest) -> None:
    request.session["cart"] = "7"


class Tag:
    """What the tag tells a page."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def get(self, act=None, path="/during/", **options: Any) -> dict[str, Any] | None:
        """Visit a page, whose view may do something first; return the context."""
        options = {"activity": True, "logout_url": None, "nonce": None, **options}

        def view(request: HttpRequest) -> HttpResponse:
            if act is not None:
                act(request)
            return JsonResponse(dialog_context(request, **options), safe=False)

        meanwhile.function = view
        return self.browser.get(path).json()

    def html(self, path="/during/", template="dialog.html", **context: Any) -> Any:
        """Visit a page with the tag, and return the response."""
        meanwhile.function = lambda request: render(request, template, context)
        return self.browser.get(path)


@pytest.fixture
def tag(browser):
    return Tag(browser)


@pytest.fixture
def signed_in(tag):
    tag.browser.login()
    return tag


@pytest.fixture
def reading(browser, settings, tmp_path):
    """A reader of pages, on one engine: what is rendered is the same on all."""
    browser.login()
    return Tag(browser)


class TestTheContext:
    @on_every_engine
    def test_of_a_user(self, signed_in, clock):
        clock.tick(600)
        context = signed_in.get(path="/during/?q=a%20b")
        assert len(context.pop("session")) == 32
        assert len(context.pop("csrf_token")) == 64
        assert context == {
            "status_url": "/session-timeout/status/",
            "extend_url": "/session-timeout/extend/",
            "expires_in": "1800",
            "reason": "idle",
            "can_extend": True,
            "warn_before": "60",
            "final_warn_before": "300",
            "grace": "30",
            "activity": True,
            "reload": False,
            "signed_in": True,
            "logout_url": "/logout/",
            "reauthenticate": "0",
            "login_url": "",
            "nonce": "",
            "announcements": [
                {"seconds": "300", "text": "Your session will end in 5 minutes."},
                {"seconds": "240", "text": "Your session will end in 4 minutes."},
                {"seconds": "180", "text": "Your session will end in 3 minutes."},
                {"seconds": "120", "text": "Your session will end in 2 minutes."},
                {"seconds": "60", "text": "Your session will end in 1 minute."},
                {"seconds": "40", "text": "Your session will end in 40 seconds."},
                {"seconds": "20", "text": "Your session will end in 20 seconds."},
            ],
            "idle_limit_text": (
                "If you do nothing for 30 minutes, your session will end."
            ),
            "next": "/during/?q=a%20b",
        }

    @on_every_engine
    def test_of_a_visitor(self, tag):
        tag.browser.get("/write/?cart=7")
        context = tag.get()
        assert (context["signed_in"], context["reload"]) == (False, True)
        assert context["logout_url"] == ""

    def test_of_a_visitor_who_is_redirected_in_the_end(self, tag, settings):
        settings.SESSION_TIMEOUT_REDIRECT_ANONYMOUS = True
        tag.browser.get("/write/?cart=7")
        assert tag.get()["reload"] is False

    def agrees_with_status(self, page, clock, settings, every, path, seconds):
        settings.SESSION_SAVE_EVERY_REQUEST = every
        settings.SESSION_COOKIE_AGE = 2000
        clock.tick(seconds)
        context = page.get(path=path)
        status = Page(page.browser).status()
        # The record rides along with a save, which the page need not know of.
        rides = every and path == "/during/" and seconds < 30
        lag = seconds if rides else 0
        assert float(context["expires_in"]) == status["expires_in"] - lag
        for name in ("session", "can_extend", "reason"):
            assert context[name] == status[name]
        assert float(context["warn_before"]) == status["warn_before"]

    @pytest.mark.parametrize("every", [False, True])
    @pytest.mark.parametrize("path", ["/during/", "/passive/during/"])
    @pytest.mark.parametrize("seconds", [0, 29, 30, 700])
    def test_is_what_the_status_says_next(
        self, signed_in, clock, settings, every, path, seconds
    ):
        self.agrees_with_status(signed_in, clock, settings, every, path, seconds)

    @on_every_engine
    @pytest.mark.parametrize("seconds", [29, 700])
    def test_is_what_the_status_says_next_on_every_engine(
        self, signed_in, clock, settings, seconds
    ):
        self.agrees_with_status(signed_in, clock, settings, False, "/during/", seconds)

    @on_every_engine
    def test_knows_of_an_extension_within_the_grace_period(self, signed_in, clock):
        clock.tick(10)
        Page(signed_in.browser).extend()
        clock.tick(5)
        assert signed_in.get(path="/passive/during/")["expires_in"] == "1795"

    @override_settings(SESSION_EXPIRE_ABSOLUTE_SECONDS=1000)
    def test_of_a_session_that_cannot_be_extended(self, signed_in, clock):
        clock.tick(600)
        context = signed_in.get()
        assert (context["expires_in"], context["reason"]) == ("400", "absolute")
        assert (context["warn_before"], context["can_extend"]) == ("300", False)

    @override_settings(SESSION_SAVE_EVERY_REQUEST=True)
    def test_of_a_session_without_an_end_that_stays(self, signed_in):
        assert signed_in.get()["final_warn_before"] == ""

    @override_settings(SESSION_EXPIRE_SECONDS=15)
    def test_of_a_session_that_is_shorter_than_the_warning(self, signed_in):
        context = signed_in.get()
        assert (context["expires_in"], context["warn_before"]) == ("15", "7.5")
        assert context["announcements"][-1] == {
            "seconds": "7.5",
            "text": "Your session will end in 7 seconds.",
        }

    @on_every_engine
    def test_of_a_session_that_the_view_has_begun(self, tag):
        context = tag.get(write)
        assert (context["expires_in"], context["reload"]) == ("1800", True)
        assert Page(tag.browser).status()["expires_in"] == 1800

    @on_every_engine
    def test_of_a_login_that_the_view_has_made(self, tag, clock, user):
        tag.browser.get("/write/?cart=7")
        clock.tick(29)
        context = tag.get(lambda request: login(request, user))
        status = Page(tag.browser).status()
        assert (context["expires_in"], context["signed_in"]) == ("1800", True)
        assert context["session"] == status["session"]

    @pytest.mark.parametrize(
        ("limits", "expected"),
        [
            ({"SESSION_EXPIRE_SECONDS": 60}, "1 minute,"),
            ({"SESSION_EXPIRE_SECONDS": 119}, "1 minute,"),
            ({"SESSION_EXPIRE_SECONDS": 120}, "2 minutes,"),
            ({"SESSION_EXPIRE_SECONDS": 59}, None),
            ({"SESSION_EXPIRE_SECONDS": None}, None),
            ({"SESSION_EXPIRE_AFTER_LAST_ACTIVITY": False}, None),
        ],
    )
    def test_tells_the_limit_where_there_are_no_scripts(
        self, reading, limits, expected
    ):
        with override_settings(**limits):
            text = reading.get()["idle_limit_text"]
        assert text == (
            f"If you do nothing for {expected} your session will end."
            if expected
            else ""
        )

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0.4, "1 second"), (1.0, "1 second"), (90.0, "90 seconds"), (3600.0, "60 m")],
    )
    def test_announces_lengths_of_all_kinds(self, seconds, text):
        assert announcement(seconds).startswith(f"Your session will end in {text}")

    def test_numbers_are_the_same_in_every_language(self, reading, settings):
        settings.USE_THOUSAND_SEPARATOR = True
        settings.SESSION_EXPIRE_SECONDS = 7200.5
        own = "{{ expires_in }} {{ warn_before }} {{ announcements.0.seconds }}"
        templates(settings, **{"session_timeout/dialog.html": own})
        middleware = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
        settings.MIDDLEWARE = middleware
        page = Tag(reading.browser.twin())
        meanwhile.function = lambda request: HttpResponse(session_timeout(request))
        response = page.browser.get("/during/", Accept_Language="de")
        assert response.headers["Content-Language"] == "de"
        assert response.content == b"7200.5 60 300"


class TestNothing:
    """Where no session can end, there is nothing, and nothing is done."""

    def nothing(self, tag, **options):
        response = tag.html(**options)
        assert response.content.decode().strip() == TEXT
        return response

    @pytest.fixture(autouse=True)
    def csrf(self, settings):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, CSRF]

    def test_without_a_session(self, tag):
        response = self.nothing(tag)
        assert not response.cookies
        assert "Vary" not in response.headers

    @on_every_engine
    def test_with_a_bogus_cookie(self, tag):
        tag.browser.client.cookies["sessionid"] = "a" * 32
        response = self.nothing(tag)
        assert not response.cookies
        assert "Vary" not in response.headers

    @pytest.mark.parametrize("path", ["/exempt/during/", "/during/"])
    def test_on_an_exempt_page(self, signed_in, settings, path):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/during/"]
        response = self.nothing(signed_in, path=path)
        assert "Vary" not in response.headers

    @on_every_engine
    def test_where_a_visitors_session_has_just_ended(self, tag, clock):
        tag.browser.get("/write/?cart=7")
        clock.tick(1800)
        self.nothing(tag)

    @on_every_engine
    def test_after_a_logout_by_the_view(self, signed_in):
        assert signed_in.get(logout) is None

    def test_where_the_view_has_spoilt_the_record(self, signed_in):
        def spoil(request):
            request.session["_session_timeout"] = "spoilt"

        assert signed_in.get(spoil) is None

    @override_settings(SESSION_EXPIRE_SECONDS=idle_limit)
    def test_where_the_limit_would_have_to_be_asked_for(self, tag):
        assert tag.get(write) is None

    def test_where_the_middleware_has_not_been(self, rf):
        assert session_timeout(rf.get("/")) == ""

    def test_in_a_page_about_a_fault(self):
        """Django renders it without the request."""
        page = get_template("dialog.html").template
        page.name = "500.html"
        try:
            assert page.render(Context()).strip() == TEXT
        finally:
            page.name = "dialog.html"


class TestItsCost:
    @on_every_engine
    def test_it_reads_nothing(self, signed_in, clock, settings):
        """In the event loop, the database would refuse to be asked."""
        clock.tick(29)
        response = signed_in.browser.get("/async/dialog/")
        assert b"<dialog" in response.content

    @on_every_engine
    def test_the_response_varies_on_the_cookie(self, signed_in):
        response = signed_in.html()
        assert response.headers["Vary"] == "Cookie"
        assert "sessionid" not in response.cookies

    def test_the_token_is_that_of_the_forms(self, signed_in, settings):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, CSRF]
        browser = Browser(signed_in.browser.mode, enforce_csrf_checks=True)
        browser.client.cookies = signed_in.browser.client.cookies
        token = Tag(browser).get()["csrf_token"]
        data = {"csrfmiddlewaretoken": token}
        response = browser.post("/session-timeout/extend/", data)
        assert response.status_code == 303


class Parser(HTMLParser):
    """What stands in a page: elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


class TestCaches:
    """A page with the dialog belongs to one session."""

    @pytest.fixture(params=["decorator", "decorator, rendered late", "middleware"])
    def visit(self, request, mode, user, settings):
        """Visit a page that the site's cache may store; return the response."""
        middleware = "middleware" in request.param
        if middleware:
            settings.MIDDLEWARE = [
                "django.middleware.cache.UpdateCacheMiddleware",
                *settings.MIDDLEWARE,
                "django.middleware.cache.FetchFromCacheMiddleware",
            ]

        def visit(browser):
            respond = TemplateResponse if "late" in request.param else render

            def view(request):
                return respond(request, "dialog.html")

            meanwhile.function = view if middleware else cache_page(600)(view)
            return browser.get("/during/")

        cache.clear()
        return visit

    @pytest.fixture
    def visitor(self, mode, user, visit, clock):
        """Make a visitor, of whom the others know nothing."""

        def make(cart=None):
            clock.tick(1)
            browser = Browser(mode)
            if cart:
                browser.get(f"/write/?cart={cart}")
            return browser

        return make

    def test_none_stores_it(self, visit, visitor):
        pages = [
            Parser(visit(visitor(cart)).content.decode()).named("dialog")
            for cart in (1, 2, None)
        ]
        assert pages[0][0]["data-session"] != pages[1][0]["data-session"]
        assert pages[2] == []

    def test_it_is_private(self, visit, visitor):
        response = visit(visitor(1))
        assert "private" in response["Cache-Control"]
        assert "Cookie" in response["Vary"]

    def test_a_page_without_it_is_stored(self, visit, visitor):
        assert "max-age=600" in visit(visitor())["Cache-Control"]
        meanwhile.function = None
        assert TEXT in visit(visitor()).content.decode()


class TestTheTemplate:
    def test_is_one_dialog_one_script_and_one_stylesheet(self, reading):
        page = Parser(reading.html().content.decode())
        (script,) = page.named("script")
        assert script["src"].endswith("session_timeout/session_timeout.js")
        assert "defer" in script
        (link,) = page.named("link")
        assert link["href"].endswith("session_timeout/session_timeout.css")
        dialog = page.named("dialog")[0]
        assert dialog["role"] == "alertdialog"
        assert dialog["data-expires-in"] == "1800"
        assert dialog["data-status-url"] == "/session-timeout/status/"
        assert not page.named("style")

    def test_every_value_is_escaped(self, reading):
        path = "/during/?a='\"><script>alert(1)</script>&b=&quot;"
        html = reading.html(path).content.decode()
        assert "alert(1)</script>" not in html
        values = [i["value"] for i in Parser(html).named("input")]
        assert any(value.startswith("/during/?a='%22%3E%3Cs") for value in values)

    def test_also_where_the_project_has_switched_that_off(self, reading, settings):
        templates(settings)
        settings.TEMPLATES[0]["OPTIONS"]["autoescape"] = False
        assert "/during/?a=&#x27;" in reading.html("/during/?a='").content.decode()

    def test_a_project_has_its_own(self, reading, settings):
        own = "{{ extend_url }} {{ logout_url }}{{ activity }}"
        dialog = (
            "{% load session_timeout %}"
            "{% session_timeout activity=False logout_url='/bye/' %}"
        )
        templates(settings, **{"session_timeout/dialog.html": own, "page.html": dialog})
        html = reading.html(template="page.html").content.decode()
        assert html == "/session-timeout/extend/ /bye/False"


class TestTheLogout:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (None, "/logout/"),
            ("", ""),
            ("sign-out", "/sign-out/"),
            ("/bye/?a=1", "/bye/?a=1"),
            ("https://sso.example.com/out", "https://sso.example.com/out"),
        ],
    )
    def test_is_looked_for_or_given(self, reading, given, expected):
        assert reading.get(logout_url=given)["logout_url"] == expected

    def test_a_name_that_does_not_exist_is_an_error(self, reading):
        with pytest.raises(NoReverseMatch):
            reading.get(logout_url="no-such-name")

    def test_a_site_may_have_none(self, reading, settings):
        settings.ROOT_URLCONF = "tests.support.urls_without_logout"
        assert reading.get()["logout_url"] == ""


class TestTheAdmin:
    @pytest.mark.parametrize("site", ["admin", "back-office"])
    def test_by_one_template(self, reading, settings, site):
        own = (
            '{% extends "admin/base_site.html" %}{% load session_timeout %}'
            "{% block extrabody %}{% session_timeout %}{% endblock %}"
        )
        templates(settings, **{"admin/base_site.html": own})
        html = reading.browser.get(f"/{site}/").content.decode()
        page = Parser(html)
        assert page.named("dialog")[0]["data-expires-in"] == "1800"
        actions = [form["action"] for form in page.named("form") if "action" in form]
        assert "/session-timeout/extend/" in actions
        assert actions.count(f"/{site}/logout/") == 2
        assert "/logout/" not in actions
        reading.browser.post("/logout/")
        login_page = reading.browser.get(f"/{site}/login/").content.decode()
        assert "</html>" in login_page
        assert "<dialog" not in login_page


class TestTheNonce:
    def nonces(self, response):
        page = Parser(response.content.decode())
        return {e.get("nonce") for e in (*page.named("script"), *page.named("link"))}

    def test_there_is_none_without_a_policy(self, reading):
        assert self.nonces(reading.html()) == {None}

    def test_by_django_csp(self, reading, settings):
        from csp.constants import NONCE, SELF

        settings.MIDDLEWARE = ["csp.middleware.CSPMiddleware", *settings.MIDDLEWARE]
        directives = {"default-src": [SELF, NONCE]}
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
        page = Tag(reading.browser.twin())
        response = page.html()
        (nonce,) = self.nonces(response)
        assert f"'nonce-{nonce}'" in response.headers["Content-Security-Policy"]
        response = Tag(Browser(reading.browser.mode)).html()
        assert "nonce" not in response.headers["Content-Security-Policy"]

    def test_by_django(self, reading, settings):
        """Which has it since 6.0."""
        since = django.VERSION >= (6, 0)
        middleware = ["django.middleware.csp.ContentSecurityPolicyMiddleware"] * since
        settings.MIDDLEWARE = [*middleware, *settings.MIDDLEWARE]
        settings.SECURE_CSP = {"default-src": ["'self'", "<CSP_NONCE_SENTINEL>"]}
        processors = settings.TEMPLATES[0]["OPTIONS"]["context_processors"]
        processors = [*processors, *["django.template.context_processors.csp"] * since]
        options = {"context_processors": processors}
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "OPTIONS": options}]
        page = Tag(reading.browser.twin())
        response = page.html()
        (nonce,) = self.nonces(response)
        policy = response.headers.get("Content-Security-Policy", "")
        assert (f"'nonce-{nonce}'" in policy) == since == (nonce is not None)
        response = Tag(Browser(reading.browser.mode)).html()
        assert "nonce" not in response.headers.get("Content-Security-Policy", "")


class TestMisuse:
    def test_without_the_request_the_error_says_what_to_add(self):
        with pytest.raises(ImproperlyConfigured, match=r"context_processors\.request"):
            get_template("dialog.html").render({})

    def test_without_its_processor_the_request_is_found(self, reading, settings):
        backend = settings.TEMPLATES[0]
        settings.TEMPLATES = [{**backend, "OPTIONS": {"context_processors": []}}]
        assert b"<dialog" in reading.html().content

    def test_without_the_urls_the_error_says_what_to_add(self, reading, settings):
        settings.ROOT_URLCONF = "tests.support.urls_without_users"
        with pytest.raises(ImproperlyConfigured, match="include"):
            reading.html(path="/bare/during/")

    def test_a_visitor_without_a_session_never_meets_it(self, db, mode, settings):
        settings.ROOT_URLCONF = "tests.support.urls_without_users"
        response = Tag(Browser(mode)).html(path="/bare/during/")
        assert response.content.decode().strip() == TEXT

    def test_the_urls_of_the_request_count(self, reading, settings):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "tests.support.middleware.other_urls",
        ]
        page = Tag(reading.browser.twin())
        with pytest.raises(ImproperlyConfigured, match="include"):
            page.html(path="/bare/during/")


@pytest.mark.parametrize("jinja", [None, "only"])
def test_the_nonce_of_djangos_own_csp(reading, settings, jinja):
    has_csp = django.VERSION >= (6, 0)
    csp = ["django.middleware.csp.ContentSecurityPolicyMiddleware"] * has_csp
    settings.MIDDLEWARE = [*csp, *settings.MIDDLEWARE]
    settings.SECURE_CSP = {"script-src": ["'self'", "<CSP_NONCE_SENTINEL>"]}
    page, template = Tag(reading.browser.twin()), "dialog.html"
    if jinja:
        template = "page.html"
        templates(settings, jinja=jinja, **{template: "{{ session_timeout(request) }}"})
    response = page.html(template=template)
    (script,) = Parser(response.content.decode()).named("script")
    policy = response.headers.get("Content-Security-Policy", "")
    assert (f"'nonce-{script.get('nonce')}'" in policy) == has_csp


@pytest.mark.parametrize("getter", [0, 1])
def test_a_nonce_is_looked_for_in_the_request(rf, monkeypatch, getter):
    """As django-csp has it, then as Django has it."""
    request = rf.get("/")
    getters = [lambda request: None, lambda request: None]
    getters[getter] = lambda request: "found"
    monkeypatch.setattr(dialog, "NONCE_GETTERS", getters)
    assert dialog.find_nonce(request, None) == "found"
    assert dialog.find_nonce(request, "given") == "given"


class TestJinja2:
    PAGE = "<p>Text.</p>{{ session_timeout(request, nonce=csp_nonce) }}"

    @pytest.mark.parametrize("jinja", ["first", "only"])
    def test_it_is_a_function(self, reading, settings, jinja):
        templates(settings, jinja=jinja, **{"page.html": self.PAGE})
        html = reading.html(template="page.html", csp_nonce="a'b").content.decode()
        page = Parser(html)
        assert page.named("dialog")[0]["data-expires-in"] == "1800"
        assert page.named("script")[0]["nonce"] == "a'b"
        assert html.startswith(TEXT)

    @pytest.mark.parametrize("jinja", ["first", "only"])
    def test_nothing_is_nothing(self, db, mode, settings, jinja):
        templates(settings, jinja=jinja, **{"page.html": self.PAGE})
        html = Tag(Browser(mode)).html(template="page.html").content.decode()
        assert html == TEXT

    def test_the_projects_own_template_may_be_jinjas(self, reading, settings):
        own = {"session_timeout/dialog.html": "{{ announcements[0]['text'] | upper }}"}
        templates(settings, jinja="only", **own, **{"page.html": self.PAGE})
        html = reading.html(template="page.html").content.decode()
        assert html == f"{TEXT}YOUR SESSION WILL END IN 5 MINUTES."
