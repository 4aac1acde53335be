"""Loading a session without a trace, and the record in it."""

from __future__ import annotations

import logging
from typing import Any

from session_timeout.policy import MalformedRecordError, Record, is_time
from session_timeout.steps import Call, Steps

KEY = "_session_timeout"
LABD_KEY = "_session_init_timestamp_"

logger = logging.getLogger("session_timeout")
Data = dict[str, Any]


def loaded(session: Any) -> Data | None:
    """Return the session's data if it has been loaded; touching it leaves no trace."""
    return getattr(session, "_session_cache", None)


def load(session: Any) -> Steps[Data | None]:
    """Load the session, unless somebody has, and return its data; None if it has none.

    Django would vary the response on the cookie because the session was accessed,
    and some engines would at once create a session in place of one that is not
    there. Here neither happens: whether that is so is for the view to decide.
    """
    key = session.session_key
    if loaded(session) is None:
        flags = session.accessed, session.modified
        try:
            yield Call(session.get, session.aget, KEY)
            if session.session_key != key or session.modified != flags[1]:
                if session.session_key not in (key, None):
                    yield Call(session.delete, session.adelete)
                session._session_key = None
                session._session_cache = {}
        finally:
            session.accessed, session.modified = flags
    return loaded(session) or None


def unload(session: Any, key: str) -> None:
    """Make the session what it was before load() found nothing under its key."""
    session._session_key = key
    del session._session_cache


def refuse(session: Any, error: Exception) -> None:
    """Let whoever needs the session meet the error that loading it has raised."""

    def load() -> Data:
        raise error

    async def aload() -> Data:
        raise error

    session.load, session.aload = load, aload


def find(data: Data) -> Record | None:
    """Return the session's own record, or None. Raises MalformedRecordError."""
    return Record.parse(data[KEY]) if KEY in data else None


def find_labd(data: Data) -> float | None:
    """Return django-session-timeout's stamp (Unix seconds), or None.

    Raises MalformedRecordError.
    """
    stamp = data.get(LABD_KEY)
    if stamp is None or is_time(stamp):
        return stamp
    raise MalformedRecordError(stamp)


def end(session: Any) -> Steps[None]:
    """Delete the session, and empty it even where the store refuses to."""
    try:
        yield Call(session.flush, session.aflush)
    except Exception:
        logger.exception("An expired session could not be deleted; it stays refused.")
        session.clear()
        session._session_key = None
