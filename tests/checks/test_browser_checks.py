"""The checks of the browser side: when each is reported, and that it is not else."""

import pytest
from django.conf import settings as site
from django.core.checks import registry, run_checks
from django.test import override_settings

from session_timeout.checks import check_browser
from tests.support.callables import by_path
from tests.support.checks import ids_of


def ids(**settings):
    with override_settings(**settings):
        return ids_of(check_browser())


def test_a_site_in_order_is_silent():
    assert ids() == []


def test_the_checks_are_bound():
    assert check_browser in registry.registry.get_checks()
    with override_settings(SESSION_TIMEOUT_EXEMPT_URLS=["/"]):
        reported = [message.id for message in run_checks(tags=["security"])]
    assert reported.count("session_timeout.E035") == 3


def test_wrong_settings_are_left_to_the_other_checks():
    assert ids(SESSION_EXPIRE_SECONDS=0, SESSION_TIMEOUT_EXEMPT_URLS=["/"]) == []


class TestExemption:
    @pytest.mark.parametrize(
        ("exempt", "expected"),
        [
            (["/"], 3),
            (["/session-timeout/"], 3),
            (["^/session-timeout/extend/$"], 1),
            (["session_timeout:status"], 1),
            (["/page/", "home"], 0),
        ],
    )
    def test_of_the_urls_is_an_error(self, exempt, expected):
        found = ids(SESSION_TIMEOUT_EXEMPT_URLS=exempt)
        assert found == ["session_timeout.E035"] * expected

    def test_the_url_is_named(self, settings):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["session_timeout:extend"]
        (error,) = check_browser()
        assert error.msg.startswith("/session-timeout/extend/ is exempt")

    def test_without_the_urls_there_is_none(self, settings):
        settings.ROOT_URLCONF = "tests.support.urls_without_users"
        assert ids(SESSION_TIMEOUT_EXEMPT_URLS=["/"]) == []


class TestTheWarning:
    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({"SESSION_TIMEOUT_WARNING_SECONDS": 901}, "W045"),
            ({"SESSION_TIMEOUT_WARNING_SECONDS": 900}, ""),
            ({"SESSION_EXPIRE_SECONDS": 100}, ""),
            (
                {"SESSION_EXPIRE_SECONDS": 100, "SESSION_TIMEOUT_WARNING_SECONDS": 60},
                "W045",
            ),
            (
                {"SESSION_EXPIRE_SECONDS": None, "SESSION_TIMEOUT_WARNING_SECONDS": 60},
                "",
            ),
            (
                {
                    "SESSION_EXPIRE_SECONDS": by_path,
                    "SESSION_TIMEOUT_WARNING_SECONDS": 9999,
                },
                "",
            ),
        ],
    )
    @pytest.mark.parametrize(
        "urls", ["tests.support.urls", "tests.support.urls_without_users"]
    )
    def test_that_takes_more_than_half_of_the_limit(self, settings, expected, urls):
        found = ids(ROOT_URLCONF=urls, TEMPLATES=[], **settings)
        assert found == ([f"session_timeout.{expected}"] if expected else [])

    def test_the_default_adapts_itself_in_silence(self, settings):
        assert not hasattr(site, "SESSION_TIMEOUT_WARNING_SECONDS")
        assert ids(SESSION_EXPIRE_SECONDS=60) == []


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ("tests.support.urls", []),
        ("tests.support.urls_without_users", ["session_timeout.W047"]),
    ],
)
def test_signing_in_again_without_the_dialog_is_told(urls, expected):
    asked = {"SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": 600}
    assert ids(ROOT_URLCONF=urls, **asked) == expected
