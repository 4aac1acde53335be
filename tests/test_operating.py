"""The recipes of docs/operating.md, run as they stand there."""

import json
import logging.config
import re
import sys
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace

import pytest

from session_timeout.signals import session_expired
from tests.test_docs import TEXTS, sections

SECTIONS = sections(TEXTS["docs/operating.md"])


def code_of(section):
    return re.findall(
        r"^```python\n(.+?)^```", SECTIONS[section], re.DOTALL | re.MULTILINE
    )


@pytest.fixture
def expire(browser, clock, settings):
    """Let the session of a user who has signed in end."""

    def expire():
        settings.SESSION_EXPIRE_SECONDS = 1800
        browser.login()
        clock.tick(1801)
        browser.get("/page/")

    return expire


def test_the_lines_of_json_name_the_user_and_never_the_key(
    browser, expire, user, caplog
):
    *_, formatter = code_of("The log")
    names = {}
    exec(formatter, names)
    caplog.set_level("INFO", "session_timeout")
    caplog.handler.setFormatter(names["JSONFormatter"]())
    expire()
    assert json.loads(caplog.text) == {
        "level": "INFO",
        "message": f"Session expired: reason idle, user {user.pk}, idle for 1801 s.",
        "reason": "idle",
        "user_id": str(user.pk),
        "idle": 1801,
    }


def test_the_log_is_set_up_as_shown(expire):
    before, names = logging.getLogger("session_timeout").level, {}
    exec(code_of("The log")[0], names)
    logging.config.dictConfig(names["LOGGING"])
    logger = logging.getLogger("session_timeout")
    try:
        assert logger.isEnabledFor(logging.INFO)
        assert len(logger.handlers) == 1
    finally:
        logger.handlers.clear()
        logger.setLevel(before)


def test_the_audit_trail_has_an_entry_for_each_end(expire, user, monkeypatch):
    entries = []

    class Event:
        """The site's own model."""

        objects = SimpleNamespace(create=lambda **fields: entries.append(fields))

    models = ModuleType("audit.models")
    models.Event = Event
    monkeypatch.setitem(sys.modules, "audit", ModuleType("audit"))
    monkeypatch.setitem(sys.modules, "audit.models", models)
    (code,) = code_of("An audit trail")
    names = {}
    exec(code, names)
    began_at = datetime.now(UTC)
    try:
        expire()
    finally:
        assert session_expired.disconnect(names["record_expiry"])
    assert entries == [
        {
            "user_id": str(user.pk),
            "kind": "session-idle",
            "last_seen": began_at,
            "path": "/page/",
        }
    ]
