"""Random histories, against the middleware and against a tiny model of it."""

import time
from dataclasses import dataclass, field
from math import inf

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from session_timeout.backends import SideRecordBackend, get_backend
from session_timeout.backends.generic import GenericBackend
from session_timeout.backends.signed_cookies import SignedCookiesBackend
from session_timeout.conf.config import forget_config
from tests.support.client import START, Browser
from tests.support.effort import attempts

pytestmark = pytest.mark.slow

COOKIE_AGE = 2400

# What falls on a limit, and what falls beside it.
WAITS = [0, 1, 29, 30, 31, 59, 60, 599, 600, 699, 700, 1799, 1800, 3999, 4999]
CLICKS = ["click", "poll", "write", "poll and write", "visit"]
EVENTS = [
    *(("visit", name) for name in [*CLICKS, *CLICKS, "log in", "log in", "log out"]),
    *(("idle", limit) for limit in (60, 600, 1800, None)),
    *(("absolute", limit) for limit in (700, 4000, None)),
    *(("grace", period) for period in (0, 1, 30)),
    *(("set clock back", seconds) for seconds in (1, 45, 650, 1900)),
]

steps = st.tuples(st.sampled_from(WAITS), st.sampled_from(EVENTS))


@dataclass
class Model:
    """What the package promises, for one visitor of one site.

    own is the record in the session. beside is the side record, which some engines
    write instead of the session. Each is when the session began, and the last activity.
    """

    has_beside: bool
    saves_session: bool  # to write activity
    limits: dict[str, float | None] = field(
        default_factory=lambda: {"idle": 1800, "absolute": None, "grace": 30}
    )
    user: str | None = None
    own: tuple[float, float] | None = None
    beside: tuple[float, float] | None = None
    expires_at: float = 0
    store_expires_at: float = inf

    def request(self, now: float, *, active: bool, writes: bool = False) -> bool:
        """Return whether the session has survived up to this request."""
        if self.own is None or now >= min(self.expires_at, self.store_expires_at):
            self.end()
        else:
            began, last = self.times(now)
            if self.has_ended(min(began, now), min(last, now), now):
                self.end()
            elif self.needs_write(began, last, now) and (
                active or max(began, last) > now
            ):
                self.stamp(min(began, now), now)
        survived = self.own is not None
        if writes:
            began, last = self.merged(now) if self.own else (now, now)
            last = now if active else min(last, now)
            self.own, self.expires_at = (min(began, now), last), now + COOKIE_AGE
            self.is_saved(now)
        return survived

    def end(self) -> None:
        self.own = self.beside = self.user = None

    def log_in(self, now: float) -> None:
        if self.user is None:
            self.beside = None  # under the session's new key
        self.user, self.own, self.expires_at = "ada", (now, now), now + COOKIE_AGE
        self.is_saved(now)

    def times(self, now: float) -> tuple[float, float]:
        began, last = self.own or (now, now)
        if self.needs_write(began, last, now) or self.has_ended(began, last, now):
            return self.merged(now)
        return began, last

    def merged(self, now: float) -> tuple[float, float]:
        began, last = self.own or (now, now)
        if self.beside is None:
            return began, last
        return (
            self.beside[0] if began > now else began,
            self.beside[1] if last > now else max(last, self.beside[1]),
        )

    def has_ended(self, began: float, last: float, now: float) -> bool:
        idle, absolute = self.limits["idle"], self.limits["absolute"]
        return (idle is not None and now - last >= idle) or (
            absolute is not None and now - began >= absolute
        )

    def needs_write(self, began: float, last: float, now: float) -> bool:
        grace = self.limits["grace"] or 0
        return now - last >= grace or max(last, began) - now > grace

    def stamp(self, began: float, now: float) -> None:
        if self.has_beside:
            self.beside = began, now
        else:
            self.own = began, now
        self.is_saved(now)

    def is_saved(self, now: float) -> None:
        """Let Django count its own limit from now, where it counts from each save."""
        if self.saves_session:
            self.store_expires_at = now + COOKIE_AGE


def perform(step, model, browser, clock, overridden):
    """Do one step of a history, on both sides."""
    wait, (event, argument) = step
    clock.tick(wait)
    if event == "visit":
        visit(argument, model, browser)
    elif event == "set clock back":
        if model.own is None:
            # Django keeps what it has ended. An earlier clock would bring it back.
            browser.client.cookies.clear()
        clock.tick(-argument)
    else:
        model.limits[event] = argument
        overridden(model.limits)


def visit(name, model, browser):
    now = time.time()
    active, headers = True, {}
    if name.startswith("poll"):
        active, headers = False, {"X_Session_Passive": "1"}
    if name == "log in":
        model.request(now, active=True)
        model.log_in(now)
        browser.login()
    elif name == "log out":
        model.request(now, active=True)
        model.end()
        browser.post("/logout/")
        assert browser.record is None
    elif name == "visit":
        # Leaves the session alone.
        model.request(now, active=True)
        browser.get("/")
    else:
        writes = "write" in name
        was = model.user
        survived = model.request(now, active=active, writes=writes and was is None)
        if writes and survived and was:
            model.request(now, active=active, writes=True)
        path = "/write/?a=1" if writes else "/page/"
        response = browser.get(path, **headers)
        refused = response.status_code == 302
        assert not (refused and survived)
        if not writes and not refused:
            said = response.content.decode().split()[0]
            assert said == f"user={model.user or 'AnonymousUser'}"
        if refused:
            model.end()  # and what the view would have written, it has not


@settings(
    max_examples=attempts(usually=6, thoroughly=50),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(steps, min_size=8, max_size=25))
# A clock that is set back, also past Django's own limit; a second login; a write in a
# session that goes on, and one in a session that has ended.
@example(
    history=[
        (0, ("set clock back", 45)),
        (0, ("visit", "click")),
        (1800, ("visit", "click")),
    ]
)
@example(
    history=[
        (0, ("set clock back", 1900)),
        (0, ("visit", "poll")),
        (1799, ("idle", None)),
        (699, ("visit", "poll and write")),
        (0, ("visit", "poll")),
    ]
)
@example(history=[(0, ("visit", "log in"))])
@example(history=[(0, ("visit", "write")), (1800, ("visit", "write"))])
def test_a_random_history(history, mode, engine, user, clock, tmp_path):
    clock.move_to(START)
    cache.clear()
    Session.objects.all().delete()
    for left in tmp_path.iterdir():
        left.unlink()
    browser = Browser(mode)
    backend = get_backend(browser.session, None)
    model = Model(
        has_beside=isinstance(backend, SideRecordBackend),
        saves_session=isinstance(backend, GenericBackend | SignedCookiesBackend),
    )
    with override_settings(
        SESSION_COOKIE_AGE=COOKIE_AGE,
        SESSION_EXPIRE_SECONDS=1800,
        SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD=30,
    ):
        from django.conf import settings as site

        def overridden(limits):
            site.SESSION_EXPIRE_SECONDS = limits["idle"]
            site.SESSION_EXPIRE_ABSOLUTE_SECONDS = limits["absolute"]
            site.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = limits["grace"]
            forget_config()

        for step in [(0, ("visit", "log in")), *history]:
            perform(step, model, browser, clock, overridden)
