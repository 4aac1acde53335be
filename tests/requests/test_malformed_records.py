"""Promise 5: malformed records end the session, and cause no error page."""

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.support.client import Browser
from tests.support.effort import attempts

pytestmark = pytest.mark.slow

numbers = st.floats() | st.integers() | st.sampled_from([0, 1, 1e9, 1.7e9, 1e308])


junk = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


stamps = junk | st.lists(numbers | junk, min_size=2, max_size=4).map(
    lambda parts: " ".join(map(str, parts))
)


@pytest.fixture
def cache_engine(settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"


@settings(
    max_examples=attempts(usually=200, thoroughly=2000),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stamp=stamps)
@example(stamp="1000 1767600000 1e11")
def test_hostile_stamps(cache_engine, db, stamp):
    """No 500, and no session that outlives its limit. CI tries 2,000."""
    browser = Browser("sync")
    browser.set(cart="7", **{SESSION_TIMEOUT_KEY: stamp})
    first, second = (browser.get("/read/").json() for _ in range(2))
    assert first in ({"cart": "7"}, {})
    assert second == first
    if first:
        assert browser.record.last_activity > time.time() - 1800
