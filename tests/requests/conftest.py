"""A page that asks for the status of its session."""

from __future__ import annotations

import pytest

from session_timeout.signals import session_expired
from tests.support.client import Page


@pytest.fixture
def page(browser, engine):
    return Page(browser)


@pytest.fixture
def signed_in(page):
    page.browser.login()
    return page


@pytest.fixture
def ended():
    """The reasons that the signal has told."""
    reasons = []

    def note(reason, **kwargs):
        reasons.append(reason)

    session_expired.connect(note)
    yield reasons
    session_expired.disconnect(note)
