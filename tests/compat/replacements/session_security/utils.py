"""In place of django-session-security's helpers: the last activity in our record."""

from datetime import datetime

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Record


def get_last_activity(session):
    return datetime.fromtimestamp(record_of(session).last_activity)  # noqa: DTZ006


def set_last_activity(session, when):
    record = record_of(session)._replace(last_activity=when.timestamp())
    session[SESSION_TIMEOUT_KEY] = record.encode()


def record_of(session):
    return Record.decode(session[SESSION_TIMEOUT_KEY])
