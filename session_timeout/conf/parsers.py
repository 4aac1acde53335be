"""Parsers: each takes a setting's name and raw value, and returns a typed value.

A parser raises SettingError if the value is wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from session_timeout.flow import Flow, call_hook

Function = Callable[..., Any]
Seconds = float | Function | None
Text = str | Promise

# From https://www.w3.org/TR/clear-site-data/, and those that browsers have added.
CLEAR_SITE_DATA = (
    "*",
    "cache",
    "clientHints",
    "cookies",
    "executionContexts",
    "prefetchCache",
    "prerenderCache",
    "storage",
)


class SettingError(ImproperlyConfigured):
    """A setting is wrong. The hint says what to write instead."""

    def __init__(self, name: str, problem: str, hint: str) -> None:
        super().__init__(f"{name} {problem}. {hint}")
        self.name = name
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Urls:
    """A set of URLs, given by name ("app:name") or by regexes of the path.

    match_path takes a path without SCRIPT_NAME. It returns whether one of the regexes
    matches the beginning of the path. It is None if there are no regexes.
    """

    names: frozenset[str]
    match_path: Callable[[str], bool] | None


def parse_seconds(name: str, raw: object, *, zero: bool = False) -> float:
    """Return a length of time in seconds from a number or a timedelta."""
    seconds = raw.total_seconds() if isinstance(raw, timedelta) else raw
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        try:
            if 0 < float(seconds) < inf or (zero and seconds == 0):
                return float(seconds)
        except OverflowError:  # an integer that no float can hold
            pass
    number = "number of seconds, zero or more" if zero else "positive number of seconds"
    hint = f"Write a {number}, or a timedelta."
    if isinstance(raw, str) and raw.isdecimal():
        hint = f"Write {raw} without the quotes."
    raise SettingError(name, f"must be a {number}, not {raw!r}", hint)


def parse_optional_seconds(name: str, raw: object) -> float | None:
    if raw is None:
        return None
    try:
        return parse_seconds(name, raw)
    except SettingError as error:
        hint = f"{error.hint} None switches it off."
        raise SettingError(name, error.problem, hint) from None


def parse_limit(name: str, raw: object) -> Seconds:
    """Return a limit in seconds, None for no limit, or a callable that returns one."""
    if isinstance(raw, str) and not raw.isdecimal():
        return import_function(name, raw, "a number of seconds without quotes")
    return raw if callable(raw) else parse_optional_seconds(name, raw)


def limit_for_request(
    name: str, limit: Seconds, request: HttpRequest
) -> Flow[float | None]:
    """Return a limit in seconds. If it is a callable, call it with the request."""
    if not callable(limit):
        return limit
    value = yield call_hook(limit, request)
    try:
        return None if value is None else parse_seconds(name, value)
    except SettingError:
        problem = f"is {limit!r}, which returned {value!r}"
        hint = "Return a positive number of seconds, a timedelta, or None."
        raise SettingError(name, problem, hint) from None


def parse_grace(name: str, raw: object) -> float | None:
    return None if raw is None else parse_seconds(name, raw, zero=True)


def parse_bool(name: str, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    raise SettingError(name, f"must be a bool, not {raw!r}", "Write True or False.")


def parse_optional_bool(name: str, raw: object) -> bool | None:
    return None if raw is None else parse_bool(name, raw)


def parse_redirect(name: str, raw: object) -> Text | Function | None:
    """Return the redirect unchanged. Each request resolves it again."""
    if raw is None or callable(raw) or isinstance(raw, Promise):
        return raw
    if isinstance(raw, str) and (is_web_address(raw) or "/" not in raw) and raw.strip():
        return raw
    hint = "Write a path, a URL, a URL name, a callable or its dotted path, or None."
    raise SettingError(name, f"must name a page, not {raw!r}", hint)


def is_web_address(url: str) -> bool:
    """Whether a URL is a path or an HTTP URL, and not for example "javascript:"."""
    try:
        return bool(url) and urlsplit(url).scheme in ("", "http", "https")
    except ValueError:
        return False


def parse_handler(name: str, raw: object) -> Function | None:
    if raw is None or callable(raw):
        return raw
    if isinstance(raw, str):
        return import_function(name, raw, "a function")
    hint = "Write a function (request, expiry) or its dotted path, or None."
    raise SettingError(name, f"must be a callable or a dotted path, not {raw!r}", hint)


def parse_text(name: str, raw: object) -> Text | None:
    if raw is None or isinstance(raw, Promise) or (isinstance(raw, str) and raw):
        return raw
    hint = "Write the sentence to show, or None."
    raise SettingError(name, f"must be a non-empty string, not {raw!r}", hint)


def parse_urls(name: str, raw: object) -> Urls:
    """Return the URL names and the path regexes of a list."""
    hint = 'Write a list of URL names ("app:name") and path regexes ("^/poll/").'
    names, patterns = set(), []
    for item in parse_strings(name, raw, hint):
        if not item.startswith(("/", "^")):
            names.add(item)
            continue
        try:
            patterns.append(re.compile(item))
        except re.error as error:
            problem = f"contains {item!r}, which is not a regex: {error}"
            raise SettingError(name, problem, "Correct the regex.") from None

    def match_path(path_info: str) -> bool:
        return any(pattern.match(path_info) for pattern in patterns)

    return Urls(frozenset(names), match_path if patterns else None)


def parse_clear_site_data(name: str, raw: object) -> str:
    """Return the value of the Clear-Site-Data header."""
    hint = f"Write a list of these directives: {', '.join(CLEAR_SITE_DATA)}."
    directives = parse_strings(name, raw, hint)
    for directive in directives:
        if directive not in CLEAR_SITE_DATA:
            raise SettingError(
                name, f"contains {directive!r}, which is not a directive", hint
            )
    return ", ".join(f'"{directive}"' for directive in directives)


def parse_list(name: str, raw: object) -> tuple[Any, ...]:
    """Return a list or a tuple as a tuple. Does not check its items."""
    if isinstance(raw, list | tuple):
        return tuple(raw)
    raise SettingError(name, f"must be a list of names, not {raw!r}", "Write a list.")


def parse_strings(name: str, raw: object, hint: str) -> list[str]:
    if isinstance(raw, list | tuple | set | frozenset):
        items = list(raw)
        if all(isinstance(item, str) and item for item in items):
            return items
    raise SettingError(name, f"must be a list of strings, not {raw!r}", hint)


def import_by_path(path: Any) -> Any:
    """Return the object at a dotted path. Raises ImportError for any wrong value."""
    try:
        return import_string(path)
    except (AttributeError, TypeError, ValueError) as error:  # "..", None, b"x"
        raise ImportError(f"{path!r} is not a dotted path ({error})") from error


def import_function(name: str, path: str, instead: str) -> Function:
    """Return the callable at a dotted path.

    instead says what the setting can be instead, for the hint.
    """
    try:
        function = import_by_path(path)
    except ImportError as error:
        problem = f"is {path!r}, which cannot be imported: {error}"
        raise SettingError(
            name, problem, f"Write a dotted path, or {instead}."
        ) from None
    if callable(function):
        return function  # type: ignore[no-any-return]
    problem = f"is {path!r}, which is {function!r} and not callable"
    hint = f"Write the dotted path of a function, or {instead}."
    raise SettingError(name, problem, hint)
