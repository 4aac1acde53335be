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
CELLS = [
    pytest.param(peer, shown.replace(" ", "_"), cell, id=f"{shown}-{peer.name}")
    for _, *cells, shown in TABLE
    for peer, cell in zip(PEERS, cells, strict=True)
]
FIGURES = [
    pytest.param(peer, shown, cell, id=f"{label}-{peer.name}")
    for label, *cells, shown in COUNTED
    for peer, cell in zip(PEERS, cells, strict=True)
]


@pytest.mark.parametrize("head", [HEAD, COUNTED_HEAD])
def test_the_tables_have_a_column_for_each(head):
    names = head[1:-1]
    assert names == [peer.name for peer in PEERS]


def test_each_probe_has_a_row():
    assert [shown.replace(" ", "_") for *_, shown in TABLE] == list(PROBES)


@pytest.mark.parametrize(("peer", "probe", "cell"), CELLS)
def test_cell(peer, probe, cell, user, clock):
    with peer.settings():
        assert cell == ("yes" if PROBES[probe](peer, clock) else "no")


@pytest.mark.parametrize(("peer", "shown", "cell"), FIGURES)
def test_figure_is_that_of_the_benchmarks(peer, shown, cell):
    title = re.fullmatch(r"\[(.+)\]\(benchmarks\.md#.+\)", shown)[1]
    head, _, *table = rows(sections(TEXTS["docs/benchmarks.md"], "###")[title])
    store = head.index("db, PostgreSQL")
    found = {row[0]: row[store] for row in table}
    found.setdefault("Django alone", "0 µs")
    assert cell == found[COLUMNS.get(peer.name, peer.name)]


def test_session_idle_timeout_does_not_run_on_a_django_of_today():
    with pytest.raises(ImportError, match="ugettext"):
        import_module(f"{OLD}.middleware")
    assert not hasattr(django.utils.translation, "ugettext")
    assert OLD in PAGE["What is not in the tables"]
