"""Random settings and histories: what the status says is what then happens."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.client import PASSIVE, START, Browser, Page
from tests.support.effort import attempts
from tests.support.views import meanwhile

pytestmark = pytest.mark.slow

SITES = st.fixed_dictionaries(
    {
        "SESSION_EXPIRE_SECONDS": st.sampled_from([None, 60, 600, 1800]),
        "SESSION_EXPIRE_ABSOLUTE_SECONDS": st.sampled_from([None, 700, 2000]),
        "SESSION_EXPIRE_AFTER_LAST_ACTIVITY": st.sampled_from([True, True, False]),
        "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": st.sampled_from(
            [None, 0, 1, 30]
        ),
        "SESSION_COOKIE_AGE": st.sampled_from([500, 1800, 5000]),
        "SESSION_SAVE_EVERY_REQUEST": st.booleans(),
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": st.booleans(),
    }
)
SITE = {
    "SESSION_EXPIRE_SECONDS": 600,
    "SESSION_EXPIRE_ABSOLUTE_SECONDS": None,
    "SESSION_COOKIE_AGE": 1800,
}
WAITS = st.sampled_from([0, 1, 29, 30, 31, 59, 200, 499, 599])
VISITS = st.sampled_from(["/", "/write/?a=1", "poll", "status", "extend", "expire"])


def visit(name, page):
    if name == "poll":
        page.browser.get("/", **PASSIVE)
    elif name == "expire":
        meanwhile.function = lambda request: request.session.set_expiry(400)
        page.browser.get("/during/")
        meanwhile.function = None
    elif name in ("status", "extend"):
        getattr(page, name)()
    else:
        page.browser.get(name)


def is_signed_in(page):
    return page.browser.get("/page/").content.startswith(b"user=ada")


@settings(
    max_examples=attempts(usually=6, thoroughly=40),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(site={**SITE, "SESSION_SAVE_EVERY_REQUEST": False}, history=[("expire", 1)])
@example(
    site={**SITE, "SESSION_EXPIRE_SECONDS": None, "SESSION_SAVE_EVERY_REQUEST": True},
    history=[],
)
@given(site=SITES, history=st.lists(st.tuples(VISITS, WAITS), max_size=6))
def test_what_is_left_is_left(site, history, mode, engine, user, clock):
    clock.move_to(START)
    cache.clear()
    Session.objects.all().delete()
    page = Page(Browser(mode))
    with override_settings(**site):
        page.browser.login()
        for name, wait in history:
            visit(name, page)
            clock.tick(wait)
        status = page.status()
        if status["active"]:
            assert status["expires_in"] >= 1
            clock.tick(status["expires_in"] - 1)
            moves = site["SESSION_SAVE_EVERY_REQUEST"]
            if not moves or status["reason"] != "cookie_age":
                later = page.status()
                del later["csrf_token"], status["csrf_token"]
                assert later == {**status, "expires_in": 1}
            clock.tick(1)
        assert not page.status()["active"]
        assert not is_signed_in(page)
