"""Sites in several languages."""

import pytest
from django.utils import translation

from tests.support.client import Browser
from tests.support.paths import OURS, SESSIONS


class TestLanguages:
    @pytest.fixture(autouse=True)
    def site(self, settings):
        settings.ROOT_URLCONF = "tests.support.urls_in_languages"
        settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
        settings.MIDDLEWARE = [
            SESSIONS,
            OURS,
            "django.middleware.locale.LocaleMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ]
        yield
        translation.deactivate()

    @pytest.fixture
    def idle(self, mode, user, clock):
        browser = Browser(mode)
        browser.client.force_login(user)
        clock.tick(1800)
        translation.deactivate()
        return browser

    def test_a_passive_view_in_any_language(self, mode, user, clock):
        browser = Browser(mode)
        browser.client.force_login(user)
        for _ in range(2):
            clock.tick(900)
            translation.deactivate()
            response = browser.get("/nl/poll/")
        assert response.url == "/nl/login/?next=/nl/poll/"

    def test_an_exempt_view_in_any_language(self, idle):
        assert idle.get("/nl/public/").status_code == 200

    @pytest.mark.parametrize(
        ("path", "url"),
        [
            ("/nl/page/", "/nl/login/?next=/nl/page/"),
            ("/nl/admin/", "/nl/admin/login/?next=/nl/admin/"),
            ("/nl/farewell/", "/nl/login/"),
            ("/nl/farewell", "/nl/login/"),
        ],
    )
    def test_the_login_page_in_any_language(self, idle, path, url):
        assert idle.get(path).url == url

    def test_the_login_page_itself(self, idle):
        assert idle.get("/nl/login/").status_code == 200
