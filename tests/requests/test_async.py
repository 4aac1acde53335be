"""Under ASGI: no thread of our own where Django has an async way."""

import pytest
from asgiref.sync import SyncToAsync

from tests.support.client import Browser
from tests.support.paths import OURS


@pytest.fixture
def hops(monkeypatch):
    """The functions that have been run in a thread."""
    seen = []
    real = SyncToAsync.__call__

    async def count(self, *args, **kwargs):
        seen.append(self.func)
        return await real(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", count)
    return seen


@pytest.fixture
def hops_of(hops, user, settings):
    """How many functions a visit runs in a thread, with our middleware or without."""

    def visit(path, clock, seconds, *, without=False, method="get", **headers):
        browser = Browser("async")
        browser.client.force_login(user)
        clock.tick(seconds)
        if without:
            others = [path for path in settings.MIDDLEWARE if path != OURS]
            settings.MIDDLEWARE = others
        hops.clear()
        getattr(browser, method)(path, **headers)
        return len(hops)

    return visit


@pytest.mark.parametrize("seconds", [0, 60])
@pytest.mark.parametrize("path", ["/async/", "/async/poll/", "/async/public/"])
@pytest.mark.parametrize("engine", ["file", "signed_cookies"], indirect=True)
def test_an_engine_without_threads_gets_none(engine, hops_of, clock, path, seconds):
    ours = hops_of(path, clock, seconds)
    assert ours == hops_of(path, clock, seconds, without=True)


def test_between_stamps_the_session_is_loaded_once(engine, hops_of, clock):
    ours = hops_of("/async/", clock, 0)
    assert ours == hops_of("/async/", clock, 0, without=True)


def test_an_exempt_path_adds_none(engine, hops_of, clock, settings):
    settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/async/poll/"]
    ours = hops_of("/async/poll/", clock, 60)
    assert ours == hops_of("/async/poll/", clock, 60, without=True)


def test_a_visitor_without_a_session_adds_none(hops, db, settings):
    counts = []
    for middleware in (settings.MIDDLEWARE, settings.MIDDLEWARE[:1]):
        settings.MIDDLEWARE = [p for p in middleware if "Session" in p]
        hops.clear()
        Browser("async").get("/async/poll/")
        counts.append(len(hops))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("engine", ["file", "signed_cookies"], indirect=True)
def test_an_expired_session_adds_none_for_its_response(
    engine, hops_of, clock, settings
):
    """What remains are receivers of Django's signals, and the query for the user."""
    settings.SESSION_TIMEOUT_REDIRECT = "/timeout/"
    ours = hops_of("/async/", clock, 1800)
    alone = hops_of("/sign-out/", clock, 0, without=True)
    assert ours <= alone


@pytest.mark.parametrize("seconds", [0, 60, 1800])
@pytest.mark.parametrize(("url", "method"), [("status", "get"), ("extend", "post")])
@pytest.mark.parametrize("engine", ["file", "signed_cookies"], indirect=True)
def test_what_a_page_asks_adds_the_thread_of_its_view(
    engine, hops_of, clock, seconds, url, method
):
    path = f"/session-timeout/{url}/"
    ours = hops_of(path, clock, seconds, method=method, Accept="application/json")
    if seconds < 1800:
        assert ours == 1 + hops_of("/async/poll/", clock, 0, without=True)
    else:  # the logout
        assert ours <= 1 + hops_of("/sign-out/", clock, 0, without=True)


async def coroutine_limit(request):
    return 1800


@pytest.mark.parametrize("seconds", [0, 60])
@pytest.mark.parametrize("engine", ["file", "signed_cookies"], indirect=True)
def test_a_coroutine_function_as_a_limit_needs_none(
    engine, hops_of, clock, settings, seconds
):
    settings.SESSION_EXPIRE_SECONDS = coroutine_limit
    ours = hops_of("/async/", clock, seconds)
    assert ours == hops_of("/async/", clock, seconds, without=True)
