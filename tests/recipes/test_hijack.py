"""django-hijack: to take a user over, and to release them."""

import pytest
from django.contrib.auth.models import User

from session_timeout.signals import session_expired
from tests.support.client import START

RECIPE = "django-hijack"


@pytest.fixture
def hijacker(visitor):
    visitor.login()
    return visitor


def acquire(browser, username="bob"):
    user = User.objects.get(username=username)
    response = browser.post("/hijack/acquire/", {"user_pk": user.pk})
    assert response.status_code == 302


def test_a_user_is_taken_over_and_released(hijacker, clock):
    acquire(hijacker)
    assert hijacker.user == "bob"
    clock.tick(60)
    assert hijacker.post("/hijack/release/").status_code == 302
    assert hijacker.user == "ada"


def test_each_is_a_login_from_which_the_limits_count(hijacker, clock):
    clock.tick(100)
    acquire(hijacker)
    assert hijacker.record.started_at == START.timestamp() + 100
    clock.tick(100)
    hijacker.post("/hijack/release/")
    assert hijacker.record.started_at == START.timestamp() + 200


def test_a_hijacked_session_has_its_own_limit(hijacker, clock):
    acquire(hijacker)
    clock.tick(299)
    assert hijacker.user == "bob"
    clock.tick(300)
    assert hijacker.get("/page/").url == "/login/?next=/page/"
    assert hijacker.user == "AnonymousUser"


def test_after_the_release_it_has_the_usual_one(hijacker, clock):
    acquire(hijacker)
    hijacker.post("/hijack/release/")
    clock.tick(1799)
    assert hijacker.user == "ada"


def test_an_expired_session_cannot_be_released(hijacker, clock):
    acquire(hijacker)
    clock.tick(300)
    assert hijacker.post("/hijack/release/").url == "/login/"
    assert hijacker.post("/hijack/release/").status_code == 403
    assert hijacker.user == "AnonymousUser"


def test_the_signal_names_the_user_who_was_taken_over(hijacker, clock):
    ended = []

    def receiver(user_id, request, **kwargs):
        ended.append((user_id, request.session["hijack_history"]))

    session_expired.connect(receiver)
    try:
        acquire(hijacker)
        clock.tick(300)
        hijacker.get("/page/")
    finally:
        session_expired.disconnect(receiver)
    ada, bob = (User.objects.get(username=name).pk for name in ("ada", "bob"))
    assert ended == [(str(bob), [str(ada)])]
