"""Redis and PostgreSQL die and come back: private instances, which the tests kill."""

from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connections
from django.db.backends.postgresql import base as postgresql_backend
from django.test import override_settings

from tests.support.client import ENGINES, Browser, expired
from tests.support.own_servers import (
    MissingProgramError,
    database_on,
    own_postgresql,
    own_redis,
    program,
)
from tests.support.servers import absent

pytestmark = [pytest.mark.races, pytest.mark.servers]

# Imported here, before a fixture freezes time: psycopg's C parts look at the real
# datetime.
assert postgresql_backend


@contextmanager
def programs_installed():
    """Without the program of a server, the test is skipped."""
    try:
        yield
    except MissingProgramError as missing:
        absent(str(missing))


@pytest.mark.parametrize("name", ["no-such-server"])
@pytest.mark.parametrize(
    ("strict", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_a_missing_server_is_a_skip_or_a_failure(monkeypatch, name, strict, outcome):
    monkeypatch.setenv("SESSION_TIMEOUT_TESTS_STRICT", strict)
    with (
        pytest.raises(outcome, match="is not installed: install it"),
        programs_installed(),
    ):
        program(name)


@pytest.fixture
def redis(settings, tmp_path):
    """A private Redis, beneath the session cache."""
    with programs_installed(), own_redis(tmp_path) as server:
        settings.CACHES = {
            "default": settings.CACHES["default"],
            "private": {
                "BACKEND": "tests.support.caches.Redis",
                "LOCATION": f"redis://127.0.0.1:{server.port}",
            },
        }
        settings.SESSION_CACHE_ALIAS = "private"
        yield server


class TestRedis:
    def test_cached_db_sessions_outlive_their_cache(
        self, redis, mode, user, clock, settings
    ):
        settings.SESSION_ENGINE = ENGINES["cached_db"]
        browser = Browser(mode)
        browser.client.force_login(user)
        browser.client.raise_request_exception = False
        clock.tick(1000)
        assert browser.get("/page/").content.startswith(b"user=ada")
        redis.die()
        # Who does not need the session is served; who does meets Django's own error.
        assert browser.get("/").status_code == 200
        assert browser.get("/page/").status_code == 500
        redis.start()
        clock.tick(1799)
        assert browser.get("/write/?kept=yes").status_code == 200
        redis.die()
        redis.start()
        assert browser.get("/read/").json() == {"kept": "yes"}
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    def test_an_idle_session_is_refused_while_the_cache_is_dead(
        self, redis, mode, user, clock, settings
    ):
        settings.SESSION_ENGINE = ENGINES["cached_db"]
        browser = Browser(mode)
        browser.client.force_login(user)
        browser.client.raise_request_exception = False
        key = browser.key
        clock.tick(1800)
        redis.die()
        for _ in range(2):
            browser.client.cookies["sessionid"] = key
            assert b"ada" not in browser.get("/page/").content
        redis.start()
        browser.client.cookies["sessionid"] = key
        assert b"ada" not in browser.get("/page/").content

    def test_cache_sessions_die_with_it_as_they_do_with_django_alone(
        self, redis, mode, user, clock, settings
    ):
        settings.SESSION_ENGINE = ENGINES["cache"]
        browser = Browser(mode)
        browser.client.force_login(user)
        clock.tick(60)
        redis.die()
        response = browser.get("/")
        assert response.status_code == 200
        assert not response.cookies
        redis.start()
        assert browser.get("/page/").content.startswith(b"user=AnonymousUser")

    def test_redis_dies_between_load_and_stamp(
        self, redis, mode, user, clock, settings, caplog
    ):
        settings.SESSION_ENGINE = ENGINES["cached_db"]
        browser = Browser(mode)
        browser.client.force_login(user)
        settings.SESSION_EXPIRE_SECONDS = lambda request: redis.die() or 1800
        clock.tick(60)
        assert browser.get("/").status_code == 200
        settings.SESSION_EXPIRE_SECONDS = 1800
        assert "session_timeout" in {record.name for record in caplog.records}
        redis.start()
        clock.tick(1799)
        assert browser.get("/page/").content.startswith(b"user=ada")


@pytest.fixture
def postgresql(user):
    """A private PostgreSQL, beneath the sessions; the users stay where they are."""
    with programs_installed(), own_postgresql() as server:
        connections.databases["private"] = private_database(server.port)
        yield server
        connections["private"].close()
        del connections["private"]
        del connections.databases["private"]


def private_database(port):
    databases = {"default": {}, "private": database_on(port)}
    return connections.configure_settings(databases)["private"]


class Router:
    """Sessions live in the private database."""

    def db_for_read(self, model, **hints):
        return "private" if model._meta.app_label == "sessions" else None

    db_for_write = db_for_read


class TestPostgreSQL:
    @pytest.fixture
    def user(self, django_db_setup, django_db_blocker):
        # Without the transaction of a test, which would have to span both databases.
        with django_db_blocker.unblock():
            user = User.objects.create_user("ada")
            yield user
            user.delete()

    @pytest.fixture(autouse=True)
    def sessions(self, postgresql):
        with connections["private"].schema_editor() as editor:
            editor.create_model(Session)
        with override_settings(DATABASE_ROUTERS=["tests.servers.test_outages.Router"]):
            yield

    def test_sessions_outlive_the_servers_death(self, postgresql, mode, user, clock):
        browser = Browser(mode)
        browser.client.force_login(user)
        browser.client.raise_request_exception = False
        browser.get("/write/?kept=yes")
        clock.tick(60)
        assert browser.get("/page/").content.startswith(b"user=ada")
        postgresql.die()
        connections["private"].close()
        # Who does not need the session is served; who does meets Django's own error.
        assert browser.get("/").status_code == 200
        assert browser.get("/read/").status_code == 500
        postgresql.start()
        connections["private"].close()
        assert browser.get("/read/").json() == {"kept": "yes"}
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    def test_the_server_dies_between_load_and_stamp(
        self, postgresql, mode, user, clock, settings, caplog
    ):
        browser = Browser(mode)
        browser.client.force_login(user)
        settings.SESSION_EXPIRE_SECONDS = lambda request: postgresql.die() or 1800
        clock.tick(60)
        assert browser.get("/").status_code == 200
        settings.SESSION_EXPIRE_SECONDS = 1800
        assert "session_timeout" in {record.name for record in caplog.records}
        postgresql.start()
        connections["private"].close()
        assert browser.get("/page/").content.startswith(b"user=ada")
        clock.tick(1800)
        assert expired(browser.get("/page/"))
