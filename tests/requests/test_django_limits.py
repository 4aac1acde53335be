"""Promise 2: Django's own limits keep their meaning."""

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.support.client import entry_name, expired
from tests.support.views import meanwhile

HOUR = 3600  # seconds


class TestPromise2DjangosOwnLimits:
    @pytest.fixture(autouse=True)
    def two_hours(self, settings):
        settings.SESSION_COOKIE_AGE = 7200

    def minutes_of_life(self, browser, clock, expected):
        """How long a click every five minutes, and at last every one, finds it."""
        minutes = 0
        while True:
            step = 5 if minutes + 5 < expected else 1
            minutes += step
            clock.tick(60 * step)
            response = browser.get("/page/")
            if expired(response) or b"ada" not in response.content:
                return minutes

    def test_an_active_session_ends_at_cookie_age(self, browser, engine, clock):
        browser.login()
        assert self.minutes_of_life(browser, clock, 120) == 120

    def test_it_is_counted_from_the_applications_last_write(
        self, browser, engine, clock
    ):
        browser.login()
        for _ in range(12):
            clock.tick(300)
            browser.get("/page/")
        browser.get("/write/?a=1")
        assert self.minutes_of_life(browser, clock, 120) == 120

    @pytest.mark.parametrize("as_timedelta", [False, True])
    def test_set_expiry_is_not_prolonged(self, browser, engine, clock, as_timedelta):
        def shorten(request):
            request.session.set_expiry(timedelta(minutes=20) if as_timedelta else 1200)

        browser.login()
        meanwhile.function = shorten
        browser.get("/during/")
        assert self.minutes_of_life(browser, clock, 20) == 20

    def test_a_session_from_before_the_package_is_not_prolonged(
        self, browser, engine, clock, settings
    ):
        browser.login()
        session = browser.session
        del session[SESSION_TIMEOUT_KEY]
        session.save()
        browser.client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        cache.delete(entry_name(browser))
        clock.tick(HOUR)
        # That one does not say when it has saved: from the first request, 5 minutes on.
        expected = 125 if engine == "other" else 60
        assert self.minutes_of_life(browser, clock, expected) == expected

    def test_closing_the_browser_still_ends_it(self, browser, engine, clock, settings):
        settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
        browser.login()
        for _ in range(5):
            clock.tick(60)
            for path in ("/page/", "/write/?a=1", "/poll/"):
                cookie = browser.get(path).cookies.get("sessionid")
                assert not cookie or (cookie["max-age"], cookie["expires"]) == ("", "")

    @pytest.mark.parametrize("path", ["/page/", "/poll/?ada", "/public/"])
    def test_djangos_sliding_expiry_stays_sliding(
        self, browser, engine, clock, settings, path
    ):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        settings.SESSION_EXPIRE_SECONDS = None
        browser.login()
        for _ in range(9):
            clock.tick(1200)
            assert browser.get(path).status_code == 200
        assert browser.user == "ada"


def test_a_naive_site_works_as_well(browser, engine, clock, settings):
    settings.USE_TZ = False
    settings.TIME_ZONE = "Europe/Berlin"
    browser.login()
    assert browser.record.expires_at == time.time() + settings.SESSION_COOKIE_AGE
    clock.tick(1799)
    assert browser.user == "ada"
    assert browser.record.expires_at == time.time() - 1799 + settings.SESSION_COOKIE_AGE
    clock.tick(1800)
    assert expired(browser.get("/page/"))


def test_a_session_outlives_its_row_when_written_elsewhere(browser, clock, settings):
    """A write outside a request moves Django's limit; the row knows, and so do we."""
    browser.login()
    clock.tick(HOUR // 4)
    session = browser.session
    session["elsewhere"] = True
    session.save()
    clock.tick(60)
    browser.get("/")
    expected = (timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE - 60),)
    assert (browser.record.expires_at,) == tuple(e.timestamp() for e in expected)


def test_signed_cookies_end_at_cookie_age_whatever_set_expiry_says(
    browser, clock, settings
):
    """Django refuses a cookie signed longer ago; our signing again must not help."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.SESSION_COOKIE_AGE = 7200
    browser.login()
    meanwhile.function = lambda request: request.session.set_expiry(20000)
    browser.get("/during/")
    for _ in range(119):
        clock.tick(60)
        assert browser.user == "ada"
    clock.tick(60)
    assert expired(browser.get("/page/"))


@pytest.mark.parametrize("engine", ["cache"], indirect=True)
def test_a_lower_cookie_age_does_not_shorten_the_side_record(
    browser, engine, clock, settings
):
    browser.login()
    settings.SESSION_COOKIE_AGE = 600  # the session's own cache entry lives for longer
    clock.tick(60)
    assert browser.user == "ada"
    clock.tick(1799)
    assert browser.user == "ada"
