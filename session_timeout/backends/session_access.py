"""Reading a session without the side effects that Django's own access has."""

import copy
import logging
from typing import Any

from django.contrib.auth import SESSION_KEY as USER_KEY

from session_timeout.flow import Flow, IOCall
from session_timeout.policy import Record

RECORD_KEY = "_session_timeout"

logger = logging.getLogger("session_timeout")
Data = dict[str, Any]


def get_loaded(session: Any) -> Data | None:
    """Return the session's data if it has been loaded, without marking it accessed."""
    return getattr(session, "_session_cache", None)


def load_quietly(session: Any) -> Flow[Data | None]:
    """Load the session and return its data, or None if it has none.

    The session then looks as if nobody had touched it: see undo_load_side_effects().
    Raises whatever the store raises.
    """
    key, accessed, modified = session.session_key, session.accessed, session.modified
    try:
        yield IOCall(session.get, session.aget, RECORD_KEY)
    finally:
        session.accessed = accessed
    yield from undo_load_side_effects(session, key, accessed, modified)
    return get_loaded(session) or None


def copy_unloaded(session: Any, key: Any) -> Any:
    """Return a session of the same engine that loads what is stored under key.

    It keeps the attributes that the engine saves beside the data, such as the visitor's
    address that a middleware has passed to the constructor.
    """
    unloaded = copy.copy(session)
    vars(unloaded).pop("_session_cache", None)
    unloaded.accessed = unloaded.modified = False
    unloaded._session_key = key
    return unloaded


def undo_load_side_effects(
    session: Any, key: str | None, accessed: bool, modified: bool
) -> Flow[None]:
    """Make a session that has been loaded look as if nobody had touched it.

    key, accessed and modified are the values from before the load. Django adds a Vary
    header if a session was accessed, and some engines create a new session if there is
    none. Only the view should cause either.
    """
    created = session.modified != modified and not get_loaded(session)
    try:
        if session.session_key != key or created:
            if session.session_key not in (key, None):
                yield IOCall(session.delete, session.adelete)
            session._session_key = None
            session._session_cache = {}
    finally:
        session.accessed = accessed
        if not get_loaded(session):
            session.modified = modified


def restore_unloaded(session: Any, key: str) -> None:
    """Make the session what it was before a load found nothing under its key."""
    session._session_key = key
    vars(session).pop("_session_cache", None)


def raise_on_load(session: Any, error: Exception) -> None:
    """Make any later use of the session raise the error that loading it has raised."""
    logger.warning("A session could not be loaded.", exc_info=error)

    def load() -> Data:
        raise error

    async def aload() -> Data:
        raise error

    session.load, session.aload = load, aload


def delete_session(session: Any) -> Flow[None]:
    """Delete the session; if the store refuses, log that and empty the session."""
    try:
        yield IOCall(session.flush, session.aflush)
    except Exception:
        logger.exception(
            "An expired session could not be deleted. Requests with it are refused."
        )
        session.clear()
        session._session_key = None


def find_record(data: Data) -> Record | None:
    """Return the record in a session's data, or None.

    Raises MalformedRecordError.
    """
    return Record.decode(data[RECORD_KEY]) if RECORD_KEY in data else None


def find_user_id(data: Data) -> str | None:
    """Return the id of the user who is logged in, as a string, or None."""
    return None if data.get(USER_KEY) is None else str(data[USER_KEY])
