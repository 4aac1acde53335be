"""System checks that find other packages for the same purpose in the project."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Info

from session_timeout.checks.manual import MANUAL, link_to_manual
from session_timeout.conf import import_by_path, listed_middleware


class Predecessor(NamedTuple):
    """A package, its modules, the settings that only it has, and its check id."""

    name: str
    modules: tuple[str, ...]
    settings: tuple[str, ...]
    check_id: str


PREDECESSORS = (
    Predecessor(
        "django-session-timeout",
        ("django_session_timeout", "django_session_timeout_2025"),
        (),  # this package has the same ones
        "session_timeout.I101",
    ),
    Predecessor(
        "django-session-security",
        ("session_security",),
        (
            "SESSION_SECURITY_EXPIRE_AFTER",
            "SESSION_SECURITY_INSECURE",
            "SESSION_SECURITY_JS_PATH",
            "SESSION_SECURITY_PASSIVE_URLS",
            "SESSION_SECURITY_PASSIVE_URL_NAMES",
            "SESSION_SECURITY_PING_URL",
            "SESSION_SECURITY_REDIRECT_TO_LOGOUT",
            "SESSION_SECURITY_WARN_AFTER",
        ),
        "session_timeout.I102",
    ),
    Predecessor(
        "django-auto-logout",
        ("django_auto_logout",),
        ("AUTO_LOGOUT",),
        "session_timeout.I103",
    ),
    Predecessor(
        "django-session-idle-timeout",
        ("django-session-idle-timeout", "django_session_idle_timeout"),
        ("SESSION_IDLE_TIMEOUT",),
        "session_timeout.I104",
    ),
)


@link_to_manual
def check_predecessors(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return which other packages for the same purpose the project still uses."""
    return [
        Info(
            f"This project still uses {package.name}: {', '.join(found)}.",
            hint=f"To replace it, follow {MANUAL}migrating.html#{package.name}",
            id=package.check_id,
        )
        for package in PREDECESSORS
        if (found := [*traces_of(package)])
    ]


def traces_of(package: Predecessor) -> Iterator[str]:
    """Yield what shows that the project has the package."""
    for path in middleware_of(package):
        yield f"{path!r} in MIDDLEWARE"
    for app in apps.get_app_configs():
        if app.name in package.modules:
            yield f"{app.name!r} in INSTALLED_APPS"
    for name in package.settings:
        if hasattr(settings, name):
            yield f"the setting {name}"


def middleware_of(package: Predecessor) -> Iterator[Any]:
    """Yield the entries of MIDDLEWARE that are from the package."""
    for path in listed_middleware():
        if any(name.partition(".")[0] in package.modules for name in names_of(path)):
            yield path


def is_one_running() -> bool:
    """Whether another package still ends the sessions of the site."""
    return any([*middleware_of(package)] for package in PREDECESSORS)


def names_of(path: Any) -> Iterator[str]:
    """Yield a dotted path, and the paths of its class and of the bases of the class."""
    yield str(path)
    try:
        found = import_by_path(path)
    except ImportError:  # Django's own checks report it
        return
    for base in getattr(found, "__mro__", ()):
        yield f"{base.__module__}.{base.__qualname__}"
