"""The ways to end idle sessions that the manual compares, each as its project sets it.

A probe is a question to one of them, answered by its real code with a real client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import override_settings
from django.utils.module_loading import import_string

from tests.support.client import Browser
from tests.support.paths import AUTH, CSRF, MESSAGES, OURS, SESSIONS
from tests.support.views import meanwhile

# Before a fixture freezes time: they take the datetime class when they are imported.
LABD = "django_session_timeout.middleware.SessionTimeoutMiddleware"
SECURITY = "session_security.middleware.SessionSecurityMiddleware"
AUTO_LOGOUT = "django_auto_logout.middleware.auto_logout"
for path in (LABD, SECURITY, AUTO_LOGOUT):
    import_module(path.rpartition(".")[0])

LIMIT, ABSOLUTE, MINUTE = 1800, 3600, 60


@dataclass(frozen=True)
class Peer:
    """A column of the table: its name, its middleware, and its settings.

    limit sets the idle limit; both, where the peer has it, an absolute one besides;
    waiting, where the peer has it, that a page stays for its user to sign in again.
    """

    name: str
    middleware: str | None
    limit: Mapping[str, Any]
    both: Mapping[str, Any] = field(default_factory=dict)
    waiting: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, **changes: Any) -> override_settings:
        middleware = [SESSIONS, AUTH, self.middleware, MESSAGES]
        with_it = {"MIDDLEWARE": [path for path in middleware if path]}
        return override_settings(**with_it, **{**self.limit, **changes})

    @property
    def folder(self) -> Path | None:
        if self.middleware is None:
            return None
        return Path(import_module(self.middleware.partition(".")[0]).__file__).parent


PEERS = [
    Peer("cookie age", None, {"SESSION_COOKIE_AGE": LIMIT}),
    Peer(
        "save every request",
        None,
        {"SESSION_COOKIE_AGE": LIMIT, "SESSION_SAVE_EVERY_REQUEST": True},
    ),
    Peer(
        "django-session-timeout",
        LABD,
        {"SESSION_EXPIRE_SECONDS": LIMIT, "SESSION_EXPIRE_AFTER_LAST_ACTIVITY": True},
    ),
    Peer(
        "django-session-security",
        SECURITY,
        {
            "SESSION_SECURITY_EXPIRE_AFTER": LIMIT,
            "SESSION_SECURITY_INSECURE": True,
            "SESSION_SECURITY_PASSIVE_URLS": ["/poll/"],
        },
    ),
    Peer(
        "django-auto-logout",
        AUTO_LOGOUT,
        {"AUTO_LOGOUT": {"IDLE_TIME": LIMIT}},
        {"AUTO_LOGOUT": {"IDLE_TIME": LIMIT, "SESSION_TIME": ABSOLUTE}},
    ),
    Peer(
        "this package",
        OURS,
        {"SESSION_EXPIRE_SECONDS": LIMIT},
        {"SESSION_EXPIRE_ABSOLUTE_SECONDS": ABSOLUTE},
        {"SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": LIMIT},
    ),
]


def signed_in(browser: Browser) -> bool:
    return browser.get("/page/").content.startswith(b"user=ada")


def logged_in() -> Browser:
    browser = Browser("sync")
    browser.login()
    browser.get("/page/")
    return browser


def visiting() -> Browser:
    """A visitor with a cart, who has not logged in."""
    browser = Browser("sync")
    browser.get("/write/?cart=7")
    browser.get("/page/")
    return browser


def use(browser: Browser, clock: Any, seconds: int, path: str = "/page/") -> None:
    """Make a request a minute."""
    for _ in range(seconds // MINUTE):
        clock.tick(MINUTE)
        browser.get(path)


def ends_when_idle(peer: Peer, clock: Any) -> bool:
    browser = logged_in()
    clock.tick(LIMIT + 1)
    return not signed_in(browser)


def ends_at_the_limit(peer: Peer, clock: Any) -> bool:
    browser = logged_in()
    clock.tick(LIMIT)
    return not signed_in(browser)


def ends_after_the_login(peer: Peer, clock: Any) -> bool:
    browser = Browser("sync")
    browser.login()
    clock.tick(LIMIT + 1)
    return not signed_in(browser)


def goes_on_in_use(peer: Peer, clock: Any) -> bool:
    browser = logged_in()
    use(browser, clock, 2 * LIMIT)
    return signed_in(browser)


def ends_at_cookie_age(peer: Peer, clock: Any) -> bool:
    with peer.settings(SESSION_COOKIE_AGE=ABSOLUTE):
        browser = logged_in()
        use(browser, clock, ABSOLUTE)
        return not signed_in(browser)


def has_both_limits(peer: Peer, clock: Any) -> bool:
    with peer.settings(**peer.both):
        browser, idle = logged_in(), logged_in()
        use(browser, clock, ABSOLUTE - MINUTE)
        alive, gone = signed_in(browser), not signed_in(idle)
        use(browser, clock, 2 * MINUTE)
        return alive and gone and not signed_in(browser)


def tells_polling_apart(peer: Peer, clock: Any) -> bool:
    browser = logged_in()
    use(browser, clock, LIMIT + MINUTE, "/poll/")
    ended = not signed_in(browser)
    return ended and goes_on_in_use(peer, clock)


def keeps_other_writes(peer: Peer, clock: Any) -> bool:
    """A slow request reads the session, while another one writes to it."""
    browser = logged_in()
    clock.tick(MINUTE)

    def view(request: Any) -> None:
        request.session.get("cart")
        browser.twin().get("/write/?cart=7")

    meanwhile.function = view
    browser.get("/during/")
    return "cart" in browser.session


def sets_no_cookie(peer: Peer, clock: Any) -> bool:
    browser = logged_in()
    clock.tick(MINUTE)
    return not browser.get("/").cookies


def ends_without_a_login(peer: Peer, clock: Any) -> bool:
    visitor = visiting()
    clock.tick(LIMIT + 1)
    return b"cart" not in visitor.get("/read/").content


def leaves_visitors_in_place(peer: Peer, clock: Any) -> bool:
    visitor = visiting()
    clock.tick(LIMIT + 1)
    return visitor.get("/page/").status_code == 200


def brings_back_the_query(peer: Peer, clock: Any) -> bool:
    browser = logged_in()
    clock.tick(LIMIT + 1)
    response = browser.get("/page/?q=1")
    return response.headers.get("Location") == "/login/?next=/page/%3Fq%3D1"


def answers_scripts(peer: Peer, clock: Any) -> bool:
    browser = logged_in()
    clock.tick(LIMIT + 1)
    return browser.get("/page/", Accept="application/json").status_code == 401


def is_async_capable(peer: Peer, clock: Any) -> bool:
    return peer.middleware is None or bool(
        getattr(import_string(peer.middleware), "async_capable", False)
    )


def goes_on_after_a_new_login(peer: Peer, clock: Any) -> bool:
    """The form of a page that was open at the end, sent after a login in another tab.

    A page that waits for this login asks for a new CSRF token.
    """
    middleware = [*settings.MIDDLEWARE, CSRF]
    with override_settings(MIDDLEWARE=middleware, **peer.waiting):
        browser = Browser("sync", enforce_csrf_checks=True)
        send_form(browser, "/login/", username="ada", password="secret")
        token = token_in_page(browser)
        waits = b"data-reauthenticate" in browser.get("/async/dialog/").content
        clock.tick(LIMIT + 1)
        browser.get("/page/")
        send_form(browser, "/login/", username="ada", password="secret")
        if waits:
            token = browser.get("/session-timeout/status/").json()["csrf_token"]
        return send_form(browser, "/page/", token).content.startswith(b"user=ada")


def token_in_page(browser: Browser) -> str:
    page = browser.get("/login/").content.decode()
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]


def send_form(browser: Browser, path: str, token: str = "", **fields: str) -> Any:
    token = token or token_in_page(browser)
    return browser.post(path, {**fields, "csrfmiddlewaretoken": token})


def asks_before_a_form_is_lost(peer: Peer, clock: Any) -> bool:
    scripts = peer.folder.rglob("*.js") if peer.folder else []
    return any("onbeforeunload =" in script.read_text("utf-8") for script in scripts)


def supports_older_django(peer: Peer, clock: Any) -> bool:
    if peer.middleware is None:
        return True
    name = peer.name if peer.middleware != OURS else "django-inactivity-timeout"
    declared = metadata(name).get_all("Classifier", [])
    return "Framework :: Django :: 4.2" in declared


PROBES: dict[str, Callable[[Peer, Any], bool]] = {
    probe.__name__: probe
    for probe in (
        ends_when_idle,
        ends_at_the_limit,
        ends_after_the_login,
        goes_on_in_use,
        ends_at_cookie_age,
        has_both_limits,
        tells_polling_apart,
        keeps_other_writes,
        sets_no_cookie,
        ends_without_a_login,
        leaves_visitors_in_place,
        brings_back_the_query,
        answers_scripts,
        is_async_capable,
        goes_on_after_a_new_login,
        asks_before_a_form_is_lost,
        supports_older_django,
    )
}
