"""One flow for WSGI and ASGI: a generator yields its I/O, a driver performs it.

    row = yield Call(rows.first, rows.afirst)

run() performs each call at once, arun() awaits the second form. What happens
between two calls is the same code for both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async

T = TypeVar("T")


class Call:
    """A call in its sync and its async form, with the same arguments."""

    __slots__ = ("args", "async_form", "kwargs", "sync_form")

    def __init__(
        self,
        sync_form: Callable[..., Any],
        async_form: Callable[..., Awaitable[Any]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.sync_form = sync_form
        self.async_form = async_form
        self.args = args
        self.kwargs = kwargs


Steps = Generator[Call, Any, T]


def synchronous(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of the site's, perhaps a coroutine function, as a plain one."""
    return async_to_sync(function) if iscoroutinefunction(function) else function


def calling(function: Callable[..., Any], *args: Any) -> Call:
    """Return the call of a function of the site's, which may do I/O of its own.

    It may be a coroutine function; if it is not, an event loop runs it in a thread.
    """
    if iscoroutinefunction(function):
        return Call(async_to_sync(function), function, *args)
    return Call(function, sync_to_async(function), *args)


def run(steps: Steps[T]) -> T:
    """Perform the steps and return what they return."""
    try:
        call = next(steps)
        while True:
            try:
                result = call.sync_form(*call.args, **call.kwargs)
            except Exception as error:
                call = steps.throw(error)
            else:
                call = steps.send(result)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


async def arun(steps: Steps[T]) -> T:
    """See run()."""
    try:
        call = next(steps)
        while True:
            try:
                result = await call.async_form(*call.args, **call.kwargs)
            except Exception as error:
                call = steps.throw(error)
            else:
                call = steps.send(result)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
