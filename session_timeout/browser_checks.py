"""System checks of the browser side. Every id is listed in docs/checks.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.template import engines
from django.template.utils import get_app_template_dirs
from django.urls import NoReverseMatch, get_script_prefix, reverse

from session_timeout import classify
from session_timeout.conf import config

Messages = Iterator[CheckMessage]

# As a tag of Django's, and as a function of Jinja2's.
USE = re.compile(r"\{%-?\s*session_timeout\b|\{\{-?\s*session_timeout\(")
NAMES = ("session_timeout:status", "session_timeout:extend")


def check_browser_side(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what keeps the dialog, and the URLs that it asks, from working."""
    try:
        config()
    except ImproperlyConfigured:
        return []  # reported by the checks of the settings
    try:
        paths = [reverse(name) for name in NAMES]
    except NoReverseMatch:
        return [*check_use(), *check_lead()]
    return [*chain.from_iterable(map(check_exempt, paths)), *check_lead()]


def check_use() -> Messages:
    """Without the URLs, the tag raises an error in each page that it is in."""
    for path, source in template_sources():
        if USE.search(source):
            yield Error(
                f"{path} uses session_timeout, but the URLs that the dialog asks are "
                "not in the URLconf.",
                hint='Add path("session-timeout/", include("session_timeout.urls")).',
                id="session_timeout.E034",
            )


def template_sources() -> Iterator[tuple[Path, str]]:
    for path in sorted(template_files()):
        yield path, path.read_text("utf-8", errors="ignore")


def template_files() -> set[Path]:
    """Return the files of all templates, without Django's and the package's own."""
    found = [*get_app_template_dirs("templates")]
    for engine in engines.all():
        found += map(Path, engine.template_dirs)
    others = (Path(django.__file__).parent, Path(__file__).parent)
    return {
        path
        for directory in found
        if not any(map(directory.is_relative_to, others))
        for path in directory.rglob("*")
        if path.is_file()
    }


def check_exempt(path: str) -> Messages:
    request = HttpRequest()
    request.path_info = f"/{path.removeprefix(get_script_prefix())}"
    if classify.is_exempt(request):
        yield Error(
            f"{path} is exempt, but it has to be checked to tell how long the session "
            "lasts.",
            hint="Narrow what SESSION_TIMEOUT_EXEMPT_URLS says.",
            id="session_timeout.E035",
        )


def check_lead() -> Messages:
    """A default that is too long is shortened in silence: nobody has asked for it."""
    conf, name = config(), "SESSION_TIMEOUT_WARNING_SECONDS"
    idle = conf.limits.idle if conf.limits else None
    if idle is None or not hasattr(settings, name) or conf.warning <= idle / 2:
        return
    yield checks.Warning(
        f"{name} is {conf.warning:.12g} s, more than half of SESSION_EXPIRE_SECONDS "
        f"({idle:.12g} s): pages warn when half of that is over.",
        hint=f"Write {idle / 2:.12g} or less.",
        id="session_timeout.W045",
    )
