"""Long polls."""

import sys

import pytest

from tests.support.client import JSON, Browser

RECIPE = "Long polls"


@pytest.fixture
def polls(recipe, monkeypatch):
    """The recipe's module, which does not pause."""
    module = sys.modules["shop.polls"]
    monkeypatch.setattr(module, "PAUSE", 0)
    return module


@pytest.fixture
def look(polls, monkeypatch, clock):
    """What happens, by the number of the look for news; each takes a second."""
    happens, looks = {}, []

    async def find_news(user):
        looks.append(user.username)
        clock.tick(1)
        return happens.get(len(looks))

    monkeypatch.setattr(polls, "find_news", find_news)
    happens["looks"] = looks
    return happens


@pytest.fixture
def visitor(look, user):
    browser = Browser("async")
    browser.login()
    return browser


def poll(visitor, look):
    """Poll once; return the status, what is said, and how many seconds it took."""
    before = len(look["looks"])
    response = visitor.get("/news/", **JSON)
    return response.status_code, response.json(), len(look["looks"]) - before


def test_it_answers_as_soon_as_there_is_news(visitor, look):
    look[3] = "a price"
    assert poll(visitor, look) == (200, {"news": "a price"}, 3)
    assert set(look["looks"]) == {"ada"}


def test_it_answers_without_news_before_a_proxy_gives_up(visitor, look, polls):
    assert poll(visitor, look) == (200, {"news": None}, polls.LONGEST)


def test_it_ends_when_its_session_would_and_the_next_is_refused(visitor, look, clock):
    clock.tick(1790)
    assert poll(visitor, look) == (200, {"news": None}, 10)
    status, said, seconds = poll(visitor, look)
    assert (status, said["reason"], seconds) == (401, "idle", 0)


def test_polling_keeps_no_session_alive(visitor, look, polls, settings):
    settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 1
    before = visitor.record
    for _ in range(1800 // polls.LONGEST):
        assert poll(visitor, look)[0] == 200
        assert visitor.record == before
    assert poll(visitor, look)[0] == 401


def test_it_goes_on_while_the_session_is_used(visitor, look, clock):
    clock.tick(1790)
    visitor.get("/page/")
    assert poll(visitor, look) == (200, {"news": None}, 25)


def test_the_poll_after_a_logout_is_refused(visitor, look):
    visitor.twin().post("/logout/")
    assert poll(visitor, look) == (401, {"detail": "Please sign in."}, 0)
