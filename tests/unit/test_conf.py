"""Every setting: what it may be, and what is said of what it may not be."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils.translation import gettext_lazy

from session_timeout.conf import SETTINGS, get_config
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.policy import Limits
from tests.support.callables import by_coroutine, by_path
from tests.support.client import delete_setting

LIMITS = ["SESSION_EXPIRE_SECONDS", "SESSION_EXPIRE_ABSOLUTE_SECONDS"]
NAN, INFINITY = float("nan"), float("inf")
NO_NUMBER = [0, -1, True, False, NAN, INFINITY, 10**400, Decimal(5), [], b"9"]


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    ("raw", "seconds"),
    [(1800, 1800), (0.5, 0.5), (timedelta(days=1, seconds=1), 86401), (None, None)],
)
def test_a_limit_is_seconds_a_timedelta_or_none(name, raw, seconds):
    with override_settings(**{name: raw}):
        limits = get_config().limits
    assert (limits.absolute if "ABSOLUTE" in name else limits.idle) == seconds


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    ("raw", "path", "seconds"),
    [
        (by_path, "/short/", 60),
        (by_path, "/", 300),
        ("tests.support.callables.by_path", "/short/", 60),
        (by_coroutine, "/", 60),
        (lambda request: None, "/", None),
    ],
)
def test_a_limit_may_depend_on_the_request(name, raw, path, seconds):
    with override_settings(**{name: raw}):
        assert get_config().limits is None
        limits = get_config().limits_for(RequestFactory().get(path))
    assert (limits.absolute if "ABSOLUTE" in name else limits.idle) == seconds


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [*NO_NUMBER, "60"])
def test_a_callables_wrong_answer_is_named(name, value):
    def limit(request):
        return value

    with (
        override_settings(**{name: limit}),
        pytest.raises(ImproperlyConfigured, match=f"^{name} is .*limit.* returned"),
    ):
        get_config().limits_for(RequestFactory().get("/"))


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        *(
            (name, raw, "must be a positive number of seconds, not")
            for name in LIMITS
            for raw in [*NO_NUMBER, timedelta(0), timedelta(-1)]
        ),
        *((name, "1800", "Write 1800 without the quotes") for name in LIMITS),
        *((name, "30 min", "cannot be imported") for name in LIMITS),
        *(
            (name, "tests.support.callables.absent", "cannot be imported")
            for name in LIMITS
        ),
        *(
            (name, "tests.support.callables.not_callable", "not callable")
            for name in LIMITS
        ),
        *(
            ("SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD", raw, "zero or more")
            for raw in [-1, True, "60", float("nan"), timedelta(-1), []]
        ),
        ("SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD", 1800, "Write a smaller"),
        ("SESSION_EXPIRE_AFTER_LAST_ACTIVITY", 1, "must be a bool, not 1"),
        ("SESSION_EXPIRE_AFTER_LAST_ACTIVITY", None, "must be a bool, not None"),
        ("SESSION_TIMEOUT_REDIRECT", "", "must name a page, not ''"),
        ("SESSION_TIMEOUT_REDIRECT", 302, "must name a page, not 302"),
        ("SESSION_TIMEOUT_REDIRECT_ANONYMOUS", "yes", "must be a bool, not 'yes'"),
        ("SESSION_TIMEOUT_HANDLER", "nowhere.at_all", "cannot be imported"),
        (
            "SESSION_TIMEOUT_HANDLER",
            "tests.support.callables.not_callable",
            "not callable",
        ),
        ("SESSION_TIMEOUT_HANDLER", 5, "must be a callable or a dotted path, not 5"),
        ("SESSION_TIMEOUT_MESSAGE", "", "must be a non-empty string, not ''"),
        ("SESSION_TIMEOUT_MESSAGE", ["x"], "must be a non-empty string"),
        *(
            (f"SESSION_TIMEOUT_{kind}_URLS", raw, message)
            for kind in ("PASSIVE", "EXEMPT")
            for raw, message in [
                ("/poll/", "must be a list of strings, not '/poll/'"),
                ([1], "must be a list of strings"),
                ([""], "must be a list of strings"),
                (["^/poll/("], "which is not a regex"),
            ]
        ),
        ("SESSION_TIMEOUT_WARNING_SECONDS", 0, "positive number of seconds, not 0"),
        ("SESSION_TIMEOUT_WARNING_SECONDS", None, "not None"),
        (
            "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS",
            0,
            "not 0. Write a positive number of seconds, or a timedelta. None switches",
        ),
        (
            "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS",
            "600",
            "Write 600 without the quotes. None switches it off.",
        ),
        ("SESSION_TIMEOUT_CLEAR_SITE_DATA", "cache", "must be a list of strings"),
        ("SESSION_TIMEOUT_CLEAR_SITE_DATA", ["everything"], "contains 'everything'"),
    ],
)
def test_a_wrong_setting_is_refused_at_start_up(name, raw, message):
    with (
        override_settings(**{name: raw}),
        pytest.raises(ImproperlyConfigured) as error,
    ):
        SessionTimeoutMiddleware(lambda request: HttpResponse())
    assert str(error.value).startswith(f"{name} ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("name", "raw", "field", "parsed"),
    [
        ("SESSION_EXPIRE_AFTER_LAST_ACTIVITY", False, "from_start", True),
        ("SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD", 0, "grace", 0),
        ("SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD", None, "grace", None),
        (
            "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD",
            timedelta(minutes=1),
            "grace",
            60,
        ),
        ("SESSION_TIMEOUT_REDIRECT", by_path, "redirect", by_path),
        ("SESSION_TIMEOUT_HANDLER", by_path, "handler", by_path),
        (
            "SESSION_TIMEOUT_HANDLER",
            "tests.support.callables.by_path",
            "handler",
            by_path,
        ),
        ("SESSION_TIMEOUT_MESSAGE", "Bye.", "message", "Bye."),
        ("SESSION_TIMEOUT_MESSAGE", gettext_lazy("Bye."), "message", "Bye."),
        ("SESSION_TIMEOUT_REAUTHENTICATE_SECONDS", None, "reauthenticate", None),
        (
            "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS",
            timedelta(hours=1),
            "reauthenticate",
            3600,
        ),
        ("SESSION_TIMEOUT_CLEAR_SITE_DATA", ["*"], "clear_site_data", '"*"'),
        ("SESSION_TIMEOUT_CLEAR_SITE_DATA", (), "clear_site_data", ""),
        ("SESSION_SAVE_EVERY_REQUEST", True, "save_every_request", True),
    ],
)
def test_a_right_setting_is_parsed(name, raw, field, parsed):
    with override_settings(**{name: raw}):
        assert getattr(get_config(), field) == parsed


@pytest.mark.parametrize(
    ("redirect", "anonymous", "expected"),
    [
        (None, None, False),
        ("/timeout/", None, True),
        ("/timeout/", False, False),
        (None, True, True),
    ],
)
def test_strangers_are_redirected_where_the_redirect_is_the_sites(
    redirect, anonymous, expected
):
    with override_settings(
        SESSION_TIMEOUT_REDIRECT=redirect, SESSION_TIMEOUT_REDIRECT_ANONYMOUS=anonymous
    ):
        assert get_config().redirect_anonymous is expected


def test_the_default_limit_is_djangos_cookie_age(settings):
    delete_setting(settings, "SESSION_EXPIRE_SECONDS")
    settings.SESSION_COOKIE_AGE = 900
    assert get_config().limits == Limits(idle=900, absolute=None, grace=15)


def test_plain_limits_need_no_request():
    assert get_config().limits_for(RequestFactory().get("/")) is get_config().limits


def test_settings_are_read_lazily_also_in_the_middle_of_a_test(settings):
    for seconds in (600, 700):
        settings.SESSION_EXPIRE_SECONDS = seconds
        assert get_config().limits.idle == seconds
        with override_settings(SESSION_EXPIRE_SECONDS=seconds + 1):
            assert get_config().limits.idle == seconds + 1
        assert get_config().limits.idle == seconds


def test_settings_are_parsed_once():
    before = get_config()
    assert get_config() is before
    with override_settings(SESSION_EXPIRE_SECONDS=5):
        overridden = get_config()
        assert get_config() is overridden is not before
    assert get_config() == before


def test_every_setting_has_a_default(settings):
    for name in SETTINGS:
        if hasattr(settings, name):
            delete_setting(settings, name)
    defaults = get_config()
    assert defaults.redirect is None
    assert defaults.handler is None
    assert not defaults.from_start
    assert not defaults.passive.names | defaults.exempt.names


def test_a_setting_may_be_deleted_in_the_middle_of_a_test(settings):
    assert get_config().limits.idle == 1800
    delete_setting(settings, "SESSION_EXPIRE_SECONDS")
    assert get_config().limits.idle == settings.SESSION_COOKIE_AGE
    settings.SESSION_EXPIRE_SECONDS = None
    assert get_config().limits.idle is None


@override_settings()
def test_a_change_without_djangos_signal_is_not_seen(settings):
    from django.conf import settings as django_settings

    assert get_config().limits.idle == 1800
    django_settings.SESSION_EXPIRE_SECONDS = 60
    assert get_config().limits.idle == 1800
    setting_changed.send(None, setting="SESSION_EXPIRE_SECONDS", value=60, enter=True)
    assert get_config().limits.idle == 60


def test_a_wrong_value_that_equals_a_right_one_is_still_wrong(settings):
    settings.SESSION_EXPIRE_SECONDS = 1
    assert get_config().limits.idle == 1
    settings.SESSION_EXPIRE_SECONDS = True
    with pytest.raises(ImproperlyConfigured):
        get_config()
