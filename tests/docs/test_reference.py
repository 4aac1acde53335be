"""What the manual says of the code, held against the code."""

from __future__ import annotations

import inspect
import re
from functools import cache
from types import ModuleType
from typing import Any

import django.contrib.auth.signals
import pytest
from django.dispatch import Signal
from django.http import HttpRequest, JsonResponse
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

from session_timeout import (
    conf,
    decorators,
    middleware,
    signals,
    testing,
    websockets,
)
from session_timeout.browser import dialog
from session_timeout.checks.manual import section_url
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.policy import Expiry, Limits, Reason, Record
from tests.support import servers
from tests.support.client import Browser, delete_setting
from tests.support.manual import TEXTS, rows, sections
from tests.support.paths import ROOT
from tests.support.views import meanwhile

CHECK_ID = r"session_timeout\.([EWI]\d{3})"
VARIABLE = r"SESSION_TIMEOUT_TESTS_[A-Z_]*[A-Z]"


def functions(of: Any, module: ModuleType) -> list[str]:
    """Return the names of the public functions of a module or a class in it."""
    return [
        name
        for name, value in vars(of).items()
        if getattr(value, "__module__", None) == module.__name__
        and inspect.isfunction(value)
        and not name.startswith("_")
    ]


HOOKS = functions(SessionTimeoutMiddleware, middleware)
SIGNALS = [
    name
    for name, value in vars(signals).items()
    if isinstance(value, Signal) and not hasattr(django.contrib.auth.signals, name)
]
TRACKED = ["expires_in", "reason", "can_extend", "expired"]
PUBLIC = [
    *HOOKS,
    *SIGNALS,
    *functions(decorators, decorators),
    *testing.__all__,
    *TRACKED,
]

# What has a setting's name, but is none of the package's.
OTHERS = {
    "SESSION_EXPIRE_AT_BROWSER_CLOSE",
    "SESSION_EXPIRE_MAXIMUM_SECONDS",
    "SESSION_TIMEOUT_KEY",
}


def default_of(name: str) -> str:
    """Return a setting's default as the manual writes it."""
    if name == "SESSION_EXPIRE_SECONDS":
        return "`SESSION_COOKIE_AGE`"
    return f"`{conf.SETTINGS[name].default!r}`"


def emitted_ids() -> set[str]:
    """Return the ids that the system checks can give."""
    package = ROOT / "session_timeout"
    sources = [path.read_text("utf-8") for path in package.rglob("*.py")]
    return set(re.findall(CHECK_ID, " ".join(sources)))


def variables() -> set[str]:
    """Return the names of the environment variables that the tests look at."""
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")]
    found = set(re.findall(VARIABLE, " ".join(sources)))
    return found | {f"SESSION_TIMEOUT_TESTS_{name.upper()}" for name in servers.PORTS}


def test_settings_page_has_a_section_for_each_setting() -> None:
    found = list(sections(TEXTS["docs/settings.md"]))
    assert found == [*conf.SETTINGS, "Names elsewhere", "Translations"]


@pytest.mark.parametrize("name", conf.SETTINGS)
def test_section_of_a_setting_gives_type_default_checks_and_example(name: str) -> None:
    section = sections(TEXTS["docs/settings.md"])[name]
    heading, (type_, default, checks) = rows(section)[:2]
    assert heading == ["Type", "Default", "Checks"]
    assert type_.strip()
    assert default == default_of(name)
    ids = [link_of(id_) for id_ in re.findall(r"\[([EW]\d{3})\]", checks)]
    assert checks == ", ".join(ids)
    assert ids[0] == link_of(conf.SETTINGS[name].check_id.partition(".")[2])
    assert re.search(rf"```python\n[^`]*{name} = ", section)


def link_of(check: str) -> str:
    return f"[{check}](checks.md#session-timeout-{check.lower()})"


def test_idle_limit_is_session_cookie_age_by_default(settings: Any) -> None:
    delete_setting(settings, "SESSION_EXPIRE_SECONDS")
    settings.SESSION_COOKIE_AGE = 4321
    assert conf.read_setting("SESSION_EXPIRE_SECONDS") == 4321


@pytest.mark.parametrize("name", TEXTS)
def test_page_names_no_setting_that_does_not_exist(name: str) -> None:
    named = re.findall(r"\bSESSION_(?:TIMEOUT|EXPIRE)_[A-Z_]*[A-Z]", TEXTS[name])
    assert set(named) <= {*conf.SETTINGS, *OTHERS, *variables()}


def test_contributing_page_lists_every_variable_of_the_tests() -> None:
    section = sections(TEXTS["docs/contributing.md"])["Set up servers"]
    assert set(re.findall(rf"`({VARIABLE})`", section)) == variables()


def test_checks_page_has_a_section_for_every_id() -> None:
    headings = sections(TEXTS["docs/checks.md"], "###")
    ids = [re.match(r"[EWI]\d{3}(?=: )", heading)[0] for heading in headings]
    assert len(ids) == len(set(ids)) == TEXTS["docs/checks.md"].count("\n### ")
    assert sorted(ids) == sorted(emitted_ids())


@pytest.mark.parametrize("id_", sorted(emitted_ids()))
def test_link_of_a_check_leads_to_its_section(id_: str) -> None:
    ids = {node["ids"][0]: node[0].astext() for node in parsed_checks_page()}
    _, anchor = section_url(f"session_timeout.{id_}").split("#")
    assert ids[anchor].startswith(f"{id_}: ")


@cache
def parsed_checks_page() -> list[nodes.section]:
    """Return the page's sections, as MyST hands them to Sphinx."""
    quiet = {"report_level": 5, "myst_enable_extensions": ["deflist"]}
    page = publish_doctree(
        TEXTS["docs/checks.md"], parser=Parser(), settings_overrides=quiet
    )
    return [
        section
        for section in page.findall(nodes.section)
        if section.parent.tagname == "section"
    ]


@pytest.mark.parametrize("id_", sorted(emitted_ids()))
def test_section_of_a_check_shows_what_to_write(id_: str) -> None:
    found = sections(TEXTS["docs/checks.md"], "###")
    (section,) = [text for heading, text in found.items() if heading.startswith(id_)]
    assert re.search(r"^```(python|shell)\n", section, re.MULTILINE)


@pytest.mark.parametrize("name", conf.SETTINGS)
def test_checks_page_names_the_setting_of_each_error(name: str) -> None:
    id_ = conf.SETTINGS[name].check_id.removeprefix("session_timeout.")
    found = sections(TEXTS["docs/checks.md"], "###")
    (section,) = [text for heading, text in found.items() if heading.startswith(id_)]
    assert f"`{name}`" in section


@pytest.mark.parametrize("name", TEXTS)
def test_page_names_no_check_that_does_not_exist(name: str) -> None:
    assert set(re.findall(r"\b[EWI]\d{3}\b", TEXTS[name])) <= emitted_ids()


@pytest.mark.parametrize("name", PUBLIC)
def test_api_page_names_what_is_public(name: str) -> None:
    assert re.search(rf"\b{name}\b", TEXTS["docs/api.md"])


@pytest.mark.parametrize("type_", [Limits, Expiry, Record])
def test_api_page_names_the_fields_of_a_type(type_: type) -> None:
    section = sections(TEXTS["docs/api.md"], "###")[type_.__name__]
    for field in inspect.get_annotations(type_):
        assert f"`{field}`" in section


@pytest.mark.parametrize("reason", Reason)
def test_reason_is_explained(reason: Reason) -> None:
    assert f"`Reason.{reason.name}`" in TEXTS["docs/api.md"]
    assert [f"`{reason}`"] in [row[:1] for row in rows(TEXTS["docs/behaviour.md"])]


@pytest.mark.parametrize("field", Record._fields)
def test_part_of_the_record_is_explained(field: str) -> None:
    section = sections(TEXTS["docs/behaviour.md"])["The record"]
    assert [f"`{field}`"] in [row[:1] for row in rows(section)]
    assert f"`{middleware.SESSION_TIMEOUT_KEY}`" in section


def test_api_page_names_what_the_urls_answer(browser: Browser) -> None:
    answers = [browser.get("/session-timeout/status/").json()]
    browser.login()
    answers.append(browser.get("/session-timeout/status/").json())
    _, fields = sections(TEXTS["docs/api.md"])["What a page asks"].split("| Key |")
    listed = {name.strip("`") for name, _ in rows(fields)}
    assert listed == {*answers[0], *answers[1]}


def test_api_page_names_what_the_template_gets(browser: Browser) -> None:
    def view(request: HttpRequest) -> JsonResponse:
        return JsonResponse(dialog.dialog_context(request, True, None, None))

    browser.login()
    meanwhile.function = view
    table = rows(sections(TEXTS["docs/api.md"], "###")["Its template"])[1:]
    listed = {name.strip("` ") for names, _ in table for name in names.split(",")}
    assert listed == set(browser.get("/during/").json())


def test_api_page_names_the_close_codes() -> None:
    table = rows(sections(TEXTS["docs/api.md"])["WebSockets"])[1:]
    names = ("SESSION_ENDED", "SESSION_UNKNOWN")
    codes = [[f"{getattr(websockets, name)}", f"`{name}`"] for name in names]
    assert [row[:2] for row in table] == codes


def test_recipes_of_the_manual_are_those_that_are_tested() -> None:
    files = (ROOT / "tests").glob("*/test_*.py")
    found = [
        re.search(r'^RECIPE = "(.+)"$', f.read_text("utf-8"), re.MULTILINE)
        for f in files
    ]
    tested = {match[1] for match in found if match}
    assert tested == set(sections(TEXTS["docs/recipes.md"]))


def test_api_page_names_the_arguments_of_the_tag() -> None:
    table = rows(sections(TEXTS["docs/api.md"])["The dialog"])
    listed = [(name.strip("`"), default) for name, default, _ in table[1:4]]
    arguments = inspect.signature(dialog.session_timeout).parameters.values()
    given = [(a.name, f"`{a.default!r}`") for a in arguments if a.name != "request"]
    assert listed == [argument for argument in given if argument[0] != "nonce"]
