"""Where activity is recorded, and how sessions are read: a module for each engine."""

from session_timeout.backends.base import (
    EXPIRY_KEY,
    Backend,
    SideRecordBackend,
    StoredSession,
)
from session_timeout.backends.labd import find_labd_timestamp
from session_timeout.backends.lookup import get_backend, get_backend_class
from session_timeout.backends.recent import recent_records
from session_timeout.backends.session_access import (
    RECORD_KEY,
    delete_session,
    find_record,
    find_user_id,
    get_loaded,
    load_quietly,
    raise_on_load,
    restore_unloaded,
    undo_load_side_effects,
)

__all__ = [
    "EXPIRY_KEY",
    "RECORD_KEY",
    "Backend",
    "SideRecordBackend",
    "StoredSession",
    "delete_session",
    "find_labd_timestamp",
    "find_record",
    "find_user_id",
    "get_backend",
    "get_backend_class",
    "get_loaded",
    "load_quietly",
    "raise_on_load",
    "recent_records",
    "restore_unloaded",
    "undo_load_side_effects",
]
