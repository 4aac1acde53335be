"""Tracking the session of a request: checking it, writing activity, ending it."""

from session_timeout.tracking.activity import (
    add_record_to_save,
    forget_side_record,
    keep_start,
    write_activity,
    write_end_of_request,
)
from session_timeout.tracking.assessment import (
    Assessment,
    assess,
    finish_load,
    reread_store,
)
from session_timeout.tracking.expiry import expire
from session_timeout.tracking.logins import connect_login_receiver
from session_timeout.tracking.status import SessionStatus, get_status, read_status
from session_timeout.tracking.tracked import State, Tracked, get_tracked

__all__ = [
    "Assessment",
    "SessionStatus",
    "State",
    "Tracked",
    "add_record_to_save",
    "assess",
    "connect_login_receiver",
    "expire",
    "finish_load",
    "forget_side_record",
    "get_status",
    "get_tracked",
    "keep_start",
    "read_status",
    "reread_store",
    "write_activity",
    "write_end_of_request",
]
