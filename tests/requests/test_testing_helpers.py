"""The helpers for the test suites of projects: they freeze nothing."""

import time
from itertools import pairwise

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction

from session_timeout import testing
from session_timeout.testing import get_record, make_idle, make_old


@pytest.fixture(autouse=True)
def clock():
    """The real clock."""


def helper(mode, name):
    if mode == "sync":
        return getattr(testing, name)
    return async_to_sync(getattr(testing, f"a{name}"))


@pytest.fixture(params=[False, True])
def signed_in(request, browser, engine, user):
    """A client that has logged in, in one way or the other, and perhaps gone on."""
    if request.param:
        browser.client.force_login(user)
    else:
        browser.login()
        browser.get("/page/")
    return browser


def test_a_session_is_made_idle(signed_in, mode):
    make_idle = helper(mode, "make_idle")
    make_idle(signed_in.client, seconds=1795)
    assert signed_in.user == "ada"
    record = make_idle(signed_in.client, seconds=1800)
    assert time.time() - record.last_activity == pytest.approx(1800, abs=60)
    assert signed_in.get("/page/").status_code == 302
    assert signed_in.user == "AnonymousUser"


def test_a_session_is_made_old(signed_in, mode, settings):
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 4 * 3600
    helper(mode, "make_old")(signed_in.client, seconds=4 * 3600 - 60)
    assert signed_in.user == "ada"
    helper(mode, "make_old")(signed_in.client, seconds=4 * 3600)
    assert signed_in.get("/page/").status_code == 302


def test_the_record_can_be_read(signed_in, mode):
    made = helper(mode, "make_idle")(signed_in.client, seconds=100)
    assert helper(mode, "get_record")(signed_in.client) == made


def test_a_session_without_a_record_has_one_that_begins_now(browser, engine):
    browser.set(cart="7")
    assert time.time() - get_record(browser.client).started_at < 60
    make_idle(browser.client, seconds=1800)
    assert browser.get("/read/").json() == {}


@pytest.mark.parametrize("call", [make_idle, make_old])
def test_without_a_session_it_says_so(browser, engine, call):
    with pytest.raises(ValueError, match="log in, or visit a page, first"):
        call(browser.client, seconds=1)


def test_every_helper_has_an_async_twin():
    names = sorted(testing.__all__, key=lambda name: (name.removeprefix("a"), name))
    for twin, name in list(pairwise(names))[::2]:
        assert twin == f"a{name}"
        assert iscoroutinefunction(getattr(testing, twin))
        assert not iscoroutinefunction(getattr(testing, name))
