"""A checkbox "Remember me" on the login form."""

import pytest

pytestmark = pytest.mark.slow

RECIPE = "Remember me"
DAY = 24 * 60 * 60
LOGIN = {"username": "ada", "password": "secret"}


@pytest.fixture
def remembered(visitor, engine):
    visitor.post("/sign-in/", {**LOGIN, "remember": "on"})
    return visitor


@pytest.fixture
def forgotten(visitor, engine):
    visitor.post("/sign-in/", LOGIN)
    return visitor


def test_a_remembered_session_may_be_idle_for_days(remembered, clock):
    clock.tick(13 * DAY)
    assert remembered.user == "ada"


def test_its_cookie_says_how_long(remembered, settings):
    cookie = remembered.client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == 30 * DAY


def test_another_session_ends_when_it_is_idle(forgotten, clock):
    clock.tick(1799)
    assert forgotten.user == "ada"
    clock.tick(1800)
    assert forgotten.get("/page/").url == "/sign-in/?next=/page/"


def test_its_cookie_ends_with_the_browser(forgotten, settings):
    cookie = forgotten.client.cookies[settings.SESSION_COOKIE_NAME]
    assert not cookie["max-age"]
    assert not cookie["expires"]


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "file"], indirect=True)
def test_djangos_limit_ends_a_remembered_session_in_use(remembered, clock):
    for _ in range(29):
        clock.tick(DAY)
        assert remembered.user == "ada"
    clock.tick(DAY)
    assert remembered.user == "AnonymousUser"


def test_the_absolute_limit_ends_it_too(remembered, clock, settings):
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 2 * DAY
    clock.tick(2 * DAY)
    assert remembered.get("/page/").url == "/sign-in/?next=/page/"
