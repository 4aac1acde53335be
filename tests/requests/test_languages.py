"""Sites in several languages."""

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from tests.support.client import JSON, Browser, expired
from tests.support.paths import LOCALE, OURS, SESSIONS


class TestLanguages:
    @pytest.fixture(autouse=True)
    def site(self, settings):
        settings.ROOT_URLCONF = "tests.support.urls_in_languages"
        settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
        settings.MIDDLEWARE = [
            SESSIONS,
            OURS,
            LOCALE,
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


def visit_in(language):
    """Leave a language active in the thread, as an earlier request does."""
    translation.activate(language)


class TestTheLanguageOfAnEarlierRequest:
    """It decides nothing, whether LocaleMiddleware comes later or not at all."""

    @pytest.fixture(autouse=True)
    def site(self, settings):
        settings.ROOT_URLCONF = "tests.support.urls_without_prefix"
        settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
        settings.SESSION_TIMEOUT_MESSAGE = gettext_lazy("Yes")
        yield
        translation.deactivate()

    @pytest.fixture(params=["later", "missing"])
    def browser(self, request, mode, user, settings):
        if request.param == "later":
            settings.MIDDLEWARE = [
                *settings.MIDDLEWARE,
                LOCALE,
            ]
        browser = Browser(mode)
        browser.client.force_login(user)
        visit_in("nl")
        return browser

    def test_a_passive_view_stays_passive(self, browser, clock):
        clock.tick(900)
        browser.get("/poll/")
        visit_in("nl")
        clock.tick(900)
        assert browser.get("/page/").url == "/login/?next=/page/"

    def test_an_exempt_view_stays_exempt(self, browser, clock):
        clock.tick(1800)
        visit_in("nl")
        assert not expired(browser.get("/public/"))

    def test_a_logout_stays_a_logout(self, browser, clock):
        clock.tick(1800)
        visit_in("nl")
        assert browser.get("/farewell/").url == "/login/"

    def test_texts_are_in_the_language_of_the_site(self, browser, clock):
        clock.tick(1800)
        visit_in("nl")
        response = browser.get("/page/", **JSON)
        assert response.json()["detail"] == "Your session has ended."
        assert response.json()["redirect"] == "/login/"
        (message,) = get_messages_of(response)
        assert message == "Yes"

    def test_a_handler_runs_in_the_language_of_the_site(self, browser, clock, settings):
        settings.SESSION_TIMEOUT_HANDLER = say_yes
        clock.tick(1800)
        visit_in("nl")
        assert browser.get("/page/").content == b"Yes"

    def test_a_page_that_names_its_language_keeps_it(self, browser, clock):
        clock.tick(1800)
        visit_in("fr")
        assert browser.get("/nl/page/").url == "/nl/login/?next=/nl/page/"


def say_yes(request, expiry):
    return HttpResponse(gettext("Yes"))


def get_messages_of(response):
    """Return the texts of the messages that are stored in the response's cookie."""
    request = HttpRequest()
    request.COOKIES = {name: item.value for name, item in response.cookies.items()}
    return [message.message for message in CookieStorage(request)]


class TestLocaleMiddlewareBefore:
    def test_its_language_is_that_of_the_texts(self, mode, user, clock, settings):
        settings.MIDDLEWARE = [
            SESSIONS,
            LOCALE,
            OURS,
            *settings.MIDDLEWARE[2:],
        ]
        browser = Browser(mode)
        browser.client.force_login(user)
        clock.tick(1800)
        response = browser.get("/page/", Accept_Language="nl", **JSON)
        assert response.json()["detail"] == "Uw sessie is beëindigd."


class TestASiteWithoutPrefixes:
    def test_a_path_that_looks_like_a_language_is_none(
        self, mode, user, clock, settings
    ):
        settings.SESSION_TIMEOUT_HANDLER = say_yes
        browser = Browser(mode)
        browser.client.force_login(user)
        clock.tick(1800)
        assert browser.get("/de/page/").content == b"Yes"
