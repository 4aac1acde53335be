"""mozilla-django-oidc: no login without a question once the session has ended."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from session_timeout.signals import session_expired
from tests.support.paths import OURS

RECIPE = "Single sign-on"
REFRESH = "mozilla_django_oidc.middleware.SessionRefresh"


def question(response):
    """What the provider is asked."""
    assert response.status_code == 302
    assert response.url.startswith("https://id.example.com/authorize?")
    query = parse_qs(urlsplit(response.url).query)
    return {name: values[0] for name, values in query.items()}


def answer(browser, asked):
    """The provider's answer: the visitor is back with a code."""
    return browser.get(f"/oidc/callback/?code=c&state={asked['state']}")


@pytest.fixture
def sso(visitor, monkeypatch):
    """A visitor whom the provider knows as Ada."""
    claims = {"sub": "1", "email": "ada@example.com"}
    provider = {
        "get_token": lambda *args: {"id_token": "i", "access_token": "a"},
        "verify_token": lambda *args, **kwargs: claims,
        "get_userinfo": lambda *args: claims,
    }
    for name, says in provider.items():
        monkeypatch.setattr(OIDCAuthenticationBackend, name, says)
    return visitor


@pytest.fixture
def signed_in(sso):
    answer(sso, question(sso.get("/oidc/authenticate/?next=/page/")))
    assert sso.user != "AnonymousUser"
    return sso


def test_the_sign_in_leads_to_the_page(sso):
    asked = question(sso.get("/oidc/authenticate/?next=/page/"))
    assert answer(sso, asked).url == "/page/"


def test_an_expired_visitor_sees_a_page_of_the_site(signed_in, clock):
    clock.tick(1800)
    ended = signed_in.get("/page/")
    assert ended.url == "/signed-out/"
    assert b"Sign in again" in signed_in.get(ended.url).content
    assert signed_in.user == "AnonymousUser"


def test_the_same_user_signs_in_again_and_goes_on(signed_in, clock):
    resumed = "/session-timeout/resumed/"

    def mark():
        return re.findall('data-session="(.+?)"', str(signed_in.get(resumed).content))

    before = mark()
    clock.tick(1800)
    assert signed_in.get("/page/").url == "/signed-out/"
    asked = question(signed_in.get(f"/oidc/authenticate/?next={resumed}"))
    assert answer(signed_in, asked).url == resumed
    assert mark() == before != []


def test_to_sign_in_again_the_provider_has_to_ask(signed_in, clock):
    clock.tick(1800)
    signed_in.get("/page/")
    asked = question(signed_in.get("/oidc/authenticate/"))
    assert asked["prompt"] == "login"


def test_at_work_the_refresh_stays_without_a_question(signed_in, clock):
    clock.tick(1000)
    asked = question(signed_in.get("/page/"))
    assert asked["prompt"] == "none"
    assert answer(signed_in, asked).url == "/page/"


def test_the_refresh_before_ours_would_revive_an_idle_session(
    signed_in, clock, settings
):
    others = [name for name in settings.MIDDLEWARE if name not in (OURS, REFRESH)]
    settings.MIDDLEWARE = [*others, REFRESH, OURS]
    clock.tick(1800)
    asked = question(signed_in.twin().get("/page/"))
    assert asked["prompt"] == "none"


def test_a_refresh_that_was_left_open_revives_nothing(signed_in, clock):
    clock.tick(1000)
    asked = question(signed_in.get("/page/"))
    clock.tick(1800)
    assert answer(signed_in, asked).url == "/page/"
    assert signed_in.get("/page/").url == "/signed-out/"


def test_who_takes_long_at_the_provider_is_signed_in(sso, clock):
    asked = question(sso.get("/oidc/authenticate/?next=/page/"))
    clock.tick(1800)
    assert answer(sso, asked).url == "/page/"
    assert sso.user != "AnonymousUser"


def test_with_a_callback_that_is_checked_they_have_to_begin_again(sso, clock, settings):
    settings.SESSION_TIMEOUT_EXEMPT_URLS = []
    asked = question(sso.get("/oidc/authenticate/?next=/page/"))
    clock.tick(1800)
    assert answer(sso, asked).url == "/"
    assert sso.user == "AnonymousUser"


def test_a_prompt_in_the_settings_would_interrupt_people_at_work(
    signed_in, clock, settings
):
    settings.OIDC_AUTH_REQUEST_EXTRA_PARAMS = {"prompt": "login"}
    clock.tick(1000)
    assert question(signed_in.get("/page/"))["prompt"] == "login"


def test_the_signal_still_finds_the_hint_for_the_providers_logout(sso, clock, settings):
    settings.OIDC_STORE_ID_TOKEN = True
    answer(sso, question(sso.get("/oidc/authenticate/?next=/page/")))
    hints = []

    def receive(request, **kwargs):
        hints.append(request.session["oidc_id_token"])

    session_expired.connect(receive)
    try:
        clock.tick(1800)
        sso.get("/page/")
    finally:
        session_expired.disconnect(receive)
    assert hints == ["i"]
