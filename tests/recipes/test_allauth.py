"""django-allauth."""

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from tests.support.client import START

RECIPE = "django-allauth"
RESUMED = "/session-timeout/resumed/"
LOGIN = {"login": "ada", "password": "secret"}


@pytest.fixture
def allauth(visitor):
    """The visitor of a site whose database has allauth's tables."""
    # In the test's transaction, where SQLite cannot migrate.
    editor = connection.SchemaEditorClass(connection)
    editor.deferred_sql = []
    for name in "account", "mfa":
        for model in apps.get_app_config(name).get_models():
            editor.execute(*editor.table_sql(model))
    return visitor


def test_an_expired_visitor_comes_back_from_the_login_page(allauth, clock):
    assert allauth.post("/accounts/login/", LOGIN).status_code == 302
    assert allauth.user == "ada"
    clock.tick(1800)
    ended = allauth.get("/page/?q=1")
    assert ended.url == "/accounts/login/?next=/page/%3Fq%3D1"
    back = allauth.post(ended.url, LOGIN)
    assert back.url == "/page/?q=1"
    assert allauth.user == "ada"


@pytest.mark.parametrize("second_factor", [False, True])
def test_the_same_user_signs_in_again_and_goes_on(allauth, clock, second_factor):
    from allauth.mfa.totp.internal import auth

    secret = auth.generate_totp_secret()
    if second_factor:
        auth.TOTP.activate(User.objects.get(username="ada"), secret)

    def sign_in():
        back = allauth.post(f"/accounts/login/?next={RESUMED}", LOGIN)
        if second_factor:
            assert back.url == "/accounts/2fa/authenticate/"
            (counter, *_) = auth.yield_hotp_counters_from_time()
            code = auth.format_hotp_value(auth.hotp_value(secret, counter))
            back = allauth.post(back.url, {"code": code})
        assert back.url == RESUMED
        return re.findall('data-session="(.+?)"', str(allauth.get(RESUMED).content))

    before = sign_in()
    clock.tick(1800)
    assert allauth.get("/page/").status_code == 302
    assert sign_in() == before != []


def test_the_limits_count_from_the_login(allauth, clock):
    allauth.get("/write/?basket=1")
    clock.tick(1000)
    allauth.post("/accounts/login/", LOGIN)
    assert allauth.record.started_at == START.timestamp() + 1000
    clock.tick(1799)
    assert allauth.user == "ada"


def test_the_way_back_is_never_the_logout(allauth, clock):
    allauth.post("/accounts/login/", LOGIN)
    clock.tick(1800)
    assert allauth.get("/accounts/logout/").url == "/accounts/login/"
