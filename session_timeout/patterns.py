"""The URL patterns of the project, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Url(NamedTuple):
    """A URL pattern: its route, its names and the module of its view.

    The names are whole, by instance and by application namespace, and empty where it
    has none.
    """

    route: str
    name: str
    name_by_application: str
    module: str


def urls_of(
    patterns: Iterable[Any], route: str = "", namespaces: str = "", apps: str = ""
) -> Iterator[Url]:
    """Yield all URL patterns, those that are included too."""
    for pattern in patterns:
        path = f"{route}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            inner, app = pattern.namespace, pattern.app_name
            yield from urls_of(
                pattern.url_patterns,
                path,
                f"{namespaces}{inner}:" if inner else namespaces,
                f"{apps}{app}:" if app else apps,
            )
        else:
            name, by_application = (
                f"{before}{pattern.name}" if pattern.name else ""
                for before in (namespaces, apps)
            )
            module = getattr(pattern.callback, "__module__", "")
            yield Url(path, name, by_application, module)
