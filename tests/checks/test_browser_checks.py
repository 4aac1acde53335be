"""The checks of the browser side: when each is reported, and that it is not else."""

import pytest
from django.conf import settings as site
from django.core.checks import registry, run_checks
from django.test import override_settings

from session_timeout.browser_checks import check_browser_side
from tests.support.callables import by_path
from tests.support.paths import ROOT
from tests.support.template_settings import templates

USE = "{% load session_timeout %}{% session_timeout %}"


def ids(**settings):
    with override_settings(**settings):
        return [message.id for message in check_browser_side()]


@pytest.fixture
def project(settings, tmp_path):
    """A project without the URLs, and its directory of templates."""
    settings.ROOT_URLCONF = "tests.support.urls_without_users"
    backend = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**backend, "DIRS": [tmp_path]}]
    return tmp_path


def test_a_site_in_order_is_silent():
    assert ids() == []


def test_the_checks_are_bound():
    assert check_browser_side in registry.registry.get_checks()
    with override_settings(SESSION_TIMEOUT_EXEMPT_URLS=["/"]):
        reported = [message.id for message in run_checks(tags=["security"])]
    assert reported.count("session_timeout.E035") == 2


def test_wrong_settings_are_left_to_the_other_checks():
    assert ids(SESSION_EXPIRE_SECONDS=0, SESSION_TIMEOUT_EXEMPT_URLS=["/"]) == []


class TestTheUrls:
    @pytest.mark.parametrize(
        "text",
        [
            USE,
            "{% session_timeout activity=False %}",
            "{%session_timeout%}",
            "{{ session_timeout(request) }}",
            "{{- session_timeout(request) -}}",
            "{%\n session_timeout %}",
        ],
    )
    def test_are_missing_where_a_template_uses_them(self, project, text):
        path = project / "a" / "base.html"
        path.parent.mkdir()
        path.write_text(f"<html>{text}")
        (error,) = check_browser_side()
        assert error.id == "session_timeout.E034"
        assert error.msg.startswith(f"{path} uses session_timeout")
        assert 'include("session_timeout.urls")' in error.hint

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{% load session_timeout %}",
            "session_timeout",
            "{{ session_timeout }}",
            "{% session_timeouts %}",
            "{% url 'session_timeout:status' %}",
        ],
    )
    def test_are_not_missed_else(self, project, text):
        (project / "base.html").write_text(text)
        assert ids() == []

    def test_each_file_is_named(self, project):
        for name in ("b.html", "a.txt"):
            (project / name).write_text(USE)
        messages = [error.msg for error in check_browser_side()]
        assert [message.split()[0] for message in messages] == [
            str(project / "a.txt"),
            str(project / "b.html"),
        ]

    def test_a_file_that_is_no_text_is_no_fault(self, project):
        (project / "image.bin").write_bytes(bytes(range(256)))
        assert ids() == []

    def test_with_the_urls_no_file_is_looked_at(self, project, settings):
        settings.ROOT_URLCONF = "tests.support.urls"
        (project / "base.html").write_text(USE)
        assert ids() == []

    def test_the_templates_of_jinja2_are_looked_at_too(self, project, settings):
        own = {**settings.TEMPLATES[0], "DIRS": []}
        jinja = "django.template.backends.jinja2.Jinja2"
        settings.TEMPLATES = [own, {"BACKEND": jinja, "DIRS": [project]}]
        (project / "base.jinja").write_text("{{ session_timeout(request) }}")
        assert ids() == ["session_timeout.E034"]

    def test_the_templates_of_apps_are_looked_at_whatever_loads_them(
        self, project, settings
    ):
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.support"]
        templates(settings)
        (error, *_) = check_browser_side()
        assert error.msg.startswith(str(ROOT / "tests/support/templates"))


class TestExemption:
    @pytest.mark.parametrize(
        ("exempt", "expected"),
        [
            (["/"], 2),
            (["/session-timeout/"], 2),
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
        (error,) = check_browser_side()
        assert error.msg.startswith("/session-timeout/extend/ is exempt")

    def test_without_the_urls_there_is_none(self, project):
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
