"""The environment of the test project's Jinja2."""

from typing import Any

from jinja2 import Environment

from session_timeout.browser import session_timeout


def environment(**options: Any) -> Environment:
    environment = Environment(**options)
    environment.globals["session_timeout"] = session_timeout
    return environment
