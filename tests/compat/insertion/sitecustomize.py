"""Prepares Django, in each process of another project's test suite.

Python imports this module when it starts, because its folder is on PYTHONPATH.
COMPAT_PLAN holds the plan as JSON:

settings  defaults of settings, as if Django had them in its global settings
is_async  whether the test client runs the middleware in async mode
insert    whether our middleware follows each SessionMiddleware
replace   whether modules of the project give way to those in replacements/
counts    the file to which each process adds what the middleware has seen
"""

import inspect
import json
import os
import sys
from importlib.util import spec_from_file_location
from pathlib import Path

OURS = "counted_middleware.CountedMiddleware"
REPLACEMENTS = Path(__file__).parent.parent / "replacements"


def prepare(plan):
    from django.conf import global_settings

    for name, value in plan["settings"].items():
        setattr(global_settings, name, value)
    if plan["is_async"]:
        make_test_client_async()
    if plan["insert"]:
        insert_into_settings()
        insert_into_constructed()
    if plan["replace"]:
        sys.meta_path.insert(0, Replacements)


class Replacements:
    """Finds a module in replacements/, before Python finds the project's own."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        file = REPLACEMENTS.joinpath(*name.split(".")).with_suffix(".py")
        return spec_from_file_location(name, file) if file.is_file() else None


def insert_into_settings():
    """Have BaseHandler see a longer MIDDLEWARE, and nobody else.

    It reads MIDDLEWARE each time it is set up, so this includes override_settings.
    """
    from django.core.handlers import base

    class Settings:
        def __getattr__(self, name, wrapped=base.settings):
            value = getattr(wrapped, name)
            return with_ours(value) if name == "MIDDLEWARE" else value

    base.settings = Settings()


def with_ours(middleware):
    """Return MIDDLEWARE with ours after the first SessionMiddleware."""
    paths = list(middleware)
    for index, path in enumerate(paths, 1):
        if is_session_middleware(path):
            return [*paths[:index], OURS, *paths[index:]]
    return paths


def is_session_middleware(path):
    """Whether a path leads to SessionMiddleware, a subclass or a namesake of it."""
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.utils.module_loading import import_string

    if "ession" not in path:
        return False
    found = import_string(path)
    return inspect.isclass(found) and (
        issubclass(found, SessionMiddleware) or found.__name__ == "SessionMiddleware"
    )


def insert_into_constructed():
    """Insert ours into SessionMiddleware(get_response), as tests construct it."""
    from django.contrib.sessions.middleware import SessionMiddleware

    construct = SessionMiddleware.__init__

    def construct_with_ours(self, get_response, *args, **kwargs):
        from counted_middleware import CountedMiddleware

        if not isinstance(inspect.unwrap(get_response), CountedMiddleware):
            get_response = CountedMiddleware(get_response)
        construct(self, get_response, *args, **kwargs)

    SessionMiddleware.__init__ = construct_with_ours


def make_test_client_async():
    """Have django.test.Client load the middleware as it is loaded under ASGI."""
    from asgiref.sync import async_to_sync
    from django.core.handlers.base import BaseHandler
    from django.test.client import ClientHandler

    def load_middleware(self, is_async=True):
        BaseHandler.load_middleware(self, is_async=True)

    def get_response(self, request):
        return async_to_sync(self.get_response_async)(request)

    ClientHandler.load_middleware = load_middleware
    ClientHandler.get_response = get_response


if "COMPAT_PLAN" in os.environ:
    prepare(json.loads(os.environ["COMPAT_PLAN"]))
