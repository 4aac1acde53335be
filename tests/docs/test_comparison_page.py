"""The table of the manual that compares, held against the packages themselves."""

import re
from importlib import import_module

import django.utils.translation
import pytest

from tests.support.manual import TEXTS, rows, sections
from tests.support.peers import PEERS, PROBES

pytestmark = pytest.mark.slow

PAGE = sections(TEXTS["docs/comparison.md"])
HEAD, *TABLE = rows(PAGE["What each of them does"])
COUNTED_HEAD, *COUNTED = rows(PAGE["What each of them costs"])
OLD = "django-session-idle-timeout"

# The names that the page on the benchmarks gives them.
COLUMNS = {
    "cookie age": "Django alone",
    "save every request": "SESSION_SAVE_EVERY_REQUEST",
    "django-session-timeout": "django-session-timeout 0.1.0",
    "this package": "django-inactivity-timeout",
}

# What gives a row its cells.
ROWS = {
    "An idle session ends": "ends_when_idle",
    "It ends at the limit, not after it": "ends_at_the_limit",
    "A session ends if it was never used after the login": "ends_after_the_login",
    "An active session stays valid beyond the limit": "goes_on_in_use",
    "Django's own limit still ends an active session": "ends_at_cookie_age",
    "You can combine an idle and an absolute limit": "has_both_limits",
    "You can exclude polling from activity": "tells_polling_apart",
    "A slow request that only reads overwrites no change of another request": (
        "keeps_other_writes"
    ),
    "A response sets no cookie if its view doesn't use the session": "sets_no_cookie",
    "The idle session of a visitor who hasn't logged in ends": "ends_without_a_login",
    "That visitor gets no redirect to a login page": "leaves_visitors_in_place",
    "The redirect to the login page keeps path and query in `next`": (
        "brings_back_the_query"
    ),
    "An expired request from a script gets a 401": "answers_scripts",
    "The middleware declares itself async-capable": "is_async_capable",
    "The user can sign in again and go on with an open page": (
        "goes_on_after_a_new_login"
    ),
    "A script asks before the user loses a changed form": "asks_before_a_form_is_lost",
    "The package declares support for Django 4.2": "supports_older_django",
}
CELLS = [
    pytest.param(peer, ROWS[what], cell, id=f"{ROWS[what]}-{peer.name}")
    for what, *cells in TABLE
    for peer, cell in zip(PEERS, cells, strict=True)
]
FIGURES = [
    pytest.param(peer, what, cell.replace("*", ""), id=f"{what}-{peer.name}")
    for what, *cells in COUNTED
    for peer, cell in zip(PEERS, cells, strict=True)
]


@pytest.mark.parametrize("head", [HEAD, COUNTED_HEAD])
def test_the_tables_have_a_column_for_each(head):
    assert head[1:] == [peer.name for peer in PEERS]


def test_each_probe_has_a_row():
    assert [ROWS[what] for what, *_ in TABLE] == list(PROBES)


@pytest.mark.parametrize(("peer", "probe", "cell"), CELLS)
def test_cell(peer, probe, cell, user, clock):
    with peer.settings():
        assert cell == ("yes" if PROBES[probe](peer, clock) else "no")


@pytest.mark.parametrize(("peer", "what", "cell"), FIGURES)
def test_figure_is_that_of_the_benchmarks(peer, what, cell):
    title = re.fullmatch(r"\[(.+)\]\(benchmarks\.md#.+\)", what)[1]
    head, _, *table = rows(sections(TEXTS["docs/benchmarks.md"], "###")[title])
    store = head.index("db, PostgreSQL")
    found = {row[0]: row[store] for row in table}
    found.setdefault("Django alone", "0 µs")
    assert cell == found[COLUMNS.get(peer.name, peer.name)]


def test_session_idle_timeout_does_not_run_on_a_django_of_today():
    with pytest.raises(ImportError, match="ugettext"):
        import_module(f"{OLD}.middleware")
    assert not hasattr(django.utils.translation, "ugettext")
    assert OLD in PAGE["Not in the tables"]
