"""What receivers and the log learn of a session that has ended."""

import time

import pytest

from session_timeout.responses import redirect
from session_timeout.signals import session_expired


def test_the_session_key_is_never_logged(browser, clock, caplog):
    caplog.set_level("DEBUG", "session_timeout")
    browser.login()
    key = browser.key
    clock.tick(1800)
    browser.get("/page/")
    (line,) = [r.getMessage() for r in caplog.records if r.name == "session_timeout"]
    assert line.startswith("Session expired: reason idle, user ")
    assert line.endswith("idle for 1800 s.")
    assert key not in caplog.text


def test_the_session_is_readable_in_the_signal(browser, engine, clock):
    seen = []

    def receive(request, **kwargs):
        del kwargs["signal"]
        seen.append((request.session.get("cart"), kwargs))

    browser.get("/write/?cart=7")
    browser.login()
    began_at = time.time()
    user_id = browser.session["_auth_user_id"]
    clock.tick(1800)
    session_expired.connect(receive)
    try:
        browser.get("/page/")
    finally:
        session_expired.disconnect(receive)
    ((cart, arguments),) = seen
    assert cart == "7"
    assert arguments.pop("sender").__name__ == "SessionTimeoutMiddleware"
    assert arguments == {
        "reason": "idle",
        "user_id": user_id,
        "started_at": began_at,
        "last_activity": began_at,
    }


def test_the_user_is_known_when_logged_out(browser, clock):
    from django.contrib.auth.signals import user_logged_out

    seen = []

    def receive(user, **kwargs):
        seen.append(str(user))

    browser.login()
    clock.tick(1800)
    user_logged_out.connect(receive)
    try:
        browser.get("/page/")
    finally:
        user_logged_out.disconnect(receive)
    assert seen == ["ada"]


@pytest.mark.parametrize(
    ("login_url", "lines"),
    [("/nowhere/", 1), ("/login/", 0), ("https://sso.example.com/nowhere/", 0)],
)
@pytest.mark.parametrize("installed", [True, False])
def test_without_the_app_a_missing_login_page_is_logged_once(
    browser, clock, caplog, settings, monkeypatch, login_url, lines, installed
):
    monkeypatch.setattr(redirect, "missing_pages", set())
    settings.LOGIN_URL = login_url
    if not installed:
        apps = [app for app in settings.INSTALLED_APPS if app != "session_timeout"]
        settings.INSTALLED_APPS = apps
    for _ in range(2):
        browser.login()
        clock.tick(1800)
        assert browser.get("/page/").url.startswith(login_url)
    found = [line for line in caplog.messages if "no URL pattern" in line]
    assert len(found) == (0 if installed else lines)
