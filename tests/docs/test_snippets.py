"""The manual's examples of Python, run as they stand there.

The tutorial and the recipes have tests of their own; migrating and operation, for all
that is not here.
"""

import re
import sys
import unittest
from pathlib import Path
from types import ModuleType

import pytest
from django.urls import include, path

from session_timeout.browser import session_timeout
from session_timeout.checks import (
    ALL_CHECKS,
    check_profiles,
    check_settings,
    check_urls,
)
from session_timeout.signals import session_expired
from tests.support import urls, views
from tests.support.manual import TEXTS
from tests.support.paths import OURS
from tests.support.views import meanwhile

PAGES = (
    *("README.md", "index", "quickstart", "settings", "api", "compliance"),
    *("operating", "checks", "choosing-limits"),
)
BLOCK = re.compile(
    r"^```python\n(?:# (\S+)\.py\n)?(.*?)^```$", re.DOTALL | re.MULTILINE
)


def blocks(page):
    """Return the examples of a page: the file that each is of, if any, and the code."""
    return BLOCK.findall(TEXTS.get(page) or TEXTS[f"docs/{page}.md"])


SETTINGS = [
    pytest.param(page, code, id=f"{page}-{number}")
    for page in PAGES
    for number, (name, code) in enumerate(blocks(page))
    if not name
]
ELSEWHERE = {
    "docs/backends.md",
    "docs/browser.md",
    "docs/deploying.md",
    "docs/recipes.md",
    "docs/tutorial.md",
}
FILES = [
    (page, name, code)
    for page in (*PAGES, "migrating")
    for name, code in blocks(page)
    if name
]


@pytest.fixture
def load(monkeypatch):
    """Make a file of a page importable; return it, or one of the others of its name."""

    def load(page, name, number=0):
        found = [code for *where, code in FILES if where == [page, name]]
        module = ModuleType(name.replace("/", "."))
        package = module.__name__.rpartition(".")[0]
        if package:
            monkeypatch.setitem(sys.modules, package, ModuleType(package))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(found[number], f"{name}.py", "exec"), vars(module))
        return module

    return load


@pytest.fixture
def routes(monkeypatch, settings):
    """The URL patterns of a site that has what the examples name."""
    site = ModuleType("snippet_urls")
    site.urlpatterns = [
        path("accounts/", views.page),
        path("kiosk/", views.page),
        path("", include(([path("away/", views.page, name="timed-out")], "accounts"))),
        path("", include(([path("unread/", views.page, name="unread")], "inbox"))),
        path("", include(([path("imprint/", views.page, name="imprint")], "public"))),
        *urls.urlpatterns,
    ]
    monkeypatch.setitem(sys.modules, "snippet_urls", site)
    settings.ROOT_URLCONF = "snippet_urls"
    return site.urlpatterns


@pytest.fixture
def after_auth(settings):
    """Put a middleware, ours unless another is named, after Django's of the user."""

    def put(name=OURS):
        middleware = [item for item in settings.MIDDLEWARE if item != OURS]
        settings.MIDDLEWARE = [*middleware, name]

    return put


def goes_on(browser, clock, seconds, path="/page/"):
    """Return whether the session outlives so much idle time."""
    browser.login()
    clock.tick(seconds)
    return browser.get(path).status_code == 200


def test_no_page_is_left_out():
    pages = {name for name, text in TEXTS.items() if BLOCK.search(text)}
    here = {"README.md", *(f"docs/{page}.md" for page in (*PAGES[1:], "migrating"))}
    assert pages == here | ELSEWHERE


@pytest.mark.parametrize(
    "code",
    [
        code
        for page in ("checks", "choosing-limits")
        for name, code in blocks(page)
        if not name
    ],
)
def test_what_the_manual_says_to_write_satisfies_all_checks(
    code, settings, routes, load
):
    load("settings", "accounts/views")
    values = {}
    exec(code, values)
    apps = {*settings.INSTALLED_APPS, *values.pop("INSTALLED_APPS", ())}
    settings.INSTALLED_APPS = sorted(apps)
    for name in filter(str.isupper, values):
        setattr(settings, name, values[name])
    assert [message for check in ALL_CHECKS for message in check()] == []


@pytest.mark.parametrize(("page", "code"), SETTINGS)
def test_settings_are_right(page, code, settings, routes, load, browser):
    load("compliance", "accounts/policy")
    load("settings", "accounts/limits")
    load("settings", "accounts/views")
    values = {"BASE_DIR": Path(__file__).parent}
    exec(code, values)
    apps = {*settings.INSTALLED_APPS, *values.pop("INSTALLED_APPS", ())}
    settings.INSTALLED_APPS = sorted(apps)
    for name in filter(str.isupper, values):
        setattr(settings, name, values[name])
    assert [*check_settings(), *check_urls()] == []
    assert browser.get("/").status_code == 200


class TestLimits:
    @pytest.mark.parametrize("number", [0, 1])
    def test_they_depend_on_the_role(
        self, number, load, settings, after_auth, browser, clock
    ):
        limits = load("settings", "accounts/limits", number)
        settings.SESSION_EXPIRE_SECONDS = limits.idle_limit
        after_auth()
        assert goes_on(browser, clock, 15 * 60 - 1)
        assert not goes_on(browser, clock, 15 * 60)
        browser.login("bob")
        clock.tick(2 * 60 * 60 - 1)
        assert browser.user == "bob"
        clock.tick(2 * 60 * 60)
        assert browser.get("/page/").status_code == 302

    def test_they_depend_on_the_path(
        self, load, settings, routes, after_auth, browser, clock
    ):
        limits = load("settings", "accounts/limits")
        settings.SESSION_EXPIRE_SECONDS = limits.idle_limit
        after_auth()
        assert goes_on(browser, clock, 119, "/kiosk/")
        assert not goes_on(browser, clock, 120, "/kiosk/")


class TestResponses:
    def test_redirect_tells_where_the_visitor_was(
        self, load, settings, routes, browser, clock
    ):
        redirects = load("settings", "accounts/redirects")
        settings.SESSION_TIMEOUT_REDIRECT = redirects.timed_out
        browser.login()
        clock.tick(1800)
        assert browser.get("/page/").headers["Location"] == "/away/?from=%2Fpage%2F"

    def test_handler_renders_a_page(self, load, settings, tmp_path, browser, clock):
        handler = load("settings", "accounts/views").timed_out
        (tmp_path / "timed_out.html").write_text("{{ reason }} {{ back }}")
        (own,) = settings.TEMPLATES
        settings.TEMPLATES = [{**own, "DIRS": [*own["DIRS"], tmp_path]}]
        settings.SESSION_TIMEOUT_HANDLER = handler
        browser.login()
        clock.tick(1800)
        response = browser.get("/page/?a=1")
        assert response.status_code == 401
        assert response.content == b"idle /page/?a=1"

    def test_handler_lets_the_request_go_on(self, load, settings, browser, clock):
        settings.SESSION_TIMEOUT_HANDLER = load("migrating", "accounts/views").go_on
        browser.login()
        clock.tick(1800)
        assert browser.user == "AnonymousUser"


class TestMiddleware:
    def test_limits_depend_on_the_path(self, load, routes, after_auth, browser, clock):
        load("api", "accounts/middleware")
        after_auth("accounts.middleware.TimeoutMiddleware")
        assert goes_on(browser, clock, 1799)
        assert not goes_on(browser, clock, 120, "/kiosk/")
        assert goes_on(browser, clock, 119, "/kiosk/")

    def test_what_is_posted_is_activity(self, load, after_auth, browser, clock):
        load("api", "accounts/middleware")
        after_auth("accounts.middleware.TimeoutMiddleware")
        browser.login()
        before = browser.record
        clock.tick(600)
        browser.get("/page/", X_Session_Passive="1")
        assert browser.record == before
        browser.post("/page/", X_Session_Passive="1")
        assert browser.record.last_activity == before.last_activity + 600

    def test_response_tells_the_reason(self, load, after_auth, browser, clock):
        load("api", "accounts/middleware")
        after_auth("accounts.middleware.TimeoutMiddleware")
        browser.login()
        clock.tick(1800)
        assert browser.get("/page/").headers["X-Session-Ended"] == "idle"

    def test_coroutine_asks_for_the_user(self, load, after_auth, browser, clock):
        load("api", "accounts/middleware", 1)
        after_auth("accounts.middleware.TimeoutMiddleware")
        assert goes_on(browser, clock, 899)
        assert not goes_on(browser, clock, 900)
        browser.login("bob")
        clock.tick(1799)
        assert browser.user == "bob"


def test_receiver_releases_locks(load, browser, clock, user, capsys):
    module = load("api", "accounts/receivers")
    browser.login()
    browser.set(locks=["the safe"])
    clock.tick(1800)
    browser.get("/page/")
    session_expired.disconnect(module.release_locks)
    assert capsys.readouterr().out == f"{user.pk} no longer holds the safe\n"


@pytest.mark.parametrize(
    ("page", "name"), [("quickstart", "unread_messages"), ("api", "progress")]
)
def test_view_is_passive(page, name, load, routes, browser, clock):
    view = getattr(load(page, "inbox/views"), name)
    routes.insert(0, path("ask/", view))
    browser.login()
    before = browser.record
    clock.tick(600)
    assert browser.get("/ask/").status_code == 200
    assert browser.record == before
    clock.tick(1200)
    assert browser.get("/ask/").status_code == 302


def test_view_is_exempt(load, routes, browser, clock):
    routes.insert(0, path("health/", load("api", "inbox/views").Health.as_view()))
    browser.login()
    clock.tick(1800)
    assert browser.get("/health/").content == b"ok"
    assert browser.get("/page/").status_code == 302


@pytest.mark.parametrize("page", ["api", "checks"])
def test_urls_are_those_of_the_status(page, load, settings, browser):
    load(page, "urls")
    settings.ROOT_URLCONF = "urls"
    assert browser.get("/session-timeout/status/").json()["active"] is False


def test_jinja_renders_the_dialog(load, rf, settings):
    environment = load("api", "jinja").environment()
    (call,) = re.findall(r"```html\+jinja\n(.*?)```", TEXTS["docs/api.md"], re.DOTALL)
    assert environment.globals["session_timeout"] is session_timeout
    assert environment.from_string(call).render(request=rf.get("/")) == ""


@pytest.mark.parametrize(
    ("page", "name", "count"),
    [("quickstart", "mysite/tests", 1), ("api", "accounts/tests", 4)],
)
def test_tests_pass(page, name, count, load, routes, db, settings):
    module = load(page, name)
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
    assert not result.errors + result.failures
    assert result.testsRun == count


def test_profile_is_held_against_the_limits(load, settings):
    load("compliance", "accounts/policy")
    settings.SESSION_TIMEOUT_PROFILES = ["accounts.policy.staff_profile"]
    settings.SESSION_EXPIRE_SECONDS = 10 * 60
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 8 * 60 * 60
    assert check_profiles() == []
    settings.SESSION_EXPIRE_SECONDS = 10 * 60 + 1
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 8 * 60 * 60 + 1
    idle, absolute = (error.msg for error in check_profiles())
    assert "(Security handbook of Example Ltd, 4.2): the idle limit shall be" in idle
    assert (
        "(Security handbook of Example Ltd, 4.3): the absolute limit should be"
        in absolute
    )


def test_a_view_tells_how_long_the_session_lasts(load, browser, clock):
    def told():
        meanwhile.function = load("api", "shop/views").cart
        return browser.get("/during/").content

    assert told() == b"Your cart is empty."
    browser.get("/write/?cart=7")
    assert told() == b"Your cart is kept for 1800 seconds."
    clock.tick(1800)
    assert told() == b"Your cart was emptied while you were away."
