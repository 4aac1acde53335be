"""Functions that the test project's settings name by their dotted paths."""

from datetime import timedelta


def by_path(request):
    return 60 if request.path == "/short/" else timedelta(minutes=5)


async def by_coroutine(request):
    return 60


not_callable = 1800


def go_on(request: object, expiry: object) -> None:
    """Let the request of an ended session go on to its view."""
