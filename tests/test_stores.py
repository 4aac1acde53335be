"""The promises on real stores: PostgreSQL, MariaDB, SQLite, Redis, Memcached, files,
and an engine of somebody else's with a session model of its own.
"""

import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from threading import Thread
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from session_timeout import entries
from session_timeout.engines import engine_of
from session_timeout.memory import Memory
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests import servers
from tests.caches import Recording
from tests.conftest import ENGINES, Browser, Hook
from tests.views import meanwhile

ALIAS = "stores"
QSESSIONS = {
    "INSTALLED_APPS": [
        # The simple one imports no admin module, and registers nothing for good.
        app.replace("contrib.admin", "contrib.admin.apps.SimpleAdminConfig")
        for app in [*django_settings.INSTALLED_APPS, "qsessions"]
    ],
    "MIDDLEWARE": [
        path.replace("django.contrib.sessions", "qsessions")
        for path in django_settings.MIDDLEWARE
    ],
}


class Router:
    """Users and sessions live in the database of the test's own."""

    def db_for_read(self, model, **hints):
        return ALIAS

    db_for_write = db_for_read


@dataclass(frozen=True)
class Store:
    """An engine, and what it stands on. The users are always in a database."""

    engine: str
    database: str = "SQLite"
    cache: str = ""

    def __str__(self):
        engine = self.engine.removeprefix("django.contrib.sessions.backends.")
        return "-".join(filter(None, [engine, self.database, self.cache]))

    @property
    def session_class(self):
        return import_module(self.engine).SessionStore

    @property
    def has_rows(self):
        return self.engine.endswith("db")

    @contextmanager
    def settings(self, directory):
        """The settings of a site with this store, for as long as the context lasts."""
        found = {
            "DATABASE_ROUTERS": [Router()],
            "SESSION_ENGINE": self.engine,
            "SESSION_FILE_PATH": str(directory),
        }
        if self.engine.startswith("qsessions."):
            found |= QSESSIONS
        if self.cache:
            where = servers.cache(self.cache, f"session_timeout_{uuid4().hex}")
            where |= {"BACKEND": f"tests.caches.{self.cache}"}
            found["CACHES"] = {**django_settings.CACHES, ALIAS: where}
            found["SESSION_CACHE_ALIAS"] = ALIAS
        with override_settings(**found):
            yield
            if self.cache:
                caches[ALIAS].clear()

    @contextmanager
    def own_database(self, directory):
        """A new database, for as long as the context lasts."""
        name = f"session_timeout_{uuid4().hex}"
        if self.database == "SQLite":
            name = str(directory / name)
            where = {"ENGINE": "django.db.backends.sqlite3", "NAME": name}
        else:
            where = servers.database(self.database, name)
        where["TEST"] = {"NAME": name, "MIGRATE": False}
        every = connections.configure_settings({"default": {}, ALIAS: where})
        connections.databases[ALIAS] = every[ALIAS]
        connection = connections[ALIAS]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
            connection.close()
            del connections[ALIAS]
            del connections.databases[ALIAS]

    def row(self, key):
        """Return the row's columns, with the session's data decoded."""
        session = self.session_class(key)
        (row,) = session.model.objects.filter(session_key=key).values()
        return {**row, "session_data": session.decode(row["session_data"])}

    def besides_the_record(self, key):
        """Return all that is stored of a session, but the record."""
        found = {"data": self.session_class(key).load()}
        found["data"].pop(SESSION_TIMEOUT_KEY)
        if self.cache:
            # With the record: a stamp leaves this copy as it is.
            found["copy"] = caches[ALIAS].get(self.session_class(key).cache_key)
        if self.has_rows:
            found["row"] = self.row(key)
            found["row"]["session_data"].pop(SESSION_TIMEOUT_KEY)
        return found

    def is_gone(self, key):
        """Whether nothing at all is stored of a session."""
        session, traces = self.session_class(key), []
        if self.cache:
            names = [f"{prefix}{session.cache_key}" for prefix in ("", ENTRY)]
            traces += [name for name in names if name in caches[ALIAS]]
        elif not self.has_rows:
            traces += filter(session.exists, [engine_of(session, key).name])
        return not traces and not session.exists(key)

    def costs(self, call, *args):
        """Return how many times the call reads and writes, each in which way."""
        Recording.calls.clear()
        with CaptureQueriesContext(connections[ALIAS]) as queries:
            assert call(*args).status_code == 200
        statements = [query["sql"].split()[0] for query in queries.captured_queries]
        return Counter([*statements, *Recording.calls])


ENTRY = "session_timeout:"
DJANGOS = [
    Store(ENGINES["db"], "SQLite"),
    Store(ENGINES["db"], "PostgreSQL"),
    Store(ENGINES["db"], "MariaDB"),
    Store(ENGINES["cached_db"], "PostgreSQL", "Redis"),
    Store(ENGINES["cached_db"], "MariaDB", "Memcached"),
    Store(ENGINES["cache"], cache="Redis"),
    Store(ENGINES["cache"], cache="Memcached"),
    Store(ENGINES["file"]),
]
OTHERS = [
    Store("qsessions.backends.db", "PostgreSQL"),
    Store("qsessions.backends.cached_db", "PostgreSQL", "Redis"),
]
STORES = [*DJANGOS, *OTHERS]


@pytest.fixture(scope="module", params=STORES, ids=str)
def store(request, django_db_blocker, tmp_path_factory):
    """A site with this store, without the transaction of a test around it."""
    store, directory = request.param, tmp_path_factory.mktemp("store")
    for server in servers.PORTS:
        if server in {store.database, store.cache}:
            servers.require(server)
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(store.settings(directory))
        stack.enter_context(store.own_database(directory))
        User.objects.create_user("ada", password="secret")
        yield store


@pytest.fixture
def browser(store, mode):
    browser = Browser(mode)
    browser.login()
    return browser


def among(stores):
    """The test is about these stores only."""
    return pytest.mark.parametrize("store", stores, ids=str, indirect=True)


def expired(response):
    return response.status_code == 302 and response.url.startswith("/login/")


@pytest.fixture
def between(settings):
    settings.SESSION_EXPIRE_SECONDS = Hook()
    settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 30
    return settings.SESSION_EXPIRE_SECONDS


def test_an_idle_session_is_refused_at_the_limit_and_not_before(store, browser, clock):
    key = browser.key
    for _ in range(2):
        clock.tick(1799)
        assert browser.user == "ada"
    clock.tick(1799)
    assert browser.get("/poll/").content == b"user=ada"
    clock.tick(1)
    assert expired(browser.get("/page/"))
    assert store.is_gone(key)
    browser.client.cookies["sessionid"] = key
    assert browser.user == "AnonymousUser"


def test_a_stamp_leaves_all_else_as_it_is(store, browser, clock):
    browser.get("/write/?cart=7")
    before = store.besides_the_record(browser.key)
    clock.tick(60)
    browser.get("/")
    assert browser.record.last_activity == time.time()
    assert before["data"]["cart"] == "7"
    assert store.besides_the_record(browser.key) == before


def test_a_stamp_is_a_read_and_a_write_of_each_store_once_per_grace_period(
    store, browser, clock
):
    def visit(after):
        clock.tick(after)
        return store.costs(browser.get, "/")

    between_stamps = visit(after=29)
    assert between_stamps.total() == (store.engine != ENGINES["file"])
    for _ in range(2):
        stamp = visit(after=1) - between_stamps
        assert stamp <= Counter(SELECT=1, UPDATE=1, get=1, set=1)
        assert bool(stamp["UPDATE"]) == store.has_rows
        assert bool(stamp["set"]) == bool(store.cache)
        assert browser.record.last_activity == time.time()
        assert visit(after=0) == between_stamps
        assert visit(after=29) == between_stamps
        assert browser.record.last_activity == time.time() - 29


def test_another_requests_write_between_load_and_stamp_survives(
    store, browser, clock, between
):
    clock.tick(60)

    def write(request):
        def write_passively(request):
            request.session["kept"] = "yes"

        meanwhile.function = write_passively
        assert browser.twin().get("/passive/during/").status_code == 200

    between.function = write
    assert browser.get("/").status_code == 200
    assert browser.record.last_activity == time.time()
    assert browser.get("/read/").json() == {"kept": "yes"}
    clock.tick(1800)
    assert expired(browser.get("/page/"))


@pytest.mark.parametrize("how", ["sign-out", "delete"])
def test_a_session_ended_between_load_and_stamp_stays_ended(
    store, browser, clock, between, how
):
    key = browser.key
    clock.tick(60)

    def sign_out(request):
        assert browser.twin().post("/logout/").status_code == 200
        browser.client.cookies["sessionid"] = key

    def delete(request):
        store.session_class(key).delete()

    between.function = {"sign-out": sign_out, "delete": delete}[how]
    assert browser.get("/").status_code == 200
    assert not store.session_class().exists(key)
    assert browser.user == "AnonymousUser"


def test_login_and_logout_leave_nothing_behind(store, mode, clock):
    browser = Browser(mode)
    browser.get("/write/?cart=7")
    clock.tick(60)
    browser.get("/")
    assert browser.record == (time.time() - 60, time.time(), browser.record.expires_at)
    anonymous = browser.key
    clock.tick(60)
    browser.login()
    assert store.is_gone(anonymous)
    assert browser.key != anonymous
    assert browser.record[:2] == (time.time(), time.time())
    assert browser.get("/read/").json() == {"cart": "7"}
    clock.tick(60)
    browser.get("/")
    known = browser.key
    clock.tick(1)
    browser.post("/logout/")
    assert store.is_gone(known)
    assert browser.user == "AnonymousUser"


@among([store for store in STORES if store.has_rows and store.cache])
def test_a_flushed_cache_forgets_nothing_older_than_the_grace_period(
    store, browser, clock, monkeypatch
):
    def flush():
        """As if everything but the database had been started anew."""
        caches[ALIAS].clear()
        monkeypatch.setattr(entries, "memory", Memory(10))

    clock.tick(1700)
    browser.get("/")
    clock.tick(29)
    browser.get("/")
    flush()
    clock.tick(1770)
    assert browser.user == "ada"
    flush()
    clock.tick(1799)
    assert browser.get("/poll/").content == b"user=ada"
    flush()
    clock.tick(1)
    assert expired(browser.get("/page/"))


@among(OTHERS)
# qsessions notes a changed visitor as it loads the session, if by its sync form.
@pytest.mark.parametrize(("mode", "noted"), [("sync", "Another/2.0"), ("async", "")])
def test_a_session_that_its_engine_changes_while_loading_it_goes_on(
    store, browser, clock, noted
):
    clock.tick(60)
    response = browser.get("/page/", User_Agent="Another/2.0")
    assert response.content.startswith(b"user=ada")
    assert browser.record.last_activity == time.time()
    row = store.row(browser.key)
    assert (row["user_id"], row["user_agent"]) == (User.objects.get().pk, noted)


@contextmanager
def locked(browser, **values):
    """Another connection that has written to the session, and not yet committed."""
    session = browser.session
    data = session.encode({**session.load(), **values})
    table = session.model._meta.db_table
    connection = connections[ALIAS].copy()
    connection.inc_thread_sharing()
    connection.set_autocommit(False)
    try:
        with connection.cursor() as cursor:
            sql = f"UPDATE {table} SET session_data = %s WHERE session_key = %s"
            cursor.execute(sql, [data, browser.key])
        yield connection
    finally:
        # The end of a connection alone is noticed some time later.
        connection.rollback()
        connection.close()


IMPATIENCE = {
    "PostgreSQL": {"options": "-c lock_timeout=1"},
    "MariaDB": {"init_command": "SET innodb_lock_wait_timeout = 0"},
}
WAITS_FOR_US = {
    "PostgreSQL": """
        SELECT 1 FROM pg_locks
        WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
    """,
    "MariaDB": """
        SELECT 1 FROM information_schema.innodb_lock_waits
        JOIN information_schema.innodb_trx ON trx_id = blocking_trx_id
        WHERE trx_mysql_thread_id = CONNECTION_ID()
    """,
}


def commit_when_waited_for(connection, sql):
    attempts = iter(range(100))
    try:
        with connection.cursor() as cursor:
            while not cursor.execute(sql) or not cursor.fetchall():
                next(attempts)
                # MariaDB shows news of its locks only to who has not asked for 0.1 s.
                time.sleep(0.12)
    finally:
        connection.commit()


@among([store for store in DJANGOS if store.database in IMPATIENCE])
class TestStampSlowToWrite:
    @pytest.fixture
    def impatient(self, store):
        """The site's connection does not wait for locks."""
        connection = connections[ALIAS]
        options = connection.settings_dict["OPTIONS"]
        connection.settings_dict["OPTIONS"] = IMPATIENCE[store.database]
        connection.close()
        yield
        connection.settings_dict["OPTIONS"] = options
        connection.close()

    @pytest.mark.parametrize("atomic_requests", [False, True])
    def test_a_row_that_stays_locked_costs_a_log_line(
        self, store, browser, clock, impatient, caplog, monkeypatch, atomic_requests
    ):
        databases = connections.databases[ALIAS]
        monkeypatch.setitem(databases, "ATOMIC_REQUESTS", atomic_requests)
        began_at = time.time()
        clock.tick(60)
        with locked(browser):
            # The view's own queries work, in a transaction too.
            assert browser.user == "ada"
        (line,) = [r for r in caplog.records if r.name == "session_timeout"]
        assert line.levelname == "WARNING"
        assert line.exc_info
        assert store.row(browser.key)["session_data"][SESSION_TIMEOUT_KEY] == {
            **browser.record._asdict(),
            "last_activity": began_at,
        }
        clock.tick(1739)
        assert browser.user == "ada"
        record = store.row(browser.key)["session_data"][SESSION_TIMEOUT_KEY]
        assert record["last_activity"] == time.time()
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    def test_a_row_that_is_unlocked_in_time_gets_both_writes(
        self, store, browser, clock
    ):
        clock.tick(60)
        with locked(browser, kept="yes") as connection:
            arguments = connection, WAITS_FOR_US[store.database]
            thread = Thread(target=commit_when_waited_for, args=arguments)
            thread.start()
            try:
                assert browser.get("/").status_code == 200
            finally:
                thread.join()
        data = store.row(browser.key)["session_data"]
        assert data["kept"] == "yes"
        assert data[SESSION_TIMEOUT_KEY]["last_activity"] == time.time()


@among([Store(ENGINES["file"])])
class TestFilesBesideSessions:
    """The file engine keeps its stamps in files of their own."""

    @pytest.fixture
    def stamped(self, browser, clock):
        clock.tick(60)
        browser.get("/")
        return browser

    def test_clearsessions_removes_them_in_time(self, stamped, clock, settings):
        session = stamped.session
        entry = engine_of(session, stamped.key).name
        clock.tick(settings.SESSION_COOKIE_AGE - 60)
        call_command("clearsessions")
        assert not session.exists(stamped.key)
        assert session.exists(entry)
        clock.tick(60)
        call_command("clearsessions")
        assert not session.exists(entry)

    def test_they_last_as_long_as_the_session_does(
        self, stamped, clock, monkeypatch, settings
    ):
        settings.SESSION_COOKIE_AGE = 1500
        settings.SESSION_EXPIRE_SECONDS = 5000
        stamped.set(_session_expiry=(timezone.now() + timedelta(days=1)).isoformat())
        for after in (60, 1600, 4999):
            clock.tick(after)
            call_command("clearsessions")
            monkeypatch.setattr(entries, "memory", Memory(10))
            assert stamped.user == "ada"

    def test_two_first_stamps_in_the_same_moment_are_one(
        self, browser, clock, settings, caplog
    ):
        settings.SESSION_ENGINE = "tests.engines.beaten"
        clock.tick(60)
        assert browser.twin().user == "ada"
        assert browser.record.last_activity == time.time()
        assert not caplog.records

    def test_their_names_cannot_be_guessed(self, browser, settings):
        session = browser.session
        names = {engine_of(session, browser.key).name}
        settings.SECRET_KEY = "another"
        names.add(engine_of(session, browser.key).name)
        assert len(names) == 2
        assert all(len(name) == 64 and name.isalnum() for name in names)
