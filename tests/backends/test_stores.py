"""The promises on real stores: PostgreSQL, MariaDB, SQLite, Redis, Memcached, files,
and an engine of somebody else's with a session model of its own.
"""

import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread, Timer

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from session_timeout.backends import get_backend
from session_timeout.backends.recent import recent_records
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Record
from tests.support.client import ENGINES, Browser, Hook, expired
from tests.support.sockets import Socket, play, stack
from tests.support.stores import (
    ALIAS,
    DJANGOS,
    ENDLESS_PATIENCE,
    IMPATIENCE,
    OTHERS,
    PATIENCE,
    REPEATABLE_READ,
    STORES,
    Store,
    among,
    locked,
)
from tests.support.views import meanwhile
from tests.support.waiting import SECONDS


@pytest.fixture
def browser(store, mode):
    browser = Browser(mode)
    browser.login()
    return browser


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
        recent_records.clear()

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


def row_record(store, browser):
    data = store.row(browser.key)["session_data"]
    return Record.decode(data[SESSION_TIMEOUT_KEY])


ITS_PATIENCE = {
    "PostgreSQL": "SHOW lock_timeout",
    "MariaDB": "SELECT @@innodb_lock_wait_timeout",
}


def change_and_commit(browser, **values):
    with locked(browser, **values) as connection:
        connection.commit()


@contextmanager
def locked_for_long(browser):
    """Lock the session's row, for so long that nobody should wait for it.

    Yields a function that returns whether the row is still locked.
    """
    with locked(browser) as connection:
        give_up = Timer(SECONDS, connection.rollback)
        give_up.start()
        try:
            yield give_up.is_alive
        finally:
            give_up.cancel()


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


on_databases_with_row_locks = among(
    [store for store in DJANGOS if store.database in IMPATIENCE]
)


@on_databases_with_row_locks
class TestStampSlowToWrite:
    @pytest.fixture
    def impatient(self, store, connect_with):
        """The site's connection does not wait for locks."""
        connect_with(IMPATIENCE[store.database])

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
        assert row_record(store, browser) == browser.record._replace(
            last_activity=began_at
        )
        clock.tick(1739)
        assert browser.user == "ada"
        assert row_record(store, browser).last_activity == time.time()
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
                thread.join(SECONDS)
            assert not thread.is_alive(), "the other transaction has not ended"
        data = store.row(browser.key)["session_data"]
        assert data["kept"] == "yes"
        assert row_record(store, browser).last_activity == time.time()

    def test_the_wait_for_a_locked_row_is_bounded(
        self, store, browser, clock, connect_with, caplog
    ):
        connect_with(PATIENCE[store.database])
        clock.tick(60)
        with locked_for_long(browser):
            assert browser.user == "ada"
        (line,) = [r for r in caplog.records if r.name == "session_timeout"]
        assert "lock" in str(line.exc_info[1]).lower()
        assert "timeout" in str(line.exc_info[1]).lower()

    def test_the_connection_keeps_its_own_patience(self, store, browser, clock):
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(ITS_PATIENCE[store.database])
            before = cursor.fetchall()
            clock.tick(60)
            assert browser.user == "ada"
            cursor.execute(ITS_PATIENCE[store.database])
            assert cursor.fetchall() == before

    def test_a_socket_does_not_wait_and_writes_it_later(
        self, store, browser, clock, connect_with, caplog, monkeypatch
    ):
        """Sockets share a thread: one that waits for a row would hold up the others."""
        monkeypatch.setattr("session_timeout.backends.db.LOCK_TIMEOUT", 2 * SECONDS)
        connect_with(ENDLESS_PATIENCE[store.database])
        began_at = time.time()
        read_record = sync_to_async(row_record)

        async def scenario():
            socket = Socket(stack(messages_are_activity=True), browser)
            await socket.connect()
            clock.tick(60)
            lock = locked_for_long(browser)
            is_locked = await sync_to_async(locks.enter_context)(lock)
            assert (await socket.say())["text"] == "ada: hello"
            assert is_locked()
            await sync_to_async(locks.close)()
            clock.tick(4.99)
            assert (await socket.say())["text"] == "ada: hello"
            assert (await read_record(store, browser)).last_activity == began_at
            clock.tick(0.02)
            assert (await socket.say())["text"] == "ada: hello"

        with ExitStack() as locks:
            play(scenario)
        # Beside a cached session, the cache has had it from the first.
        written_after = 60 if store.cache else 65.01
        assert browser.record.last_activity == round(began_at + written_after, 3)
        (line,) = [r for r in caplog.records if r.name == "session_timeout"]
        assert line.exc_info


@on_databases_with_row_locks
class TestStampInATransactionOfTheSite:
    @pytest.fixture
    def browser(self, settings, browser):
        settings.MIDDLEWARE = [
            "tests.support.middleware.in_transaction",
            *settings.MIDDLEWARE,
        ]
        return browser.twin()

    def test_it_is_written(self, store, browser, clock):
        clock.tick(60)
        assert browser.user == "ada"
        assert row_record(store, browser).last_activity == time.time()

    def test_a_locked_row_is_not_waited_for_and_breaks_nothing(
        self, store, browser, clock, connect_with, caplog
    ):
        connect_with(PATIENCE[store.database])
        clock.tick(60)
        with locked_for_long(browser):
            assert browser.user == "ada"  # the view's own queries work
        (line,) = [r for r in caplog.records if r.name == "session_timeout"]
        assert line.exc_info

    def test_a_row_changed_since_the_snapshot_breaks_nothing(
        self, store, browser, between, clock, connect_with
    ):
        connect_with(REPEATABLE_READ[store.database])
        clock.tick(60)
        between.function = lambda request: change_and_commit(browser, kept="yes")
        assert browser.user == "ada"
        assert store.row(browser.key)["session_data"]["kept"] == "yes"


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
        entry = get_backend(session, stamped.key).side_keys(stamped.key)[0]
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
            recent_records.clear()
            assert stamped.user == "ada"

    def test_two_first_stamps_in_the_same_moment_are_one(
        self, browser, clock, settings, caplog
    ):
        settings.SESSION_ENGINE = "tests.support.engines.beaten"
        clock.tick(60)
        assert browser.twin().user == "ada"
        assert browser.record.last_activity == time.time()
        assert not caplog.records

    def test_one_that_is_just_being_created_hides_no_older_one(
        self, stamped, clock, settings
    ):
        clock.tick(1790)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"
        session = stamped.twin().session
        new, _ = get_backend(session, stamped.key).side_keys(stamped.key)
        Path(session._key_to_file(new)).touch()
        call_command("clear_idle_sessions")
        assert session.exists(stamped.key)

    @pytest.mark.parametrize("by", ["request", "cleanup"])
    def test_they_are_found_after_the_secret_key_has_been_rotated(
        self, stamped, clock, settings, by
    ):
        clock.tick(1790)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"
        recent_records.clear()
        if by == "cleanup":
            call_command("clear_idle_sessions")
        stamped = stamped.twin()
        assert stamped.user == "ada"
        assert stamped.record.last_activity == time.time()
        recent_records.clear()
        clock.tick(1799)
        assert stamped.user == "ada"
        clock.tick(1800)
        key = stamped.key
        if by == "cleanup":
            call_command("clear_idle_sessions")
            assert stamped.user == "AnonymousUser"
        else:
            assert expired(stamped.get("/page/"))
        session = stamped.session
        for side_key in get_backend(session, key).side_keys(key):
            assert not session.exists(side_key)

    def test_their_names_cannot_be_guessed(self, browser, settings):
        session = browser.session
        names = {get_backend(session, browser.key).side_keys(browser.key)[0]}
        settings.SECRET_KEY = "another"
        names.add(get_backend(session, browser.key).side_keys(browser.key)[0])
        assert len(names) == 2
        assert all(len(name) == 64 and name.isalnum() for name in names)
