"""manage.py clear_idle_sessions."""

import os
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from session_timeout import entries
from session_timeout.clearing import clear, shelf_of
from session_timeout.engines import engine_of
from session_timeout.memory import Memory
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Limits
from session_timeout.steps import run
from tests.conftest import Browser

LIMIT = 1800
COMMAND = "session_timeout.management.commands.clear_idle_sessions"

with_sessions = pytest.mark.parametrize(
    "engine", ["db", "cached_db", "file"], indirect=True
)
pytestmark = pytest.mark.django_db


def clear_sessions(*options):
    """Return what the command says."""
    out, err = StringIO(), StringIO()
    call_command("clear_idle_sessions", *options, stdout=out, stderr=err)
    return out.getvalue().strip()


def exists(browser):
    return browser.session.exists(browser.key)


@pytest.fixture(autouse=True)
def limits(settings):
    settings.SESSION_EXPIRE_SECONDS = LIMIT


@pytest.fixture
def others(user):
    """Make so many more browsers, who have signed in."""

    def make(count):
        browsers = [Browser("sync") for _ in range(count)]
        for browser in browsers:
            browser.login()
        return browsers

    return make


@with_sessions
class TestSessions:
    def test_idle_ones_are_removed_and_the_others_stay(self, engine, others, clock):
        idle, used = others(2)
        clock.tick(LIMIT - 60)
        used.get("/")
        clock.tick(59)
        assert clear_sessions() == "Removed 0 of 2 sessions."
        clock.tick(1)
        assert clear_sessions() == "Removed 1 of 2 sessions: 1 idle."
        assert not exists(idle)
        assert used.user == "ada"
        assert clear_sessions() == "Removed 0 of 1 sessions."

    def test_the_absolute_limit_counts_too(self, engine, others, clock, settings):
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 3600
        old, new = others(2)
        for _ in range(2):
            clock.tick(LIMIT - 1)
            old.get("/")
            new.login()
        clock.tick(2)
        assert clear_sessions() == "Removed 1 of 2 sessions: 1 absolute."
        assert new.user == "ada"

    def test_the_limit_from_the_start(self, engine, others, clock, settings):
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False
        (browser,) = others(1)
        clock.tick(LIMIT - 1)
        browser.get("/")
        clock.tick(1)
        assert clear_sessions() == "Removed 1 of 1 sessions: 1 absolute."

    def test_a_dry_run_counts_and_removes_nothing(self, engine, others, clock):
        idle, _ = others(2)
        clock.tick(LIMIT)
        assert clear_sessions("--dry-run") == "Would remove 2 of 2 sessions: 2 idle."
        assert exists(idle)

    def test_a_malformed_record_would_end_the_session_as_well(self, engine, others):
        (browser,) = others(1)
        browser.set(**{SESSION_TIMEOUT_KEY: "junk"})
        assert clear_sessions() == "Removed 1 of 1 sessions: 1 invalid."

    def test_what_has_no_record_is_for_clearsessions(self, engine, others, clock):
        (browser,) = others(1)
        session = browser.session
        del session[SESSION_TIMEOUT_KEY]
        session.save()
        clock.tick(LIMIT)
        if engine != "db":
            run(engine_of(session, browser.key).forget())
        assert clear_sessions() == "Removed 0 of 1 sessions."
        assert exists(browser)

    def test_the_stamp_of_django_session_timeout_counts(self, engine, others, clock):
        browser, _ = others(2)
        session = browser.session
        del session[SESSION_TIMEOUT_KEY]
        session["_session_init_timestamp_"] = time.time()
        session.save()
        clock.tick(LIMIT)
        assert clear_sessions() == "Removed 2 of 2 sessions: 2 idle."

    def test_what_django_alone_has_ended_is_for_clearsessions(
        self, engine, others, clock, settings
    ):
        settings.SESSION_EXPIRE_SECONDS = timedelta(days=30)
        others(1)
        clock.tick(settings.SESSION_COOKIE_AGE)
        assert clear_sessions() == "Removed 0 of 1 sessions."

    def test_a_stamp_from_the_future_counts_as_now(self, engine, others, clock):
        others(1)
        clock.tick(-3600)
        assert clear_sessions() == "Removed 0 of 1 sessions."

    def test_every_batch_is_looked_at(self, engine, others, clock):
        others(5)
        clock.tick(LIMIT)
        assert clear_sessions("--batch-size=2").startswith("Removed 5 of 5 ")

    def test_a_write_after_the_look_is_not_lost(self, engine, others, clock):
        browsers = others(3)
        clock.tick(LIMIT)
        store = type(browsers[0].session)
        shelf = shelf_of(store)
        ((*found,),) = shelf.batches(9)
        kept = browsers[1].session
        kept["cart"] = "7"
        kept.save()
        browsers[2].session.delete()
        keys = [browser.key for browser in browsers]
        doomed = [(key, stored) for key, stored in found if key in keys]
        assert shelf.remove(doomed) == [browsers[0].key]
        assert browsers[1].session["cart"] == "7"

    def test_what_lies_beside_a_session_goes_with_it(self, engine, others, clock):
        (browser,) = others(1)
        clock.tick(60)
        browser.get("/")
        clock.tick(LIMIT)
        session = browser.session
        assert clear_sessions().startswith("Removed 1 of 1 ")
        assert not session.exists(browser.key)
        assert not session.load()
        if engine != "db":
            beside = engine_of(session, browser.key)
            assert run(beside.read()) is None


class TestBeside:
    @pytest.mark.parametrize("engine", ["cached_db"], indirect=True)
    def test_the_cache_may_know_better_than_the_row(
        self, engine, others, clock, monkeypatch
    ):
        """As where the database has refused the stamp."""
        (browser,) = others(1)
        row = browser.session.encode(dict(browser.session.items()))
        clock.tick(LIMIT - 1)
        browser.get("/")
        browser.session.model.objects.update(session_data=row)
        monkeypatch.setattr(entries, "memory", Memory(10))
        clock.tick(1)
        assert clear_sessions() == "Removed 0 of 1 sessions."

    @pytest.mark.parametrize("engine", ["file"], indirect=True)
    def test_what_is_no_session_is_left_alone(self, engine, others, clock, settings):
        (browser,) = others(1)
        folder, name = settings.SESSION_FILE_PATH, settings.SESSION_COOKIE_NAME
        strangers = {
            "notes.txt": b"",
            f"{name}{browser.key}_out_x1": b"x",
            f"{name}binary00": b"\xff",
            f"{name}empty000": b"",
        }
        for stranger, content in strangers.items():
            with open(os.path.join(folder, stranger), "wb") as file:
                file.write(content)
        clock.tick(LIMIT)
        assert clear_sessions() == "Removed 1 of 2 sessions: 1 idle."
        assert set(os.listdir(folder)) == set(strangers)


class TestCommand:
    @pytest.mark.parametrize("engine", ["cache", "signed_cookies"], indirect=True)
    def test_where_there_is_nothing_to_clear_it_says_so(self, engine):
        with pytest.raises(CommandError, match="there is nothing to clear"):
            clear_sessions()

    @pytest.mark.parametrize("size", ["0", "-1", "x", "1.5"])
    def test_a_batch_has_a_positive_size(self, size):
        with pytest.raises(CommandError, match=f"'{size}' is no positive number"):
            clear_sessions(f"--batch-size={size}")

    @pytest.mark.parametrize("limit", ["0", "inf", "nan", "soon"])
    def test_a_limit_is_a_positive_number(self, limit):
        with pytest.raises(CommandError, match="is no positive number"):
            clear_sessions(f"--idle-seconds={limit}")

    def test_limits_that_a_callable_tells_have_to_be_given(
        self, others, clock, settings
    ):
        settings.SESSION_EXPIRE_SECONDS = lambda request: LIMIT
        others(1)
        clock.tick(LIMIT)
        with pytest.raises(CommandError, match="--idle-seconds"):
            clear_sessions()
        assert clear_sessions("--idle-seconds=1801").startswith("Removed 0 ")
        assert clear_sessions("--idle-seconds=1800").startswith("Removed 1 ")

    def test_the_absolute_limit_can_be_given_alone(self, others, clock):
        others(1)
        clock.tick(LIMIT)
        said = clear_sessions(f"--absolute-seconds={LIMIT}")
        assert said == "Removed 1 of 1 sessions: 1 absolute."

    def test_without_a_limit_nothing_is_past_one(self, settings):
        settings.SESSION_EXPIRE_SECONDS = None
        with pytest.raises(CommandError, match="no session can be past a limit"):
            clear_sessions()

    def test_wrong_settings_are_told(self, settings):
        settings.SESSION_EXPIRE_SECONDS = "soon"
        with pytest.raises(CommandError, match="SESSION_EXPIRE_SECONDS"):
            clear_sessions()

    def test_without_the_middleware_it_removes_nothing(self, settings):
        settings.MIDDLEWARE = settings.MIDDLEWARE[:1]
        with pytest.raises(CommandError, match="MIDDLEWARE"):
            clear_sessions()

    def test_long_work_shows_its_progress(self, others, clock, monkeypatch):
        monkeypatch.setattr(f"{COMMAND}.Command.progress_every", 0.0)
        others(3)
        clock.tick(LIMIT)
        said = StringIO()
        options = {"stdout": StringIO(), "stderr": said, "batch_size": 2}
        call_command("clear_idle_sessions", **options)
        assert said.getvalue().splitlines() == [
            "… Removed 2 of 2 sessions: 2 idle.",
            "… Removed 3 of 3 sessions: 3 idle.",
        ]

    def test_it_leaves_a_line_in_the_log_without_keys(self, others, clock, caplog):
        (browser,) = others(1)
        clock.tick(LIMIT)
        caplog.set_level("INFO", "session_timeout")
        clear_sessions()
        (record,) = caplog.records
        assert record.getMessage() == "Removed 1 of 1 sessions: 1 idle."
        assert (record.seen, record.ended) == (1, {"idle": 1})
        assert browser.key not in caplog.text

    def test_a_batch_is_read_by_one_query(self, others, clock):
        others(5)
        queries = []

        def count(execute, sql, params, many, context):
            queries.append(sql.split()[0])
            return execute(sql, params, many, context)

        store = type(others(1)[0].session)
        with connection.execute_wrapper(count):
            *_, tally = clear(store, Limits.of(LIMIT), time.time(), batch_size=3)
        assert tally.seen == 6
        assert queries.count("SELECT") == 3  # the last one finds nothing
