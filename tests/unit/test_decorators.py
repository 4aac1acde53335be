import asyncio
from inspect import iscoroutinefunction

import pytest

from session_timeout.decorators import exempt, passive


def view(request):
    """Shows the request."""
    return request


async def async_view(request):
    """Shows the request, async."""
    return request


MARKS = [(passive, "session_timeout_passive"), (exempt, "session_timeout_exempt")]


@pytest.mark.parametrize(("decorate", "mark"), MARKS)
@pytest.mark.parametrize("function", [view, async_view])
def test_a_marked_view_is_the_same_view(decorate, mark, function):
    marked = decorate(function)
    assert getattr(marked, mark)
    assert not hasattr(function, mark)
    assert marked.__doc__ == function.__doc__
    assert iscoroutinefunction(marked) == iscoroutinefunction(function)
    result = marked("request")
    assert (asyncio.run(result) if iscoroutinefunction(marked) else result) == "request"
