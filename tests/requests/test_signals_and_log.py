"""What receivers and the log learn of a session that has ended."""

import time

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
