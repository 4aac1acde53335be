"""Writing code with I/O once, for WSGI and for ASGI.

A flow is a generator that yields each I/O call, and gets its result:

    row = yield IOCall(rows.first, rows.afirst)

run_sync() calls the sync form of each call. run_async() awaits the async form. The code
between the calls is the same for both.
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async

T = TypeVar("T")


class IOCall:
    """A call with a sync form and an async form, which have the same arguments."""

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


#: A generator that yields I/O calls, receives their results, and returns a T.
Flow = Generator[IOCall, Any, T]


def as_sync(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, or a plain function that runs a coroutine function."""
    return async_to_sync(function) if iscoroutinefunction(function) else function


def call_hook(function: Callable[..., Any], *args: Any) -> IOCall:
    """Return the call of a function of the site, which may do I/O.

    Under ASGI, a coroutine function is awaited, and a plain function runs in a thread.
    """
    if iscoroutinefunction(function):
        return IOCall(async_to_sync(function), function, *args)
    return IOCall(function, sync_to_async(function), *args)


def run_sync(flow: Flow[T]) -> T:
    """Run the flow with the sync form of each call, and return its result."""
    try:
        call = next(flow)
        while True:
            try:
                result = call.sync_form(*call.args, **call.kwargs)
            except Exception as error:
                call = flow.throw(error)
            else:
                call = flow.send(result)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


async def run_async(flow: Flow[T]) -> T:
    """Run the flow with the async form of each call, and return its result."""
    try:
        call = next(flow)
        while True:
            try:
                result = await call.async_form(*call.args, **call.kwargs)
            except Exception as error:
                call = flow.throw(error)
            else:
                call = flow.send(result)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
