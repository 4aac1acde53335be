"""Why the session ended."""

import sys

import pytest

RECIPE = "Why the session ended"


@pytest.fixture
def sentences(recipe):
    return sys.modules["shop.ended"].SENTENCES


@pytest.mark.parametrize("reason", ["idle", "absolute"])
def test_the_login_page_says_why(visitor, clock, settings, sentences, reason):
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 1700 if reason == "absolute" else None
    visitor.login()
    clock.tick(1800)
    response = visitor.get("/page/")
    assert response.url == f"/welcome-back/?reason={reason}"
    page = visitor.get(response.url)
    assert page.context["reason"] == sentences[reason]


def test_the_page_says_nothing_else(visitor):
    page = visitor.get("/welcome-back/?reason=<b>anything</b>")
    assert page.context["reason"] == ""


def test_a_page_that_asks_after_the_end_is_told_the_same_place(visitor, clock):
    visitor.login()
    clock.tick(1800)
    status = visitor.get("/session-timeout/status/").json()
    assert status["redirect"] == "/welcome-back/?reason=idle"
