"""The page on operation: its recipes are run, and its tables held against the code."""

import json
import logging
import logging.config
import sys
from contextlib import contextmanager
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.signals import user_logged_out
from django.core.management import call_command, load_command_class
from django.db import connection

from session_timeout.cleanup import Counts
from session_timeout.management.commands import clear_idle_sessions
from session_timeout.signals import session_cleared, session_expired
from tests.support.manual import TEXTS, blocks, install, rows, sections
from tests.support.views import meanwhile

PAGE = TEXTS["docs/operating.md"]
SECTIONS = sections(PAGE)
LOG, CLEARING = SECTIONS["The log"], SECTIONS["Clearing idle sessions"]
OPTIONS = {"--dry-run", "--batch-size", "--idle-seconds", "--absolute-seconds"}


@pytest.fixture
def project(monkeypatch, tmp_path):
    """A directory to import from, of which nothing is left."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    added = set(sys.modules) - before
    for name in [n for n in added if n.partition(".")[0] in {"audit", "shop"}]:
        del sys.modules[name]


@contextmanager
def logged(code):
    """Set up the log as a site's settings say; yield what is written to it."""
    names = {}
    exec(code, names)
    logger, out = logging.getLogger("session_timeout"), StringIO()
    logging.config.dictConfig(names["LOGGING"])
    (handler,) = logger.handlers
    handler.setStream(out)
    yield out
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def lines(project):
    """What the recipe for structured logs writes, as the site is set up to do."""
    install(LOG, project)
    (settings,) = (b for b in blocks(LOG, "python") if b.startswith("# settings.py"))
    with logged(settings) as out:
        yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_example_of_the_log_is_the_line_of_a_session_that_is_ended(browser, clock):
    with logged(blocks(LOG, "python")[0]) as out:
        browser.login()
        clock.tick(1801)
        browser.get("/page/")
    assert out.getvalue() == blocks(LOG, "text")[0]


class TestStructuredLogs:
    def test_the_example_is_the_line_of_a_session_that_is_ended(
        self, lines, browser, clock
    ):
        browser.login()
        clock.tick(1800)
        browser.get("/page/")
        (example,) = blocks(LOG, "json")
        assert lines() == [json.loads(example)]

    def test_a_line_on_cleared_sessions_has_its_counts(self, lines, browser, clock):
        browser.login()
        clock.tick(1800)
        call_command("clear_idle_sessions", verbosity=0)
        (line,) = lines()
        assert (line["removed"], line["seen"]) == ({"idle": 1}, 1)

    def test_an_error_has_its_traceback(self, lines):
        try:
            raise ConnectionError("the store is down")
        except ConnectionError:
            logging.getLogger("session_timeout").exception("It fails.")
        (line,) = lines()
        assert line["traceback"].endswith("ConnectionError: the store is down")

    def test_the_attributes_are_those_of_the_records_and_the_formatter(
        self, lines, browser, clock, caplog
    ):
        caplog.set_level(logging.INFO, "session_timeout")
        browser.login()
        clock.tick(1800)
        browser.get("/page/")
        browser.login()
        clock.tick(1800)
        call_command("clear_idle_sessions", verbosity=0)
        usual = vars(logging.makeLogRecord({})).keys() | {"message", "asctime"}
        found = {name for r in caplog.records for name in vars(r).keys() - usual}
        listed = [name.strip("`") for name, *_ in rows(LOG)[1:]]
        assert set(listed) == found
        assert listed == sys.modules["shop.logs"].FIELDS
        assert browser.key not in caplog.text


@pytest.fixture
def trail(project, settings, transactional_db):
    """The table of the audit trail."""
    install(SECTIONS["An audit trail"], project)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "audit"]
    model = apps.get_model("audit", "SessionEnd")
    with connection.schema_editor() as editor:
        editor.create_model(model)
    yield model.objects
    for signal in (session_expired, session_cleared):
        signal.disconnect(dispatch_uid="audit.receivers")
    with connection.schema_editor() as editor:
        editor.delete_model(model)
    del apps.all_models["audit"]


class TestAuditTrail:
    def test_the_end_of_a_session_is_a_row(self, trail, browser, user, clock):
        browser.login()
        clock.tick(60)
        browser.get("/")
        clock.tick(1800)
        browser.get("/page/")
        (row,) = trail.values()
        ended_at = row["ended_at"].timestamp()
        assert ended_at - row["last_activity"].timestamp() == 1800
        assert ended_at - row["started_at"].timestamp() == 1860
        found = row["user_id"], row["reason"], row["path"]
        assert found == (str(user.pk), "idle", "/page/")

    def test_the_end_of_a_session_nobody_came_back_to_is_a_row(
        self, trail, browser, user, clock
    ):
        browser.login()
        clock.tick(1800)
        call_command("clear_idle_sessions", verbosity=0)
        (row,) = trail.values("user_id", "reason", "path")
        assert row == {"user_id": str(user.pk), "reason": "idle", "path": ""}

    def test_a_malformed_record_leaves_a_row_without_times(self, trail, browser):
        browser.login()
        browser.set(_session_timeout="junk")
        browser.get("/page/")
        (row,) = trail.values("reason", "started_at", "last_activity")
        assert row == {"reason": "invalid", "started_at": None, "last_activity": None}

    def test_a_visitor_who_was_not_logged_in_leaves_none(self, trail, browser, clock):
        browser.get("/write/?cart=7")
        clock.tick(1800)
        browser.get("/page/")
        assert not trail.exists()

    def test_a_row_stays_whatever_becomes_of_the_view(
        self, trail, browser, clock, settings, monkeypatch
    ):
        def fail(request):
            raise RuntimeError

        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: None
        browser.login()
        clock.tick(1800)
        meanwhile.function = fail
        with pytest.raises(RuntimeError):
            browser.get("/during/")
        assert trail.count() == 1

    def test_a_table_that_fails_keeps_no_session_alive(
        self, trail, browser, clock, caplog
    ):
        browser.login()
        clock.tick(1800)
        with connection.execute_wrapper(refuse_the_trail):
            assert browser.get("/page/").status_code == 302
        assert "django.dispatch" in {record.name for record in caplog.records}
        assert browser.user == "AnonymousUser"


def refuse_the_trail(execute, sql, params, many, context):
    if "audit_sessionend" in sql:
        raise ConnectionError
    return execute(sql, params, many, context)


class TestClearing:
    def test_the_options_are_listed(self):
        command = load_command_class("session_timeout", "clear_idle_sessions")
        parser = command.create_parser("manage.py", "clear_idle_sessions")
        parsed = {n: a for a in parser._actions for n in a.option_strings}
        common = load_command_class("django.contrib.sessions", "clearsessions")
        others = common.create_parser(
            "manage.py", "clearsessions"
        )._option_string_actions
        assert parsed.keys() - others.keys() == OPTIONS
        listed = {name.strip("`"): text for name, text in rows(CLEARING)[1:]}
        assert listed.keys() == OPTIONS
        assert f"{parsed['--batch-size'].default} by default" in listed["--batch-size"]
        assert clear_idle_sessions.INTERVAL == 5

    def test_the_example_is_what_it_says(self):
        counts = Counts(seen=4567)
        counts.removed.update(idle=120, absolute=3)
        line = clear_idle_sessions.summary(counts, dry_run=False)
        assert f"{line}\n" in blocks(CLEARING, "text")

    def test_nobody_is_told_of_a_session_that_is_cleared(self, browser, clock):
        def receive(**kwargs):
            received.append(kwargs)

        received = []
        browser.login()
        clock.tick(1800)
        for signal in (session_expired, user_logged_out):
            signal.connect(receive)
        call_command("clear_idle_sessions", verbosity=0)
        assert not browser.session.exists(browser.key)
        assert received == []
        browser.login()
        browser.post("/logout/")
        assert len(received) == 1
        for signal in (session_expired, user_logged_out):
            signal.disconnect(receive)

    def test_somebody_on_exempt_pages_is_anonymous_there_from_then_on(
        self, browser, clock, settings
    ):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/page/"]
        browser.login()
        clock.tick(1800)
        assert browser.user == "ada"
        call_command("clear_idle_sessions", verbosity=0)
        assert browser.user == "AnonymousUser"
