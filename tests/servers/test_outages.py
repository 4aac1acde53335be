"""Redis and PostgreSQL die and come back: private instances, which the tests kill."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from glob import glob

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connections
from django.db.backends.postgresql import base as postgresql_backend
from django.test import override_settings

from tests.support.client import ENGINES, Browser, expired
from tests.support.servers import absent
from tests.support.waiting import SECONDS, stop, wait_until

pytestmark = [pytest.mark.races, pytest.mark.servers]

# Imported here, before a fixture freezes time: psycopg's C parts look at the real
# datetime.
assert postgresql_backend

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}


def program(name):
    """The path of a server's program; without it, the test is skipped."""
    found = [shutil.which(name), *glob(f"/usr/lib/postgresql/*/bin/{name}")]
    path = next(filter(None, found), None)
    return path or absent(f"{name} is not installed: install it to run this test")


class Server:
    """A server's process, on a port of its own."""

    def __init__(self, *command, probe, stop_by=signal.SIGTERM, **kwargs):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self.command, self.probe = (
            [part.format(port=self.port) for part in parts]
            for parts in (command, probe)
        )
        self.stop_by, self.kwargs = stop_by, {**QUIET, **kwargs}

    def start(self):
        self.process = subprocess.Popen(self.command, **self.kwargs)
        wait_until(self.answers, f"{self.command[0]} to answer on port {self.port}")

    def answers(self):
        """Whether the server is up; never for longer than it takes to ask."""
        return (
            subprocess.run(self.probe, check=False, timeout=SECONDS, **QUIET).returncode
            == 0
        )

    def die(self):
        stop(self.process, self.stop_by)


@pytest.mark.parametrize("name", ["no-such-server"])
@pytest.mark.parametrize(
    ("strict", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_a_missing_server_is_a_skip_or_a_failure(monkeypatch, name, strict, outcome):
    monkeypatch.setenv("SESSION_TIMEOUT_TESTS_STRICT", strict)
    with pytest.raises(outcome, match="is not installed: install it"):
        program(name)


@pytest.fixture
def redis(settings, tmp_path):
    """A private Redis, beneath the session cache."""
    command = [program("redis-server"), "--bind", "127.0.0.1", "--port", "{port}"]
    probe = [program("redis-cli"), "-p", "{port}", "ping"]
    server = Server(*command, "--save", "", "--dir", str(tmp_path), probe=probe)
    server.start()
    settings.CACHES = {
        "default": settings.CACHES["default"],
        "private": {
            "BACKEND": "tests.support.caches.Redis",
            "LOCATION": f"redis://127.0.0.1:{server.port}",
        },
    }
    settings.SESSION_CACHE_ALIAS = "private"
    yield server
    server.die()


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
    # The server refuses to run as root.
    owner = {"user": "postgres"} if os.geteuid() == 0 else {}
    directory = tempfile.mkdtemp(prefix="session_timeout_")
    shutil.chown(directory, owner.get("user", os.geteuid()))
    initdb = [program("initdb"), "--no-sync", "--auth=trust", "--username=postgres"]
    initialise = [*initdb, "-D", directory]
    subprocess.run(initialise, check=True, timeout=SECONDS, **QUIET, **owner)
    command = [program("postgres"), "-D", directory, "-h", "127.0.0.1", "-p", "{port}"]
    probe = [program("pg_isready"), "-h", "127.0.0.1", "-p", "{port}"]
    # PostgreSQL's "immediate shutdown"; at a SIGTERM it would wait for its clients. It
    # sets up its own handlers, so that neither signal is ever ignored.
    immediately = {"stop_by": signal.SIGQUIT}
    server = Server(*command, "-k", "", "-F", probe=probe, **immediately, **owner)
    server.start()
    try:
        connections.databases["private"] = private_database(server.port)
        yield server
        connections["private"].close()
        del connections["private"]
        del connections.databases["private"]
    finally:
        server.die()
        shutil.rmtree(directory)


def private_database(port):
    where = {"NAME": "postgres", "USER": "postgres", "HOST": "127.0.0.1", "PORT": port}
    engine = {"ENGINE": "django.db.backends.postgresql"}
    databases = {"default": {}, "private": {**engine, **where}}
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
