"""The checks report a wrong value of any type, and never raise."""

from datetime import timedelta
from math import nan

import pytest
from django.test import override_settings
from django.utils.functional import lazystr

from session_timeout.checks import ALL_CHECKS
from session_timeout.conf import SETTINGS
from tests.support.checks import ids_of
from tests.support.paths import OURS, SESSIONS

NASTY = [
    None,
    True,
    "",
    "..",
    ".x",
    "http://[",
    b"x",
    1.5,
    nan,
    -1,
    10**400,
    [],
    {},
    object(),
    timedelta(1),
    lazystr("nowhere"),
    type("Class", (), {}),
]
DJANGOS = (
    "LOGIN_URL",
    "LOGOUT_REDIRECT_URL",
    "MIDDLEWARE",
    "SESSION_COOKIE_AGE",
    "SESSION_ENGINE",
)


def ids(**settings):
    with override_settings(**settings):
        return ids_of([message for check in ALL_CHECKS for message in check()])


@pytest.mark.parametrize("value", NASTY, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", [*SETTINGS, *DJANGOS])
def test_no_value_of_a_setting_makes_the_checks_raise(name, value):
    ids(**{"SESSION_TIMEOUT_PROFILES": ["pci-dss-4"], name: value})


@pytest.mark.parametrize("value", NASTY, ids=lambda value: repr(value)[:20])
def test_no_entry_of_a_list_makes_the_checks_raise(value):
    assert ids(MIDDLEWARE=[value, SESSIONS, OURS]) == []
    for name in ("SESSION_TIMEOUT_PROFILES", "SESSION_TIMEOUT_PASSIVE_URLS"):
        ids(**{name: [value]})


def test_a_page_whose_path_converter_raises_may_exist():
    assert ids(SESSION_TIMEOUT_REDIRECT="/people/broken/") == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"SESSION_EXPIRE_SECONDS": ".."}, "E010"),
        ({"SESSION_TIMEOUT_HANDLER": ".x"}, "E016"),
        ({"SESSION_COOKIE_AGE": timedelta(days=1)}, "E023"),
        ({"SESSION_COOKIE_AGE": -1}, "E023"),
        ({"SESSION_TIMEOUT_REDIRECT": "http://["}, "E014"),
        ({"LOGIN_URL": "http://["}, "W032"),
        ({"LOGIN_URL": None}, "W032"),
        ({"SESSION_TIMEOUT_PROFILES": [".."]}, "E050"),
    ],
)
def test_what_used_to_raise_is_reported(settings, expected):
    assert f"session_timeout.{expected}" in ids(**settings)
