"""Logins, logouts, and sessions that begin anew."""

import time
from unittest.mock import Mock

import pytest
from django.contrib.auth.signals import user_logged_in
from django.test import RequestFactory

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.support.client import expired
from tests.support.paths import ROOT
from tests.support.processes import run_python
from tests.support.views import meanwhile


@pytest.mark.parametrize("session", [{}, Mock(), None])
def test_a_login_with_another_kind_of_session_succeeds(user, rf, session):
    request = rf.get("/")
    request.session = session
    responses = user_logged_in.send_robust(type(user), request=request, user=user)
    assert [result for _, result in responses if isinstance(result, Exception)] == []


class TestLogins:
    def test_login_restarts_the_record(self, browser, engine, clock):
        browser.get("/write/?cart=7")
        clock.tick(1000)
        browser.login()
        assert browser.record.started_at == time.time()
        assert browser.get("/read/").json() == {"cart": "7"}

    def test_logging_in_again_restarts_it_too(self, browser, engine, clock):
        browser.login()
        clock.tick(1000)
        browser.get("/again/")
        assert browser.record.started_at == time.time()
        assert browser.user == "ada"

    def test_another_users_login_leaves_nothing_behind(self, browser, engine, clock):
        browser.login()
        browser.get("/write/?private=1")
        clock.tick(60)
        browser.login("bob")
        assert browser.record.started_at == time.time()
        assert browser.get("/read/").json() == {}

    @pytest.mark.parametrize("path", ["/logout/", "/sign-out/"])
    def test_logout_leaves_nothing_behind(self, browser, engine, path):
        browser.login()
        response = browser.post(path)
        assert response.cookies["sessionid"].value == ""
        assert browser.record is None

    def test_flush_begins_anew(self, browser, engine, clock):
        browser.login()
        clock.tick(60)

        def flush_and_write(request):
            request.session.flush()
            request.session["a"] = 1

        meanwhile.function = flush_and_write
        browser.get("/during/")
        assert browser.record.started_at == time.time()

    def test_clear_keeps_the_start(self, browser, engine, clock):
        """Emptying a session does not begin another one."""
        browser.login()
        began_at = time.time()
        clock.tick(60)
        meanwhile.function = lambda request: request.session.clear()
        browser.get("/during/")
        assert browser.record == (
            began_at,
            time.time(),
            time.time() + 1209600,
        )

    @pytest.mark.parametrize("path", ["/during/", "/passive/during/"])
    def test_cycle_key_keeps_the_record(self, browser, engine, clock, path):
        browser.login()
        began_at = time.time()
        clock.tick(60)
        browser.get("/page/")
        key = browser.key
        clock.tick(20)
        meanwhile.function = lambda request: request.session.cycle_key()
        browser.get(path)
        last_activity = began_at + (80 if path == "/during/" else 60)
        assert browser.key != key
        assert browser.record[:2] == (began_at, last_activity)

    def test_a_login_that_keeps_no_session_is_no_concern_of_ours(self, user):
        from django.contrib.auth.signals import user_logged_in

        for request in (None, RequestFactory().get("/")):
            user_logged_in.send(type(user), request=request, user=user)

    def test_a_new_anonymous_session_is_stamped_at_once(self, browser, engine):
        browser.get("/write/?cart=7")
        assert browser.record[:2] == (time.time(), time.time())

    def test_a_session_begun_in_a_passive_view_is_too(self, browser, engine):
        meanwhile.function = lambda request: request.session.update({"a": 1})
        browser.get("/passive/during/")
        assert browser.record[:2] == (time.time(), time.time())

    def test_a_record_that_a_view_has_spoilt_ends_the_session(self, browser, engine):
        browser.login()
        browser.get(f"/write/?{SESSION_TIMEOUT_KEY}=junk")
        assert expired(browser.get("/page/"))


FIRST_LOGIN = """
import sys
import django
from django.conf import settings
from django.contrib.auth.signals import user_logged_in

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", *sys.argv[2:]]
)
django.setup()
if sys.argv[1] == "middleware":
    from session_timeout.middleware import SessionTimeoutMiddleware
    SessionTimeoutMiddleware(print)
    SessionTimeoutMiddleware(print)
uids = [key[0] for key, *_ in user_logged_in.receivers]
print(uids.count("session_timeout.tracking"))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "apps", "connected"),
    [
        ("app", ["session_timeout"], 1),
        ("middleware", [], 1),
        ("middleware", ["session_timeout"], 1),
        ("neither", [], 0),
    ],
)
def test_the_receiver_is_connected_once_by_whatever_comes_to_life_first(
    tmp_path, first, apps, connected
):
    done = run_python("-c", FIRST_LOGIN, first, *apps, cwd=tmp_path, path=ROOT)
    assert int(done.stdout) == connected
