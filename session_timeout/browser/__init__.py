"""The dialog of a page, and the views that its script calls."""

from session_timeout.browser.dialog import session_timeout

__all__ = ["session_timeout"]
