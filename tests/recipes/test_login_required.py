"""LoginRequiredMiddleware."""

import pytest

RECIPE = "LoginRequiredMiddleware"


def test_an_expired_visitor_sees_the_page_for_it(visitor, clock):
    visitor.login()
    clock.tick(1800)
    ended = visitor.get("/page/")
    assert ended.url == "/timed-out/"
    page = visitor.get(ended.url)
    assert page.content == b"You have been away for a while."


@pytest.mark.parametrize("path", ["/timed-out/", "/login/"])
def test_open_pages_are_shown_though_the_session_has_ended(visitor, clock, path):
    visitor.login()
    clock.tick(1800)
    followed = visitor.get(path)
    while followed.status_code == 302:
        assert path != followed.url
        path = followed.url
        followed = visitor.get(path)
    assert followed.status_code == 200


def test_without_a_page_for_it_the_login_page_is_shown(visitor, clock, settings):
    settings.SESSION_TIMEOUT_REDIRECT = None
    visitor.login()
    clock.tick(1800)
    ended = visitor.get("/page/")
    assert ended.url == "/login/?next=/page/"
    assert visitor.get(ended.url).status_code == 200


def test_who_comes_back_is_asked_to_log_in(visitor, clock):
    visitor.login()
    clock.tick(1800)
    visitor.get("/page/")
    assert visitor.get("/page/").url == "/login/?next=/page/"


def test_the_status_can_be_asked_without_a_login(visitor, clock):
    visitor.login()
    assert visitor.get("/session-timeout/status/").json()["active"]
    clock.tick(1800)
    for _ in range(2):
        response = visitor.get("/session-timeout/status/")
        assert response.status_code == 200
        assert not response.json()["active"]


def test_a_session_that_has_ended_cannot_be_extended(visitor, clock):
    visitor.login()
    clock.tick(1800)
    headers = {"Accept": "application/json"}
    response = visitor.post("/session-timeout/extend/", **headers)
    assert not response.json()["active"]
