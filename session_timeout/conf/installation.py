"""Finding the middleware and the session engine of the site."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ImproperlyConfigured

from session_timeout.conf.parsers import SettingError, import_by_path

OURS = '"session_timeout.middleware.SessionTimeoutMiddleware"'
DJANGOS = '"django.contrib.sessions.middleware.SessionMiddleware"'

Middleware = TypeVar("Middleware")


class InstallationError(ImproperlyConfigured):
    """The middleware is missing or misplaced. check_id names the system check."""

    def __init__(self, problem: str, hint: str, check_id: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint
        self.check_id = check_id


def find_installed(middleware: type[Middleware]) -> type[Middleware]:
    """Return the class in MIDDLEWARE that is SessionTimeoutMiddleware or a subclass.

    Raises InstallationError if there is none, or if SessionMiddleware does not come
    before it.
    """
    ours = next(find_each(middleware), None)
    sessions = next(find_each(SessionMiddleware), None)
    if ours is None:
        raise InstallationError(
            "SessionTimeoutMiddleware is not in MIDDLEWARE: no session times out.",
            f"Add {OURS} after {DJANGOS}.",
            "session_timeout.E001",
        )
    if sessions is None:
        raise InstallationError(
            "SessionTimeoutMiddleware needs SessionMiddleware, which is not in "
            "MIDDLEWARE.",
            f"Add {DJANGOS} before {OURS}.",
            "session_timeout.E002",
        )
    if ours[0] < sessions[0]:
        raise InstallationError(
            "SessionTimeoutMiddleware comes before SessionMiddleware.",
            f"Move {OURS} after {DJANGOS}.",
            "session_timeout.E003",
        )
    return ours[1]


def find_each(middleware: type[Middleware]) -> Iterator[tuple[int, type[Middleware]]]:
    """Yield the index and class of each such middleware in MIDDLEWARE."""
    for index, path in enumerate(listed_middleware()):
        try:
            found = import_by_path(path)
        except ImportError:  # Django's own checks report it
            continue
        if isinstance(found, type) and issubclass(found, middleware):
            yield index, found


def listed_middleware() -> list[Any]:
    """Return the items of MIDDLEWARE, or an empty list if it is not a list."""
    listed: Any = settings.MIDDLEWARE
    return [*listed] if isinstance(listed, list | tuple) else []


def get_session_store() -> Any:
    """Return the SessionStore of SESSION_ENGINE.

    Raises SettingError if there is none.
    """
    engine = settings.SESSION_ENGINE
    try:
        return import_by_path(f"{engine}.SessionStore")
    except ImportError as error:
        problem = f"is {engine!r}, which cannot be used: {error}"
        hint = "Write the dotted path of a module that has a SessionStore."
        raise SettingError("SESSION_ENGINE", problem, hint) from None
