"""Decorators for views whose requests do not count as activity.

They work on functions, on coroutine functions and, through method_decorator, on
classes: @method_decorator(passive, name="dispatch").
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction

View = TypeVar("View", bound=Callable[..., Any])


def passive(view: View) -> View:
    """Mark a view as passive: its requests are checked, but are not activity."""
    return _mark(view, "session_timeout_passive")


def exempt(view: View) -> View:
    """Mark a view as exempt: its requests are not checked, and are not activity."""
    return _mark(view, "session_timeout_exempt")


def _mark(view: View, mark: str) -> View:
    # Mark a wrapper, as django.views.decorators.csrf does: another URL may use the view
    # itself without the mark.
    if iscoroutinefunction(view):

        @wraps(view)
        async def marked(*args: Any, **kwargs: Any) -> Any:
            return await view(*args, **kwargs)

    else:

        @wraps(view)
        def marked(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

    setattr(marked, mark, True)
    return cast("View", marked)
