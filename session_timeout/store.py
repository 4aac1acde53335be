"""Loading a session without a trace, and the record in it."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth import SESSION_KEY as USER_KEY

from session_timeout.policy import MalformedRecordError, Record, is_time
from session_timeout.steps import Call, Steps

KEY = "_session_timeout"
LABD_KEY = "_session_init_timestamp_"

logger = logging.getLogger("session_timeout")
Data = dict[str, Any]
Flags = tuple[bool, bool]  # accessed, modified


def loaded(session: Any) -> Data | None:
    """Return the session's data if it has been loaded; touching it leaves no trace."""
    return getattr(session, "_session_cache", None)


def load(session: Any) -> Steps[Data | None]:
    """Load the session and return its data; None if it has none.

    Leaves no trace: see clean().
    """
    key, flags = session.session_key, (session.accessed, session.modified)
    try:
        yield Call(session.get, session.aget, KEY)
    finally:
        session.accessed = flags[0]
    yield from clean(session, key, flags)
    return loaded(session) or None


def clean(session: Any, key: str | None, flags: Flags) -> Steps[None]:
    """Make a session that has been loaded look as if it had not been touched.

    Django would vary the response on the cookie because the session was accessed,
    and some engines at once create a session in place of one that is not there.
    Whether that is to happen is for the view to decide.
    """
    created = session.modified != flags[1] and not loaded(session)
    try:
        if session.session_key != key or created:
            if session.session_key not in (key, None):
                yield Call(session.delete, session.adelete)
            session._session_key = None
            session._session_cache = {}
    finally:
        session.accessed = flags[0]
        if not loaded(session):
            session.modified = flags[1]


def unload(session: Any, key: str) -> None:
    """Make the session what it was before load() found nothing under its key."""
    session._session_key = key
    vars(session).pop("_session_cache", None)


def refuse(session: Any, error: Exception) -> None:
    """Let whoever needs the session meet the error that loading it has raised."""
    logger.warning("A session could not be loaded.", exc_info=error)

    def load() -> Data:
        raise error

    async def aload() -> Data:
        raise error

    session.load, session.aload = load, aload


def hold(session: Any) -> None:
    """Let Django save the session only if it has been modified."""
    save, asave = session.save, session.asave

    def held(must_create: bool = False) -> None:
        if session.modified:
            save(must_create)

    async def aheld(must_create: bool = False) -> None:
        if session.modified:
            await asave(must_create)

    session.save, session.asave = held, aheld


def find(data: Data) -> Record | None:
    """Return the session's own record, or None. Raises MalformedRecordError."""
    return Record.parse(data[KEY]) if KEY in data else None


def find_user(data: Data) -> str | None:
    """Return the id of the user who is logged in, as a string, or None."""
    return None if data.get(USER_KEY) is None else str(data[USER_KEY])


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
