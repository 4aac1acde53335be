"""What the manual says of Django's own sessions, and of the picture of them."""

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command

from docs.timeline import CLICKS, HOURS, LINES, picture
from tests.support.client import delete_setting
from tests.support.manual import ROOT
from tests.support.paths import OURS

pytestmark = pytest.mark.slow

HOUR = 3600
PICTURE = ROOT / "docs" / "images" / "timeline.svg"

SETTINGS = {
    "SESSION_COOKIE_AGE": {"SESSION_COOKIE_AGE": 3 * HOUR},
    "SESSION_SAVE_EVERY_REQUEST": {
        "SESSION_COOKIE_AGE": 3 * HOUR,
        "SESSION_SAVE_EVERY_REQUEST": True,
    },
    "SESSION_EXPIRE_SECONDS": {"SESSION_EXPIRE_SECONDS": 2 * HOUR},
    "… and an absolute limit": {
        "SESSION_EXPIRE_SECONDS": 2 * HOUR,
        "SESSION_EXPIRE_ABSOLUTE_SECONDS": 6 * HOUR,
    },
}
DJANGO = ("SESSION_COOKIE_AGE", "SESSION_SAVE_EVERY_REQUEST")


@pytest.fixture
def alone(settings):
    """Django without this package."""
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if path != OURS]


def apply(settings, changes):
    for name, value in changes.items():
        setattr(settings, name, value)


def signed_in(browser):
    return browser.get("/page/").content.startswith(b"user=ada")


def test_an_active_session_that_only_reads_ends_at_session_cookie_age(
    alone, browser, clock, settings
):
    settings.SESSION_COOKIE_AGE = HOUR
    browser.login()
    for _ in range(59):
        clock.tick(60)
        assert signed_in(browser)
    clock.tick(61)
    assert not signed_in(browser)


def test_a_write_by_the_application_begins_session_cookie_age_anew(
    alone, browser, clock, settings
):
    settings.SESSION_COOKIE_AGE = HOUR
    browser.login()
    clock.tick(HOUR - 60)
    browser.get("/write/?cart=7")
    clock.tick(HOUR - 60)
    assert signed_in(browser)


def test_save_every_request_never_ends_an_active_session(
    alone, browser, clock, settings
):
    settings.SESSION_COOKIE_AGE = HOUR
    settings.SESSION_SAVE_EVERY_REQUEST = True
    browser.login()
    for _ in range(48):
        clock.tick(HOUR - 60)
        browser.get("/poll/")
    assert signed_in(browser)


def test_save_every_request_sends_a_cookie_with_each_response(alone, browser, settings):
    browser.login()
    assert not browser.get("/").cookies
    settings.SESSION_SAVE_EVERY_REQUEST = True
    assert "sessionid" in browser.get("/").cookies


def test_expire_at_browser_close_leaves_the_session_in_the_store(
    alone, browser, clock, settings
):
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    browser.login()
    assert not browser.client.cookies["sessionid"]["max-age"]
    clock.tick(settings.SESSION_COOKIE_AGE - 60)
    assert signed_in(browser)


def test_an_expired_row_stays_until_clearsessions(alone, browser, clock, settings):
    settings.SESSION_COOKIE_AGE = HOUR
    browser.login()
    clock.tick(HOUR + 1)
    assert not signed_in(browser)
    assert Session.objects.count() == 1
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_the_default_of_django_is_two_weeks(settings):
    delete_setting(settings, "SESSION_EXPIRE_SECONDS")
    assert settings.SESSION_COOKIE_AGE == 14 * 24 * HOUR
    assert not settings.SESSION_SAVE_EVERY_REQUEST
    assert not settings.SESSION_EXPIRE_AT_BROWSER_CLOSE


def test_the_picture_is_the_one_that_the_script_draws():
    assert PICTURE.read_text("utf-8") == "\n".join(picture()) + "\n"


@pytest.mark.parametrize(
    ("name", "end", "why"), LINES, ids=[name for name, *_ in LINES]
)
def test_a_session_ends_where_the_picture_says(
    name, end, why, browser, clock, settings
):
    apply(settings, SETTINGS[name])
    settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 0
    if name in DJANGO:
        settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if path != OURS]
    browser.login()
    for hour in range(1, end):
        clock.tick(HOUR)
        if hour in CLICKS:
            browser.get("/write/?cart=7" if hour == 1 else "/")
    clock.tick(HOUR - 1)
    assert "_auth_user_id" in browser.session
    clock.tick(1)
    assert not signed_in(browser)
    assert end < HOURS
