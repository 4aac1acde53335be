"""The timestamp that django-session-timeout, by LabD, has left in a session."""

from sys import float_info
from typing import Any

from session_timeout.policy import MalformedRecordError

LABD_KEY = "_session_init_timestamp_"


def find_labd_timestamp(data: dict[str, Any]) -> float | None:
    """Return the timestamp in a session's data (Unix seconds), or None.

    Raises MalformedRecordError.
    """
    timestamp = data.get(LABD_KEY)
    is_number = type(timestamp) in {int, float}  # a bool is none
    if timestamp is None or (is_number and 0 <= timestamp <= float_info.max):
        return timestamp
    raise MalformedRecordError(timestamp)
