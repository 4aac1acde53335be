"""manage.py clear_idle_sessions, on real stores and while the site runs."""

import logging
import os
import time
from contextlib import contextmanager
from io import StringIO
from itertools import chain, count
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections

from session_timeout.backends import get_backend
from session_timeout.backends.labd import LABD_KEY
from session_timeout.cleanup import (
    Counts,
    delete_idle_sessions,
    get_site_backend,
    get_site_limits,
    throttled_progress,
)
from session_timeout.flow import run_sync
from session_timeout.management.commands import clear_idle_sessions
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Limits, Record
from session_timeout.signals import session_cleared
from tests.support.callables import by_path
from tests.support.client import ENGINES, Browser, expired, use_engine
from tests.support.paths import SESSIONS
from tests.support.stores import (
    ALIAS,
    IMPATIENCE,
    REPEATABLE_READ,
    STORES,
    among,
    locked,
)

CLEARABLE = [s for s in STORES if s.has_rows or s.engine == ENGINES["file"]]
WITH_ENTRIES = [s for s in CLEARABLE if s.cache or not s.has_rows]
HALF_AN_HOUR = Limits(1800)


def cleared(*args, **options):
    """Run the command and return what it says."""
    out = StringIO()
    call_command("clear_idle_sessions", *args, stdout=out, no_color=True, **options)
    return out.getvalue().strip()


def counted(backend=None, limits=HALF_AN_HOUR, **options):
    """Clear to the end and return the counts."""
    last = Counts()
    for counts in delete_idle_sessions(
        backend or get_site_backend(), limits, time.time(), **options
    ):
        last = counts
    return last


def remove_all_sessions():
    backend = get_site_backend()
    for batch in backend.list_sessions(1000):
        backend.read_side_records(batch)
        backend.delete_unchanged(batch)


def logged_in(**data):
    browser = Browser("sync")
    browser.login()
    if data:
        browser.set(**data)
    return browser


def exists(browser):
    return browser.session.exists(browser.key)


def spoil(browser, store):
    """Store what cannot be decoded in the place of the session."""
    session = browser.session
    if store.has_rows:
        rows = session.model.objects.filter(session_key=browser.key)
        rows.update(session_data="junk")
    else:
        Path(session._key_to_file()).write_text("junk\N{SNOWMAN}", "utf-8")


@pytest.fixture
def announced():
    """What session_cleared has told, as it is told."""
    told = []

    def receive(signal, **kwargs):
        told.append(kwargs)

    session_cleared.connect(receive)
    yield told
    session_cleared.disconnect(receive)


@among(CLEARABLE)
class TestStores:
    @pytest.fixture(autouse=True)
    def empty(self, store):
        remove_all_sessions()

    def test_what_has_ended_is_removed_with_all_its_traces_and_the_rest_goes_on(
        self, store, clock
    ):
        idle, active = logged_in(), logged_in()
        clock.tick(60)
        idle.get("/")
        clock.tick(1799)
        active.set(_session_timeout=Record(time.time() - 9, time.time(), 1e12).encode())
        assert cleared() == "Removed 0 of 2 sessions."
        clock.tick(1)
        assert cleared() == "Removed 1 of 2 sessions (idle 1)."
        assert store.is_gone(idle.key)
        assert active.user == "ada"
        assert idle.user == "AnonymousUser"

    def test_the_signal_tells_of_each_session_that_was_removed(
        self, store, clock, announced
    ):
        began_at = time.time()
        idle, broken = logged_in(), logged_in()
        broken.set(_session_timeout="junk")
        clock.tick(60)
        idle.get("/")
        clock.tick(1800)
        active = logged_in()
        user_id = active.session["_auth_user_id"]
        cleared(dry_run=True)
        assert announced == []
        cleared()
        assert sorted(announced, key=lambda told: told["reason"]) == [
            {
                "sender": store.session_class,
                "reason": "idle",
                "user_id": user_id,
                "started_at": began_at,
                "last_activity": began_at + 60,
            },
            {
                "sender": store.session_class,
                "reason": "invalid",
                "user_id": user_id,
                "started_at": None,
                "last_activity": None,
            },
        ]

    def test_a_receiver_that_raises_stops_nothing(self, clock, announced):
        def fail(**kwargs):
            raise RuntimeError("no audit today")

        browsers = logged_in(), logged_in()
        clock.tick(1800)
        session_cleared.connect(fail)
        try:
            assert cleared("--batch-size=1") == "Removed 2 of 2 sessions (idle 2)."
        finally:
            session_cleared.disconnect(fail)
        assert len(announced) == 2
        assert not any(map(exists, browsers))

    def test_a_dry_run_counts_and_removes_nothing(self, store, clock):
        browser = logged_in()
        clock.tick(1800)
        before = store.besides_the_record(browser.key)
        line = "Would remove 1 of 1 sessions (idle 1)."
        assert cleared("--dry-run") == cleared(dry_run=True) == line
        assert store.besides_the_record(browser.key) == before
        assert cleared() == "Removed 1 of 1 sessions (idle 1)."

    def test_each_session_is_seen_once_whatever_the_size_of_a_batch(self, clock):
        keys = [logged_in().key for _ in range(5)]
        found = [
            [item.key for item in batch]
            for batch in get_site_backend().list_sessions(2)
        ]
        assert [len(batch) for batch in found] == [2, 2, 1]
        assert sorted(chain(*found)) == sorted(keys)
        clock.tick(1800)
        steps = delete_idle_sessions(
            get_site_backend(), HALF_AN_HOUR, time.time(), batch_size=2
        )
        assert [(c.seen, c.removed.total()) for c in steps] == [(2, 2), (4, 4), (5, 5)]

    def test_what_says_nothing_of_its_last_activity_is_left_alone(self, store, clock):
        unknown, unreadable = logged_in(), logged_in()
        session = unknown.session
        del session[SESSION_TIMEOUT_KEY]
        session.save()
        spoil(unreadable, store)
        clock.tick(1800)
        assert cleared() == (
            "Removed 0 of 2 sessions.\nLeft alone: 1 without a record, 1 unreadable."
        )
        assert exists(unknown)
        assert exists(unreadable)

    @pytest.mark.parametrize(
        "data", [{SESSION_TIMEOUT_KEY: "junk"}, {LABD_KEY: "junk"}]
    )
    def test_a_malformed_record_is_removed_as_its_next_request_would(self, data):
        browser = logged_in()
        session = browser.session
        del session[SESSION_TIMEOUT_KEY]
        session.update(data)
        session.save()
        assert cleared() == "Removed 1 of 1 sessions (invalid 1)."
        assert not exists(browser)

    def test_the_stamp_of_django_session_timeout_counts(self, clock):
        browser = logged_in()
        session = browser.session
        del session[SESSION_TIMEOUT_KEY]
        session[LABD_KEY] = time.time()
        session.save()
        clock.tick(1799)
        assert cleared() == "Removed 0 of 1 sessions."
        clock.tick(1)
        assert cleared() == "Removed 1 of 1 sessions (idle 1)."

    def test_a_stamp_from_the_future_counts_as_now(self, clock):
        ahead = time.time() + 3600
        browser = logged_in(_session_timeout=Record(ahead, ahead, 1e12).encode())
        clock.tick(1800)
        assert cleared() == "Removed 0 of 1 sessions."
        assert exists(browser)

    def test_limits_since_the_start_count_from_there(self, settings):
        now = time.time()
        logged_in(_session_timeout=Record(now - 1800, now, 1e12).encode())
        assert cleared() == "Removed 0 of 1 sessions."
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False
        found = cleared("--dry-run")
        assert found == "Would remove 1 of 1 sessions (absolute 1)."
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = True
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 1801
        assert cleared() == "Removed 0 of 1 sessions."
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 1800
        assert cleared() == "Removed 1 of 1 sessions (absolute 1)."


def stamp(browser, clock):
    """A request begun before the deadline, which ends after it."""
    backend = get_backend(browser.session, browser.key)
    record = browser.record
    now = record._replace(last_activity=time.time())
    assert run_sync(backend.write_activity(record, now, 0.0))


def write(browser, clock):
    browser.set(cart="7")


def sign_in_again(browser, clock):
    """The key stays, and the record begins anew."""
    now = time.time()
    browser.set(_session_timeout=Record(now, now, 1e12).encode())


def sign_out(browser, clock):
    browser.session.delete(browser.key)


def interrupted(act):
    """The site's backend: something happens between the reading and the removal."""
    backend = get_site_backend()

    class Interrupted(type(backend)):
        def delete_unchanged(self, sessions):
            act()
            return super().delete_unchanged(sessions)

    return Interrupted(backend.session, None)


@among(CLEARABLE)
class TestSiteThatRuns:
    @pytest.fixture(autouse=True)
    def empty(self, store):
        remove_all_sessions()

    @pytest.mark.parametrize("act", [stamp, write, sign_in_again])
    def test_a_session_used_between_reading_and_removal_is_kept(self, clock, act):
        browser, other = logged_in(), logged_in()
        clock.tick(1800)
        counts = counted(interrupted(lambda: act(browser, clock)))
        assert (counts.removed.total(), counts.changed) == (1, 1)
        assert exists(browser)
        assert not exists(other)

    def test_a_stamp_between_reading_and_removal_keeps_its_user(self, clock):
        browser = logged_in()
        clock.tick(1800)
        counted(interrupted(lambda: stamp(browser, clock)))
        clock.tick(1799)
        assert browser.user == "ada"

    def test_a_session_ended_between_reading_and_removal_stays_ended(
        self, store, clock
    ):
        browser = logged_in()
        clock.tick(1800)
        counts = counted(interrupted(lambda: sign_out(browser, clock)))
        assert (counts.removed.total(), counts.changed) == (0, 1)
        assert not exists(browser)

    def test_a_session_used_between_two_batches_is_kept(self, clock):
        browsers = [logged_in() for _ in range(4)]
        clock.tick(1800)
        steps = delete_idle_sessions(
            get_site_backend(), HALF_AN_HOUR, time.time(), batch_size=2
        )
        assert next(steps).removed.total() == 2
        used = next(filter(exists, browsers))
        stamp(used, clock)
        (counts,) = steps
        assert (counts.seen, counts.removed.total(), counts.changed) == (4, 3, 0)
        assert used.user == "ada"

    def test_a_request_after_the_deadline_ends_the_session_first(self, clock):
        browser = logged_in()
        clock.tick(1800)

        def request():
            assert expired(browser.get("/page/"))

        counted(interrupted(request))
        assert browser.user == "AnonymousUser"


@among(WITH_ENTRIES)
class TestStampsBesideSessions:
    @pytest.fixture(autouse=True)
    def empty(self, store):
        remove_all_sessions()

    @pytest.fixture
    def beside(self):
        """A session whose stamp lies beside it alone."""
        browser = logged_in()
        return browser, get_backend(browser.session, browser.key)

    def test_they_keep_the_session(self, beside, clock):
        browser, backend = beside
        clock.tick(900)
        run_sync(
            backend.save_side_record(browser.record._replace(last_activity=time.time()))
        )
        clock.tick(1799)
        assert cleared() == "Removed 0 of 1 sessions."
        clock.tick(1)
        assert cleared() == "Removed 1 of 1 sessions (idle 1)."

    def test_a_malformed_one_ends_the_session(self, beside, clock, store):
        browser, backend = beside
        run_sync(backend.save_side_record(browser.record._replace(started_at=-1.0)))
        assert cleared() == "Removed 0 of 1 sessions."
        clock.tick(1800)
        assert cleared() == "Removed 1 of 1 sessions (invalid 1)."
        assert store.is_gone(browser.key)


@among([s for s in CLEARABLE if s.database in IMPATIENCE])
def test_a_row_that_is_locked_is_in_use_and_not_waited_for(store, clock):
    remove_all_sessions()
    browser, other = logged_in(), logged_in()
    clock.tick(1800)
    with locked(browser):
        assert cleared() == (
            "Removed 1 of 2 sessions (idle 1).\nLeft alone: 1 changed meanwhile."
        )
    assert exists(browser)
    assert not exists(other)


@contextmanager
def changed_after_snapshot(browser, times):
    """Let others write a session between a transaction's snapshot and its lock."""
    left = iter(range(times))

    def change_first(execute, sql, params, many, context):
        if " FOR UPDATE" in sql and next(left, None) is not None:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute("SELECT count(*) FROM django_session")
            with locked(browser, kept="yes") as connection:
                connection.commit()
        return execute(sql, params, many, context)

    with connections[ALIAS].execute_wrapper(change_first):
        yield
    assert next(left, None) is None


@among([s for s in CLEARABLE if s.database in REPEATABLE_READ])
def test_a_conflict_between_transactions_is_met_by_another_attempt(
    store, clock, connect_with
):
    connect_with(REPEATABLE_READ[store.database])
    remove_all_sessions()
    used, idle = logged_in(), logged_in()
    clock.tick(1800)
    with changed_after_snapshot(used, times=1):
        assert cleared() == (
            "Removed 1 of 2 sessions (idle 1).\nLeft alone: 1 changed meanwhile."
        )
    assert exists(used)
    assert not exists(idle)


@among([s for s in CLEARABLE if s.database == "PostgreSQL"])
def test_a_conflict_that_goes_on_is_told(store, clock, connect_with):
    connect_with(REPEATABLE_READ[store.database])
    remove_all_sessions()
    used = logged_in()
    clock.tick(1800)
    with changed_after_snapshot(used, times=3), pytest.raises(OperationalError):
        cleared()
    assert exists(used)


@among([CLEARABLE[0]])
def test_nobody_can_write_between_the_last_look_and_the_removal_on_sqlite(store, clock):
    remove_all_sessions()
    browser = logged_in()
    clock.tick(1800)
    tried = []

    def write_at_last(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("SELECT") and " IN (" in sql:
            other = connections[ALIAS].copy()
            other.settings_dict["OPTIONS"] = {"timeout": 0}
            with pytest.raises(OperationalError, match="locked"), other.cursor() as c:
                c.execute("UPDATE django_session SET session_data = 'used'")
            other.close()
            tried.append(sql)
        return result

    with connections[ALIAS].execute_wrapper(write_at_last):
        assert cleared() == "Removed 1 of 1 sessions (idle 1)."
    assert len(tried) == 1
    assert not exists(browser)


class TestFiles:
    @pytest.fixture(autouse=True)
    def files(self, db, user, settings, tmp_path):
        use_engine("file", settings, tmp_path)
        self.path = tmp_path

    def names(self):
        return {path.name for path in self.path.iterdir()}

    def test_files_of_others_are_left_alone(self, clock):
        browser = logged_in()
        strangers = {"other", f"sessionid{browser.key}_out_1", "sessionidempty"}
        for name in strangers:
            (self.path / name).touch()
        (self.path / "sessioniddirectory").mkdir()
        clock.tick(1800)
        assert cleared() == (
            "Removed 1 of 2 sessions (idle 1).\nLeft alone: 1 unreadable."
        )
        assert self.names() == {*strangers, "sessioniddirectory"}

    def test_what_cannot_be_read_does_not_stop_it(self, clock):
        """Anybody on the machine may put files into a shared temporary directory."""
        logged_in()
        (self.path / "sessionidloop").symlink_to("sessionidloop")
        (self.path / "sessioniddirectory").symlink_to(self.path)
        os.mkfifo(self.path / "sessionidfifo")
        logged_in()
        clock.tick(1800)
        assert cleared() == (
            "Removed 2 of 3 sessions (idle 2).\nLeft alone: 1 unreadable."
        )

    def test_a_stamp_is_no_session_and_goes_with_its_session_only(self, clock):
        browser = logged_in()
        clock.tick(60)
        browser.get("/")
        assert len(self.names()) == 2
        browser.set(kept=1)
        clock.tick(1740)
        # What the application has saved meanwhile is later than the stamp.
        now = time.time()
        browser.set(_session_timeout=Record(now, now, 1e12).encode())
        clock.tick(60)
        assert cleared() == "Removed 0 of 1 sessions."
        browser.session.delete(browser.key)
        assert cleared() == "Removed 0 of 0 sessions."
        assert len(self.names()) == 1

    def test_what_django_has_ended_is_not_touched_by_reading_it(self, clock, settings):
        settings.SESSION_COOKIE_AGE = 900
        settings.SESSION_EXPIRE_SECONDS = 600
        logged_in()
        clock.tick(901)
        before = self.names()
        found = cleared("--dry-run")
        assert found == "Would remove 1 of 1 sessions (idle 1)."
        assert self.names() == before

    def test_what_the_middleware_ends_by_djangos_limit_is_removed(
        self, clock, settings
    ):
        settings.SESSION_COOKIE_AGE = 900
        logged_in()
        clock.tick(899)
        assert cleared() == "Removed 0 of 1 sessions."
        clock.tick(1)
        assert cleared() == "Removed 1 of 1 sessions (cookie_age 1)."

    def test_a_session_that_is_deleted_before_it_is_read_is_not_there(self):
        assert get_site_backend().read_file("gone") is None

    def test_what_could_not_be_deleted_is_not_counted_as_removed(self, clock):
        logged_in()
        clock.tick(1800)
        backend = get_site_backend()
        backend.session.delete = str
        counts = counted(backend)
        assert (counts.removed.total(), counts.changed) == (0, 1)


class TestCacheThatFails:
    @pytest.fixture(autouse=True)
    def failing(self, db, user, settings, tmp_path):
        use_engine("cached_db", settings, tmp_path)
        settings.CACHES = {"default": {"BACKEND": "tests.support.caches.Entries"}}
        self.refuses = type(caches["default"]).refuses
        yield
        self.refuses.clear()

    @pytest.mark.parametrize(
        ("method", "line"),
        [
            ("get", "Side records could not be read."),
            ("delete", "Deleted sessions remain in the cache."),
        ],
    )
    def test_the_rows_count_and_are_removed(self, clock, caplog, method, line):
        browser = logged_in()
        clock.tick(1800)
        self.refuses.add(method)
        assert cleared() == "Removed 1 of 1 sessions (idle 1)."
        assert caplog.messages == [line]
        assert not Session.objects.exists()
        assert expired(browser.get("/page/")) is (method == "delete")


class TestCommand:
    @pytest.fixture(autouse=True)
    def sessions(self, db, user):
        return None

    @pytest.mark.parametrize("engine", ["cache", "signed_cookies"])
    def test_stores_that_need_no_clearing_are_told_by_a_sentence(
        self, settings, tmp_path, engine
    ):
        use_engine(engine, settings, tmp_path)
        settings.SESSION_EXPIRE_SECONDS = by_path
        assert cleared().startswith(f"Nothing to clear. With {ENGINES[engine]}, the ")
        assert cleared(verbosity=0) == ""

    def test_an_engine_that_does_not_exist_is_an_error(self, settings):
        settings.SESSION_ENGINE = "no.such.engine"
        sentence = "SESSION_ENGINE is 'no.such.engine', which cannot be used: No module"
        with pytest.raises(CommandError, match=sentence):
            cleared()

    def test_an_engine_that_cannot_be_gone_through_is_an_error(self, settings):
        settings.SESSION_ENGINE = "tests.support.engines.other"
        with pytest.raises(CommandError, match=r"^tests\..+\.other cannot list its"):
            cleared()

    @pytest.mark.parametrize(
        "changes",
        [
            {"SESSION_EXPIRE_SECONDS": by_path},
            {"SESSION_EXPIRE_ABSOLUTE_SECONDS": by_path},
            {"MIDDLEWARE": [SESSIONS, "tests.support.middleware.Subclass"]},
        ],
    )
    def test_limits_that_depend_on_the_request_have_to_be_given(
        self, settings, clock, changes
    ):
        logged_in()
        clock.tick(600)
        for name, value in changes.items():
            setattr(settings, name, value)
        with pytest.raises(
            CommandError, match=r"Give the longest .* with --idle-seconds"
        ):
            cleared()
        assert cleared("--idle-seconds=601") == "Removed 0 of 1 sessions."
        assert cleared("--absolute-seconds=601") == "Removed 0 of 1 sessions."
        assert cleared("--idle-seconds=600") == "Removed 1 of 1 sessions (idle 1)."

    def test_limits_that_are_given_take_the_place_of_the_settings(self, settings):
        assert get_site_limits(absolute=60) == Limits(1800, 60)
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 3600
        assert get_site_limits() == Limits(1800, 3600)
        assert get_site_limits(idle=60) == Limits(60, 3600)
        settings.SESSION_EXPIRE_SECONDS = by_path
        assert get_site_limits(absolute=60) == Limits(None, 60)
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False
        assert get_site_limits(idle=60) == Limits(60, 3600, from_start=True)

    def test_without_a_limit_there_is_nothing_to_clear(self, settings):
        settings.SESSION_EXPIRE_SECONDS = None
        sentence = "There is neither an idle nor an absolute limit."
        assert cleared() == f"Nothing to clear. {sentence}"

    def test_a_middleware_that_stamps_nothing_is_an_error(self, settings):
        settings.MIDDLEWARE = [SESSIONS]
        with pytest.raises(CommandError, match="is not in MIDDLEWARE"):
            cleared()

    def test_a_wrong_setting_is_an_error(self, settings):
        settings.SESSION_EXPIRE_SECONDS = "soon"
        with pytest.raises(CommandError, match="SESSION_EXPIRE_SECONDS"):
            cleared()

    @pytest.mark.parametrize(
        "option", ["--batch-size", "--idle-seconds", "--absolute-seconds"]
    )
    @pytest.mark.parametrize("value", ["0", "-1", "junk"])
    def test_an_option_that_is_no_positive_number_is_an_error(self, option, value):
        with pytest.raises(CommandError, match=option):
            cleared(f"{option}={value}")

    def test_seconds_are_finite(self):
        for value in ("inf", "nan"):
            with pytest.raises(CommandError, match="must be a positive number"):
                cleared(f"--idle-seconds={value}")

    def test_progress_is_told_of_long_work_only(self, clock, monkeypatch):
        for _ in range(3):
            logged_in()
        clock.tick(1800)
        steps = [f"Would remove {n} of {n} sessions (idle {n})" for n in (1, 2, 3)]
        options = {"dry_run": True, "batch_size": 1}
        assert cleared(**options) == f"{steps[-1]}."
        every = [*(f"{line} so far." for line in steps), f"{steps[-1]}."]
        assert cleared(**options, verbosity=2).splitlines() == every
        monkeypatch.setattr(clear_idle_sessions, "INTERVAL", 0)
        assert cleared(**options).splitlines() == every
        assert cleared(**options, verbosity=0) == ""

    def test_a_line_is_logged_without_keys(self, clock, caplog):
        browser = logged_in()
        logged_in()
        clock.tick(1800)
        stamp(browser, clock)
        caplog.set_level(logging.INFO, "session_timeout")
        cleared("--dry-run")
        assert not caplog.records
        cleared()
        (line,) = caplog.records
        assert line.getMessage() == "Idle sessions cleared: 1 of 2 removed."
        assert (line.removed, line.seen) == ({"idle": 1}, 2)

    def test_numbers_are_readable(self):
        counts = Counts(seen=4567, unreadable=1000)
        counts.removed.update(idle=1120, absolute=3)
        line = "Removed 1,123 of 4,567 sessions (absolute 3, idle 1,120)."
        assert clear_idle_sessions.summary(counts, dry_run=False) == line
        left = "Left alone: 1,000 unreadable."
        assert clear_idle_sessions.left_alone(counts) == left


def test_progress_is_told_at_most_once_per_interval():
    told = throttled_progress([Counts()] * 6, 5, map(float, count(0, 2)).__next__)
    assert [is_time for _, is_time in told] == [False, False, True, False, False, True]
