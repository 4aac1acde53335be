"""Limits per role, by the user and by what the login notes in the session."""

import pytest
from django.contrib.auth.signals import user_logged_in
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.paths import OURS

RECIPE = "Limits per role"


@pytest.fixture(params=["user", "session"])
def site(request, visitor, settings):
    """A site that asks the user, or one that asks the session, before the user."""
    if request.param == "session":
        others = [name for name in settings.MIDDLEWARE if name != OURS]
        settings.MIDDLEWARE = [others[0], OURS, *others[1:]]
        settings.SESSION_EXPIRE_SECONDS = "shop.roles.idle_limit"
    return visitor


@pytest.fixture(autouse=True)
def no_receiver_left():
    yield
    user_logged_in.disconnect(dispatch_uid="shop.roles")


@pytest.mark.parametrize(("username", "limit"), [("ada", 300), ("bob", 1800)])
def test_each_role_has_its_limit(site, clock, username, limit):
    site.login(username)
    clock.tick(limit - 1)
    assert site.user == username
    clock.tick(limit)
    assert site.get("/page/").url == "/login/?next=/page/"


def test_a_visitor_has_one_too(site, clock):
    site.get("/write/?basket=1")
    clock.tick(1799)
    assert site.get("/read/").json() == {"basket": "1"}
    clock.tick(1800)
    assert site.get("/read/").json() == {}


def queries(browser, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        browser.get(path)
    return len(captured)


def test_the_user_is_loaded_once(visitor, settings):
    visitor.login()
    asked = queries(visitor, "/page/"), queries(visitor, "/")
    settings.SESSION_EXPIRE_SECONDS = 1800
    assert asked[0] == queries(visitor, "/page/")
    assert asked[1] == queries(visitor, "/") + 1


def test_what_the_session_says_needs_no_query(site, settings):
    site.login()
    by_session = settings.SESSION_EXPIRE_SECONDS == "shop.roles.idle_limit"
    asked = queries(site, "/")
    settings.SESSION_EXPIRE_SECONDS = 1800
    assert asked - queries(site, "/") == int(not by_session)
