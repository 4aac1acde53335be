"""Deleting sessions that have ended, for the command clear_idle_sessions."""

from session_timeout.cleanup.idle_sessions import (
    CleanupError,
    Counts,
    NothingToDelete,
    delete_idle_sessions,
    get_site_backend,
    get_site_limits,
    throttled_progress,
)

__all__ = [
    "CleanupError",
    "Counts",
    "NothingToDelete",
    "delete_idle_sessions",
    "get_site_backend",
    "get_site_limits",
    "throttled_progress",
]
