"""Every check id: when it is reported, and that it is not otherwise."""

from datetime import timedelta

import pytest
from django.core.checks import registry, run_checks
from django.test import override_settings
from django.urls import reverse_lazy

from session_timeout.checks import check_settings, check_urls
from session_timeout.conf import SETTINGS
from tests.support.callables import by_path
from tests.support.checks import ids_of, link
from tests.support.client import delete_setting
from tests.support.paths import LOCALE, OURS, SESSIONS


def ids(**settings):
    with override_settings(**settings):
        return ids_of([*check_settings(), *check_urls()])


def test_a_site_in_order_is_silent():
    assert ids() == []


def test_the_checks_are_bound():
    assert {check_settings, check_urls} <= set(registry.registry.get_checks())
    with override_settings(SESSION_EXPIRE_SECONDS=0):
        reported = [message.id for message in run_checks()]
    assert "session_timeout.E010" in reported


def test_the_ids_of_the_settings_are_unique():
    ids = [setting.check_id for setting in SETTINGS.values()]
    numbers = (*range(10, 21), 24, 21, 50)
    assert ids == [f"session_timeout.E{number:03}" for number in numbers]


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        ([SESSIONS, OURS], []),
        ([SESSIONS, "tests.support.middleware.Subclass"], []),
        (["nowhere.Middleware", SESSIONS, OURS], []),
        (["tests.support.middleware.function", SESSIONS, OURS], []),
        ([SESSIONS], ["session_timeout.E001"]),
        ([OURS], ["session_timeout.E002"]),
        ([OURS, SESSIONS], ["session_timeout.E003"]),
        ([SESSIONS, OURS, OURS], ["session_timeout.E004"]),
        (
            [SESSIONS, OURS, "tests.support.middleware.Subclass"],
            ["session_timeout.E004"],
        ),
        ([SESSIONS, LOCALE, OURS], []),
        ([SESSIONS, OURS, LOCALE], ["session_timeout.W005"]),
    ],
)
def test_the_middlewares_place(middleware, expected):
    assert ids(MIDDLEWARE=middleware) == expected


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_has_its_error(name):
    with override_settings(**{name: object()}):
        (error,) = check_settings()
    assert error.id == SETTINGS[name].check_id
    assert error.msg.startswith(f"{name} must ")
    assert "<object object at" in error.msg
    assert error.hint.startswith("Write ")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SESSION_EXPIRE_ABSOLUTE", "SESSION_EXPIRE_ABSOLUTE_SECONDS"),
        ("SESSION_EXPIRE_SECOND", "SESSION_EXPIRE_SECONDS"),
        ("SESSION_TIMEOUT_WARNING", "SESSION_TIMEOUT_WARNING_SECONDS"),
        ("SESSION_TIMEOUT_PASSIVE_URL", "SESSION_TIMEOUT_PASSIVE_URLS"),
        ("SESSION_TIMEOUT_REDIRECT_URL", "SESSION_TIMEOUT_REDIRECT"),
    ],
)
def test_a_misspelt_setting_is_noticed(name, meant):
    with override_settings(**{name: 60}):
        (warning,) = check_settings()
    assert warning.id == "session_timeout.W006"
    assert warning.msg.startswith(f"{name} is not a setting of ")
    assert warning.hint == f"Did you mean {meant}?{link(warning.id)}"


def test_the_settings_of_others_are_none_of_ours():
    assert ids(SESSION_EXPIRE_AT_BROWSER_CLOSE=True, SESSION_TIMER=1) == []


def test_one_wrong_setting_does_not_hide_another():
    assert ids(SESSION_EXPIRE_SECONDS=0, SESSION_TIMEOUT_MESSAGE=0) == [
        "session_timeout.E010",
        "session_timeout.E017",
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 1800}, "E022"),
        ({"SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 1799}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": "no-such-name"}, "E030"),
        ({"SESSION_TIMEOUT_REDIRECT": "tests.nothing.here"}, "E030"),
        ({"SESSION_TIMEOUT_REDIRECT": "tests.support.callables.by_path"}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": by_path}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": "timeout"}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": reverse_lazy("timeout")}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": "/timeout/?why=idle"}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": "/timeout"}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": "https://example.com/bye"}, ""),
        ({"SESSION_TIMEOUT_REDIRECT": "/nowhere/"}, "W031"),
        ({"SESSION_TIMEOUT_REDIRECT": "http://["}, "E014"),
        ({"SESSION_TIMEOUT_REDIRECT": "javascript:alert(1)//"}, "E014"),
        ({"LOGIN_URL": "/accounts/login/"}, "W032"),
        ({"LOGIN_URL": "no-such-name"}, "W032"),
        ({"LOGIN_URL": reverse_lazy("login")}, ""),
        ({"LOGIN_URL": "https://sso.example.com/"}, ""),
        ({"LOGIN_URL": "/nowhere/", "SESSION_TIMEOUT_REDIRECT": "/timeout/"}, ""),
        (
            {
                "LOGIN_URL": "/nowhere/",
                "SESSION_TIMEOUT_REDIRECT": "/timeout/",
                "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": 600,
            },
            "W032",
        ),
        ({"SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": timedelta(hours=1)}, ""),
        ({"SESSION_TIMEOUT_PASSIVE_URLS": ["poll", "gadgets:poll"]}, ""),
        ({"SESSION_TIMEOUT_PASSIVE_URLS": ["widgets:poll", "admin:index"]}, ""),
        ({"SESSION_TIMEOUT_PASSIVE_URLS": ["^/poll", "/x/"]}, ""),
        ({"SESSION_TIMEOUT_PASSIVE_URLS": ["pol"]}, "E033"),
        ({"SESSION_TIMEOUT_EXEMPT_URLS": ["nowhere:poll"]}, "E033"),
        ({"SESSION_COOKIE_AGE": 1800}, "W040"),
        ({"SESSION_EXPIRE_SECONDS": 1209600}, "W040"),
        ({"SESSION_EXPIRE_SECONDS": None}, ""),
        ({"SESSION_EXPIRE_SECONDS": by_path}, ""),
        ({"SESSION_EXPIRE_ABSOLUTE_SECONDS": 1800}, "W041"),
        ({"SESSION_EXPIRE_ABSOLUTE_SECONDS": 1801}, ""),
        ({"SESSION_TIMEOUT_WARNING_SECONDS": 19}, "W042"),
        ({"SESSION_TIMEOUT_WARNING_SECONDS": 20}, ""),
        ({"SESSION_TIMEOUT_MESSAGE": "Bye."}, ""),
        ({"SESSION_TIMEOUT_MESSAGE": "Bye.", "INSTALLED_APPS": []}, "W043"),
        ({"CSRF_USE_SESSIONS": True}, "W044"),
        ({"SESSION_TIMEOUT_CLEAR_SITE_DATA": ["storage", "cache"]}, "W046"),
        ({"SESSION_TIMEOUT_CLEAR_SITE_DATA": ["*"]}, "W046"),
    ],
)
def test_each_problem_has_its_id(settings, expected):
    assert ids(**settings) == ([f"session_timeout.{expected}"] if expected else [])


def test_no_limit_at_all_is_pointed_out(settings):
    delete_setting(settings, "SESSION_EXPIRE_SECONDS")
    (warning,) = check_settings()
    assert warning.id == "session_timeout.W040"
    assert warning.msg.startswith(
        "SESSION_EXPIRE_SECONDS is not set, so the idle limit is "
        "SESSION_COOKIE_AGE (1209600 s)"
    )
