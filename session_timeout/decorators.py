"""Views that are no activity, and views that the timeout leaves alone.

Both work on functions, on coroutine functions and, through method_decorator, on
classes: @method_decorator(passive, name="dispatch").
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction

View = TypeVar("View", bound=Callable[..., Any])


def passive(view: View) -> View:
    """Return the view marked as passive: its requests are checked, but no activity."""
    return _mark(view, "session_timeout_passive")


def exempt(view: View) -> View:
    """Return the view marked as exempt: neither checked, nor activity."""
    return _mark(view, "session_timeout_exempt")


def _mark(view: View, mark: str) -> View:
    # A wrapper, as in django.views.decorators.csrf: the view itself may also be used
    # under another URL, without the mark.
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
