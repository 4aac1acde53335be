"""System checks of what packages for the same purpose have left in the project.

Each says what to write instead. Every id is listed in docs/checks.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Info
from django.urls import get_resolver
from django.utils.module_loading import import_string

from session_timeout.browser_checks import template_sources
from session_timeout.checks import position
from session_timeout.conf import SETTINGS
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.parsers import SettingError
from session_timeout.patterns import Url, urls_of
from session_timeout.predecessors import PREDECESSORS, Predecessor, Setting
from session_timeout.translations import INCLUDE, UNSET, Advice, Site, literal

Messages = Iterator[CheckMessage]

OURS = '"session_timeout.middleware.SessionTimeoutMiddleware"'


def check_migration(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is there of other packages, and what to write instead."""
    middleware = {path: tuple(names_of(path)) for path in settings.MIDDLEWARE}
    urls = [*urls_of(get_resolver().url_patterns)]
    site = Site(get_setting, tuple(own_names(urls)))
    messages: list[CheckMessage] = []
    for package in PREDECESSORS:
        running = [
            path
            for path, names in middleware.items()
            if any(map(package.has_middleware, names))
        ]
        unread = [*filter(package.has_middleware, unread_middleware())]
        found = [
            *check_middleware(package, running, unread),
            *check_settings(package, site, bool(running or unread)),
            *check_app(package),
            *check_urls(package, urls, site),
        ]
        if found:  # else it is not worth reading all templates
            found += check_templates(package)
        messages += found
    return messages


def get_setting(name: str, default: object = None) -> object:
    """Return a setting, or a key of one: NAME["KEY"]."""
    name, _, key = name.partition('["')
    value = getattr(settings, name, UNSET)
    if key:
        value = value.get(key[:-2], UNSET) if isinstance(value, dict) else UNSET
    return default if value is UNSET else value


def names_of(path: str) -> Iterator[str]:
    """Yield the dotted path, and those of the classes that its class has as bases."""
    yield path
    try:
        found = import_string(path)
    except ImportError:  # Django reports it
        return
    for base in getattr(found, "__mro__", ()):
        yield f"{base.__module__}.{base.__qualname__}"


def own_names(urls: list[Url]) -> Iterator[str]:
    """Yield the names of the URLs that will not go with another package."""
    for url in urls:
        if url.name and not any(p.has_module(url.module) for p in PREDECESSORS):
            yield url.name


def unread_middleware() -> Iterable[str]:
    """Return what stands in the setting that Django had before version 2.0."""
    return getattr(settings, "MIDDLEWARE_CLASSES", None) or ()


def check_middleware(
    package: Predecessor, running: list[str], unread: list[str]
) -> Messages:
    ours = position(SessionTimeoutMiddleware) is not None
    for path in running:
        if ours:
            yield Info(
                f'"{path}" of {package.name} runs beside SessionTimeoutMiddleware: it '
                "ends sessions on its own, and has them saved and their cookies "
                f"sent {package.stamps}.",
                hint=f'Remove "{path}" from MIDDLEWARE.',
                id=package.beside_id,
            )
        else:
            yield Info(
                f'"{path}" in MIDDLEWARE is that of {package.name}.',
                hint=f"Write {OURS} in its place.",
                id=package.middleware_id,
            )
    for path in unread:
        yield Info(
            f'"{path}" of {package.name} is in MIDDLEWARE_CLASSES, which Django does '
            "not read.",
            hint=f"Remove MIDDLEWARE_CLASSES, and have {OURS} in MIDDLEWARE.",
            id=package.middleware_id,
        )


def check_settings(package: Predecessor, site: Site, runs: bool) -> Messages:
    for setting in package.settings:
        value = site.get(setting.name, UNSET)
        if value is UNSET:
            if runs and setting.default:
                yield from check_default(package, setting, site)
        elif setting.is_own or runs:
            advice = setting.translate(site)
            if advice is not None:
                yield Info(
                    f"{setting.name} is {value!r}, a setting of {package.name}.",
                    hint=hint_of(setting, advice, site),
                    id=setting.id,
                )


def check_default(package: Predecessor, setting: Setting, site: Site) -> Messages:
    """What the package does unless it is told has to be written here."""
    advice = setting.translate(site)
    if advice is None or all(
        site.get(name, UNSET) is not UNSET for name in advice.write
    ):
        return
    yield Info(
        f"{setting.name} is not set; {package.name} then {setting.default}.",
        hint=f"Write {code_of(advice)}. {advice.note}".rstrip(),
        id=setting.id,
    )


def hint_of(setting: Setting, advice: Advice, site: Site) -> str:
    """Return what to do about a setting: its name goes, unless it is one of ours."""
    code, write = code_of(advice), advice.write
    if not write:
        hint = "" if setting.name in SETTINGS else "Remove it."
    elif all(is_said(name, value, site) for name, value in write.items()):
        hint = f"Remove it: there is {code} already."
    else:
        hint = f"Write {code} in its place."
    return f"{hint} {advice.note}".strip()


def code_of(advice: Advice) -> str:
    """Return the lines of a settings file."""
    return " and ".join(f"{name} = {literal(v)}" for name, v in advice.write.items())


def is_said(name: str, value: object, site: Site) -> bool:
    """Whether a setting of ours has that meaning already."""
    parse = SETTINGS[name][1]
    try:
        return bool(parse(name, site.get(name, UNSET)) == parse(name, value))
    except SettingError:
        return False


def check_app(package: Predecessor) -> Messages:
    for app in filter(package.has_module, settings.INSTALLED_APPS):
        yield Info(
            f'"{app}" in INSTALLED_APPS is {package.name}.',
            hint="Remove it. It has no tables and no cookies of its own; "
            f'"{package.key}" stays in open sessions until they end.',
            id=package.app_id,
        )
    for engine in settings.TEMPLATES:
        options: Any = engine.get("OPTIONS", {})
        for path in filter(package.has_module, options.get("context_processors", ())):
            yield Info(
                f'"{path}" in TEMPLATES is a context processor of {package.name}.',
                hint="Remove it: the dialog needs none but the request.",
                id=package.processor_id,
            )


def check_urls(package: Predecessor, urls: list[Url], site: Site) -> Messages:
    there = "session_timeout:status" in site.url_names
    for url in urls:
        if package.has_module(url.module):
            yield Info(
                f'The URL "{url.route}" is one of {package.name}.',
                hint=f"Remove it: there is {INCLUDE} already."
                if there
                else f"Write {INCLUDE} in its place.",
                id=package.urls_id,
            )


def check_templates(package: Predecessor) -> Messages:
    """Those of the project, without those that the package has brought along."""
    configs = [*filter(lambda c: package.has_module(c.name), apps.get_app_configs())]
    own = [Path(config.path) for config in configs]
    marks = [(re.compile(mark.pattern), mark) for mark in package.marks]
    for path, source in template_sources() if marks else ():
        if any(map(path.is_relative_to, own)):
            continue
        for pattern, mark in marks:
            if pattern.search(source):
                yield Info(
                    f"{path} {mark.found} of {package.name}.",
                    hint=mark.hint,
                    id=mark.id,
                )
