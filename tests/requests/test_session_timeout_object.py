"""request.session_timeout: what a view and a template are told."""

import pytest
from django.template import Context, Template
from django.test import override_settings

from session_timeout.browser.dialog import dialog_context
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.policy import Limits
from tests.support.client import PASSIVE, Browser, Page
from tests.support.paths import OURS
from tests.support.views import meanwhile


def told(browser, path="/during/", before=None, **headers):
    """Return expires_in, reason and can_extend, as the view of a request sees them."""
    found = []

    def look(request):
        if before:
            before(request)
        of = request.session_timeout
        found.extend([of.expires_in, of.reason, of.can_extend, of.expired])

    meanwhile.function = look
    assert browser.get(path, **headers).status_code == 200
    *left, expired = found
    assert expired is None
    return left


NOTHING = [None, None, False]


def test_without_a_session_there_is_nothing_to_tell(browser, engine):
    assert told(browser) == NOTHING


def test_it_tells_how_long_the_session_lasts(browser, engine, clock):
    browser.login()
    assert told(browser) == [1800, "idle", True]
    clock.tick(29)
    assert told(browser) == [1771, "idle", True]
    clock.tick(100)
    assert told(browser) == [1800, "idle", True]


def test_a_passive_request_is_told_what_is_left(browser, engine, clock):
    browser.login()
    clock.tick(600)
    assert told(browser, **PASSIVE) == [1200, "idle", True]


def test_it_agrees_with_the_status(browser, engine, clock, settings):
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 2000
    browser.login()
    clock.tick(1500)
    expires_in, reason, can_extend = told(browser)
    assert (expires_in, reason, can_extend) == (500, "absolute", False)
    status = Page(browser).status()
    assert [status["expires_in"], status["reason"]] == [expires_in, reason]
    assert status["can_extend"] is can_extend


def test_it_follows_a_login_and_a_logout_within_the_request(browser, engine, user):
    def begin(request):
        request.session["cart"] = "7"

    def end(request):
        request.session.flush()

    assert told(browser, before=begin) == [1800, "idle", True]
    assert told(browser, before=end) == NOTHING


@override_settings(SESSION_EXPIRE_SECONDS=None, SESSION_COOKIE_AGE=1000)
def test_without_a_limit_of_ours_it_tells_djangos(browser, engine):
    browser.login()
    assert told(browser) == [1000, "cookie_age", False]


@pytest.mark.parametrize("path", ["/exempt/during/", "/during/"])
def test_an_exempt_request_is_told_by_what_the_session_says(
    browser, engine, clock, settings, path
):
    settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/during/"]
    browser.login()
    clock.tick(10)
    assert told(
        browser, path=path, before=lambda request: request.session.get("x")
    ) == [
        1790,
        "idle",
        True,
    ]


def test_the_request_that_finds_the_session_ended_is_told_why(
    browser, engine, clock, settings
):
    settings.SESSION_TIMEOUT_HANDLER = "tests.support.callables.go_on"
    browser.login()
    clock.tick(1800)
    found = []
    meanwhile.function = lambda request: found.append(request.session_timeout)
    assert browser.get("/during/").status_code == 200
    assert found[0].expired.reason == "idle"
    assert found[0].expired.user_id is not None
    assert (found[0].expires_in, found[0].reason, found[0].can_extend) == (
        None,
        None,
        False,
    )
    assert told(browser) == NOTHING


def test_a_redirect_callable_can_use_it(browser, engine, clock, settings):
    settings.SESSION_TIMEOUT_REDIRECT = lambda request: (
        f"/login/?why={request.session_timeout.expired.reason}"
    )
    browser.login()
    clock.tick(1800)
    assert browser.get("/page/").url == "/login/?why=idle"


def test_a_template_can_use_it(browser, engine):
    text = (
        "{{ request.session_timeout.expires_in }} {{ request.session_timeout.reason }}"
    )
    rendered = []

    def render(request):
        rendered.append(Template(text).render(Context({"request": request})))

    browser.login()
    meanwhile.function = render
    browser.get("/during/")
    assert rendered == ["1800.0 idle"]


def test_it_reads_nothing(db, user, settings, clock, django_assert_num_queries):
    browser = Browser("sync")
    browser.login()
    clock.tick(10)

    def look(request):
        with django_assert_num_queries(0):
            assert request.session_timeout.expires_in == 1790

    meanwhile.function = look
    assert browser.get("/during/").status_code == 200


def test_a_subclass_whose_limits_are_not_known_yet_is_not_guessed_at(
    db, user, settings
):
    settings.MIDDLEWARE = [
        f"{__name__}.Hundred" if path == OURS else path for path in settings.MIDDLEWARE
    ]

    def begin(request):
        request.session["cart"] = "7"

    browser = Browser("sync")
    assert told(browser, before=begin) == NOTHING
    assert told(browser) == [100, "idle", True]


class Hundred(SessionTimeoutMiddleware):
    def get_limits(self, request):
        return Limits(100)


def test_the_dialog_is_about_the_session_that_the_view_has_put_there(browser, engine):
    found = []

    def replace(request):
        request.session = type(request.session)()
        request.session["cart"] = "7"
        found.append(dialog_context(request, True, None, None))

    meanwhile.function = replace
    assert browser.get("/during/").status_code == 200
    assert found[0]["expires_in"] == "1800"
