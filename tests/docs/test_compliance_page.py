"""The page on compliance, held against the code."""

import dataclasses
import re

import pytest
from django.core.management import load_command_class
from django.test import override_settings

from session_timeout.checks import check_profiles
from session_timeout.compliance.effective_settings import get_effective_settings
from session_timeout.compliance.evaluation import humanise, shortcomings
from session_timeout.compliance.profiles import BUILT_IN, Clause, Profile
from tests.support.commands import printed
from tests.support.manual import TEXTS, rows, sections

PAGE = TEXTS["docs/compliance.md"]
SECTIONS = sections(PAGE)


def block(text, language):
    """Return the first block in that language."""
    return re.search(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[1]


def run(text):
    """Return what the first example of Python defines."""
    names = {}
    exec(block(text, "python"), names)
    return {name: value for name, value in names.items() if name[:2] != "__"}


def cell(clause, kind, side="be at most", end=""):
    if clause is None:
        return "\N{EN DASH}"
    if clause.seconds is None:
        return f"there {clause.word} be an {kind} limit ({clause.name})"
    return f"{clause.word} {side} {humanise(clause.seconds)}{end} ({clause.name})"


def row(profile):
    limits = cell(profile.idle, "idle"), cell(profile.absolute, "absolute")
    also = cell(profile.warning, "warning", "warn", " before the end")
    if profile.revocation:
        also = f"no use after the end ({profile.revocation.name})"
    if profile.clearing:
        also += f", pages are emptied ({profile.clearing.name})"
    return [f"`{profile.name}`", profile.title, *limits, also]


def test_the_table_of_profiles_is_that_of_the_code():
    listed = rows(SECTIONS["The profiles"])[1:]
    assert listed == [row(profile) for profile in BUILT_IN.values()]


def test_the_example_of_the_checks_is_what_they_say():
    with override_settings(**run(PAGE), SESSION_EXPIRE_ABSOLUTE_SECONDS=86400):
        (error,) = check_profiles()
    assert f"{error}\n" == block(PAGE, "text")


def test_the_example_of_the_command_is_what_it_prints():
    section = SECTIONS["Print the policy"]
    assert timeless(printed(**run(section))) == timeless(block(section, "text"))


def timeless(report):
    """Return the report without its date and versions."""
    return re.sub(
        r"^(  (?:Date|Django|Package|Python) +).+", r"\1", report, flags=re.MULTILINE
    )


def test_the_profile_of_ones_own_can_be_used():
    profile = run(SECTIONS["A profile of your own"])["staff_profile"]
    with override_settings(SESSION_EXPIRE_SECONDS=601):
        missed = shortcomings(profile, get_effective_settings())
    assert [finding.clause.name for finding in missed] == ["4.2", "4.3"]


def test_the_page_on_choosing_limits_names_every_profile():
    table = rows(TEXTS["docs/choosing-limits.md"])[1:]
    named = [name.strip("`") for *_, names in table for name in names.split(", ")]
    assert sorted(named) == sorted(BUILT_IN)


@pytest.mark.parametrize(("type_", "index"), [(Profile, 0), (Clause, 1)])
def test_the_fields_of_a_profile_and_a_clause_are_listed(type_, index):
    tables = SECTIONS["A profile of your own"].split("| Field | What it is |")[1:]
    listed = [name.strip("`") for name, *_ in rows(tables[index])]
    assert listed == [field.name for field in dataclasses.fields(type_)]


def test_the_options_of_the_command_are_listed():
    command = load_command_class("session_timeout", "session_timeout_policy")
    parser = command.create_parser("manage.py", "session_timeout_policy")
    own = {"--json", "--markdown", "--fail"}
    assert own <= {name for each in parser._actions for name in each.option_strings}
    listed = [name.strip("`") for name, _ in rows(SECTIONS["Print the policy"])[1:]]
    assert set(listed) == own
