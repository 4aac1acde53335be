"""Faults: none gives a visitor a 500 that Django alone would not, none loses a write,
none lets an idle session live.
"""

import os
import time
from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from session_timeout import entries
from session_timeout.memory import Memory
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.conftest import Browser, Hook

HOUR, YEAR = 3600, 365 * 24 * 3600


def expired(response):
    return response.status_code == 302 and response.url.startswith("/login/")


between = Hook()


class TestBetweenLoadAndStamp:
    """The limit is asked for after the load: a callable is where others can act."""

    @pytest.fixture(autouse=True)
    def limit(self, settings):
        settings.SESSION_EXPIRE_SECONDS = between
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 30
        yield
        between.function = None

    def test_the_session_is_deleted(self, browser, engine, clock):
        browser.login()
        key = browser.key
        clock.tick(60)
        between.function = lambda request: type(request.session)(key).delete()
        assert browser.get("/").status_code == 200
        if engine != "signed_cookies":
            browser.client.cookies["sessionid"] = key
            assert browser.user == "AnonymousUser"

    def test_the_session_is_changed(self, browser, engine, clock):
        browser.login()
        clock.tick(60)

        def change(request):
            session = browser.session
            session["kept"] = "yes"
            session.save()

        between.function = change
        assert browser.get("/").status_code == 200
        if engine != "signed_cookies":
            assert browser.get("/read/").json() == {"kept": "yes"}
        assert browser.record.last_activity == time.time()

    def test_the_cache_is_flushed(self, browser, engine, clock):
        browser.login()
        clock.tick(60)
        between.function = lambda request: cache.clear()
        assert browser.get("/").status_code == 200
        assert browser.user == ("AnonymousUser" if engine == "cache" else "ada")
        clock.tick(1800)
        assert browser.get("/read/", Accept="application/json").status_code in {
            200,
            401,
        }
        assert browser.user == "AnonymousUser"

    def test_the_stamp_is_slow_to_decide(self, browser, engine, clock):
        browser.login()
        clock.tick(60)
        between.function = lambda request: clock.tick(100)
        assert browser.get("/").status_code == 200
        assert browser.record.last_activity == time.time()


class TestClocks:
    @pytest.mark.parametrize("jump", [-YEAR, -HOUR, HOUR, YEAR])
    def test_a_clock_that_jumps_fails_no_request(self, browser, engine, clock, jump):
        browser.login()
        clock.tick(60)
        browser.get("/write/?kept=yes")
        clock.tick(jump)
        response = browser.get("/page/")
        alive = jump < 0
        assert expired(response) or response.status_code == 200
        assert (b"ada" in response.content) is alive
        if alive:
            assert browser.get("/read/").json() == {"kept": "yes"}
            clock.tick(1799)
            assert browser.get("/poll/").status_code == 200
            clock.tick(1)
            assert expired(browser.get("/page/"))

    @pytest.mark.parametrize("ahead", [5, 120, 600])
    def test_two_servers_whose_clocks_differ(
        self, mode, user, engine, clock, ahead, monkeypatch
    ):
        browser = Browser(mode)
        memories = [Memory(10), Memory(10)]

        def visit(server, path):
            """Let one of the servers answer; each has its own clock and memory."""
            monkeypatch.setattr(entries, "memory", memories[server])
            clock.tick(server * ahead)
            response = browser.get(path)
            clock.tick(-server * ahead)
            return response

        browser.login()
        for minute in range(120):
            clock.tick(60)
            assert visit(minute % 2, "/page/").content.startswith(b"user=ada")
        clock.tick(1800 + ahead)
        assert expired(visit(0, "/poll/"))

    @pytest.mark.parametrize("use_tz", [True, False])
    @pytest.mark.parametrize("night", [(3, 29), (10, 25)])
    def test_a_night_in_which_the_clocks_change(
        self, browser, engine, clock, settings, use_tz, night
    ):
        settings.TIME_ZONE = "Europe/Berlin"
        settings.USE_TZ = use_tz
        clock.move_to(datetime(2026, *night, 0, 10, tzinfo=UTC))
        browser.login()
        for _ in range(5):
            clock.tick(1799)
            assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))


class TestSerializers:
    def test_another_serializer(self, browser, engine, clock, settings):
        settings.SESSION_SERIALIZER = "tests.serializers.PickleSerializer"
        browser.login()
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    @pytest.mark.parametrize("engine_", ["db", "cached_db"])
    def test_data_that_cannot_be_decoded(self, browser, clock, settings, engine_):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine_}"
        browser.login()
        Session.objects.update(session_data="not decodable")
        cache.clear()
        clock.tick(60)
        assert browser.get("/").status_code == 200
        assert Session.objects.get().session_data == "not decodable"
        assert browser.user == "AnonymousUser"


numbers = st.floats() | st.integers() | st.sampled_from([0, 1, 1e9, 1.7e9, 1e308])
junk = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
fields = ["started_at", "last_activity", "expires_at"]
stamps = st.fixed_dictionaries(dict.fromkeys(fields, numbers)) | (
    st.fixed_dictionaries({}, optional=dict.fromkeys([*fields, "x"], junk)) | junk
)


@pytest.fixture
def cache_engine(settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"


@settings(
    max_examples=int(os.environ.get("SESSION_TIMEOUT_TESTS_STAMPS", "500")),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stamp=stamps)
def test_hostile_stamps(cache_engine, db, stamp):
    """No 500, and no session that outlives its limit. CI tries 10,000."""
    browser = Browser("sync")
    browser.set(cart="7", **{SESSION_TIMEOUT_KEY: stamp})
    first, second = (browser.get("/read/").json() for _ in range(2))
    assert first in ({"cart": "7"}, {})
    assert second == first
    if first:
        assert browser.record.last_activity > time.time() - 1800
