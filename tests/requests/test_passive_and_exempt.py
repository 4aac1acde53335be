"""Requests that are no activity, and requests that are left alone."""

import time

import pytest
from django.test import override_settings
from django.urls import clear_script_prefix, set_script_prefix

from tests.support.client import Browser, expired
from tests.support.paths import AUTH, OURS, SESSIONS


class TestExemptAndPassive:
    @pytest.mark.parametrize(
        "path", ["/public/", "/async/public/", "/class/public/", "/", "/widgets/poll/"]
    )
    def test_an_exempt_request_is_neither_checked_nor_activity(
        self, browser, engine, clock, settings, path
    ):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/$", "gadgets:poll"]
        browser.login()
        began_at = time.time()
        for _ in range(2):
            clock.tick(1000)
            assert browser.get(path).status_code == 200
        assert browser.record.last_activity == began_at
        assert expired(browser.get("/page/"))

    def test_an_exempt_path_loads_nothing(
        self, browser, clock, settings, django_assert_num_queries
    ):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["/widgets/"]
        browser.login()
        clock.tick(60)
        with django_assert_num_queries(0):
            browser.get("/widgets/poll/")

    @pytest.mark.parametrize(
        "name", ["gadgets:poll", "widgets:poll", "/widgets/", "^/w"]
    )
    def test_a_passive_url_by_name_or_path(self, browser, clock, settings, name):
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["poll", name]
        browser.login()
        clock.tick(1000)
        browser.get("/widgets/poll/")
        clock.tick(800)
        assert expired(browser.get("/widgets/poll/"))

    @pytest.mark.parametrize(
        "regexes",
        [
            [r"^/(x)/\1/", r"^/(w)idgets/(p)oll/", r"^/([a-z])\1/"],
            [r"^/(x)/", r"^/widgets/(p|q)o(l)\2/"],
            ["^/(?P<name>x)/", "^/(?P<name>widgets)/"],
            ["^/(?i:x)/", "/(?i:WIDGETS)/"],
        ],
    )
    def test_each_regex_is_one_by_itself(self, browser, clock, settings, regexes):
        settings.SESSION_TIMEOUT_PASSIVE_URLS = regexes
        browser.login()
        clock.tick(1000)
        browser.get("/widgets/poll/")
        clock.tick(800)
        assert expired(browser.get("/widgets/poll/"))

    @pytest.mark.parametrize("path", ["/poll", "/widgets/poll", "/class/poll"])
    def test_a_passive_url_without_its_last_slash(self, browser, clock, settings, path):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.middleware.common.CommonMiddleware",
        ]
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["gadgets:poll"]
        browser = browser.twin()
        browser.login()
        clock.tick(1000)
        assert browser.get(path).url == f"{path}/"
        clock.tick(800)
        assert expired(browser.get("/page/"))

    @override_settings(APPEND_SLASH=False)
    def test_without_append_slash_that_is_another_url(self, browser, clock):
        browser.login()
        clock.tick(1000)
        assert browser.get("/poll").status_code == 404
        assert browser.record.last_activity == time.time()

    @pytest.mark.parametrize("path", ["/widgets/7/", "/page/", "/nowhere/"])
    def test_other_urls_are_activity(self, browser, clock, settings, path):
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["gadgets:poll", "^/poll"]
        browser.login()
        clock.tick(1000)
        browser.get(path)
        assert browser.record.last_activity == time.time()

    def test_paths_and_names_work_under_a_script_prefix(
        self, browser, user, clock, settings
    ):
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["gadgets:poll", "^/poll/"]
        settings.FORCE_SCRIPT_NAME = "/app"
        set_script_prefix("/app/")
        try:
            browser.client.force_login(user)
            began_at = time.time()
            clock.tick(1000)
            # Django's two test clients differ in what they take for the path.
            prefix = "/app" if browser.mode == "async" else ""
            for path in (f"{prefix}/widgets/poll/", f"{prefix}/poll/"):
                assert browser.get(path).status_code == 200
                assert browser.record.last_activity == began_at
            clock.tick(800)
            response = browser.get(f"{prefix}/page/?q=1")
        finally:
            clear_script_prefix()
        assert response.url == "/app/login/?next=/app/page/%3Fq%3D1"

    def test_another_urlconf_is_respected(self, mode, user, clock, settings):
        settings.MIDDLEWARE = [
            SESSIONS,
            "tests.support.middleware.other_urls",
            OURS,
            AUTH,
        ]
        browser = Browser(mode)
        browser.client.force_login(user)
        clock.tick(1800)
        settings.LOGIN_URL = "/login/"
        assert browser.get("/bare/poll/").url == "/login/?next=/bare/poll/"

    def test_a_header_says_passive_only_with_a_one(self, browser, clock):
        browser.login()
        clock.tick(60)
        browser.get("/", X_Session_Passive="0")
        assert browser.record.last_activity == time.time()
