"""Server-sent events."""

import sys

import pytest
from asgiref.sync import async_to_sync

from tests.support.client import Browser
from tests.support.paths import MEANWHILE
from tests.support.views import meanwhile

RECIPE = "Server-sent events"
EVENT = b"data: 42\n\n"
# What EventSource sends.
HEADERS = {"Accept": "text/event-stream", "Sec_Fetch_Mode": "cors"}


@pytest.fixture
def visitor(recipe, user, monkeypatch):
    monkeypatch.setattr(sys.modules["shop.streams"], "PAUSE", 0)
    browser = Browser("async")
    browser.login()
    return browser


def read(visitor, clock, *pauses):
    """Open the stream; return the event after each of the pauses (seconds), or None."""
    response = visitor.get("/prices/", **HEADERS)
    assert response.status_code == 200

    async def events():
        stream, found = aiter(response.streaming_content), []
        for seconds in pauses:
            clock.tick(seconds)
            found.append(await anext(stream, None))
        return found

    return async_to_sync(events)()


def test_a_stream_ends_when_its_session_would(visitor, clock):
    clock.tick(100)
    visitor.get("/page/")
    clock.tick(60)
    assert read(visitor, clock, 0, 1739.9, 0.1) == [EVENT, EVENT, None]
    assert visitor.get("/prices/", **HEADERS).status_code == 401


def test_it_goes_on_anew_if_the_session_has_been_used(visitor, clock):
    clock.tick(1000)
    visitor.get("/page/")
    clock.tick(800)
    assert read(visitor, clock, 0, 999.9, 0.1) == [EVENT, EVENT, None]


def test_a_visitor_without_a_session_has_an_hour(recipe, clock, visitor):
    assert read(Browser("async"), clock, 3599.9, 0.1) == [EVENT, None]


def test_a_stream_that_begins_at_the_end_sends_nothing(visitor, clock, settings):
    clock.tick(1790)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MEANWHILE]
    visitor = visitor.twin()
    meanwhile.function = lambda request: clock.tick(10)
    assert read(visitor, clock, 0) == [None]
