"""The chart and the soak of the benchmarks, held against the tables of their page."""

import pytest

from benchmarks.chart import OURS, SERVERS, picture, read
from benchmarks.contestants import ALONE, NAME
from benchmarks.soak.report import (
    BEGIN,
    END,
    NEVER,
    NEVER_OUTSIDE,
    TOTALS,
    Results,
    broken,
    render,
)
from benchmarks.soak.tally import Tally, Window
from tests.support.manual import ROOT, TEXTS, rows

PAGE = TEXTS["docs/benchmarks.md"]
CHART = ROOT / "docs" / "benchmarks.svg"
SOAK = rows(PAGE.partition(BEGIN)[2].partition(END)[0])
RESTART = "Redis: killed"


def test_the_chart_is_the_one_that_the_script_draws():
    assert CHART.read_text("utf-8") == "\n".join(picture(PAGE)) + "\n"


@pytest.mark.parametrize("server", SERVERS)
def test_the_chart_has_the_figures_of_the_table(server):
    found = read(PAGE, server)
    assert "db, PostgreSQL" in found
    for by in found.values():
        assert OURS in by
        for added in by.values():
            assert f">{added} µs<" in CHART.read_text("utf-8")


def test_the_soak_is_the_one_that_the_page_describes():
    assert SOAK[0] == ["10 minutes, 300 clients each", NAME, ALONE]


@pytest.mark.parametrize("title", [*NEVER_OUTSIDE.values(), *NEVER.values()])
def test_the_soak_kept_its_promises(title):
    (ours,) = (row[1] for row in SOAK if row[0] == title)
    assert ours == "0"


def test_django_alone_serves_idle_sessions_in_the_soak():
    (alone,) = (row[2] for row in SOAK if row[0] == NEVER["idle served"])
    assert int(alone.replace(",", "")) > 100


@pytest.fixture
def results():
    """A soak that has tried everything and kept its promises."""
    tallies = {NAME: Tally(), ALONE: Tally()}
    for tally in tallies.values():
        for what in TOTALS:
            tally.add(what, None)
        tally.add("requests", RESTART, number=100)
    memory = dict.fromkeys([(NAME, "uvicorn"), (ALONE, "uvicorn")], (70.0, 71.0))
    return Results(10, 300, tallies, [Window(RESTART, 0, 5)], memory)


def test_a_soak_without_failures_breaks_nothing(results):
    results.ours.add("5xx", RESTART)
    assert broken(results) == []
    assert f"| {RESTART}, 5 s | 1 / 0 of 100 | 0 / 0 of 100 |" in render(results)


@pytest.mark.parametrize("what", [*NEVER_OUTSIDE, *NEVER])
def test_a_soak_with_a_failure_outside_of_restarts_names_it(results, what):
    results.ours.add(what, None)
    assert broken(results) == [f"{(NEVER_OUTSIDE | NEVER)[what]}: 1"]


@pytest.mark.parametrize("what", NEVER)
def test_a_restart_excuses_no_session_that_has_ended(results, what):
    results.ours.add(what, RESTART)
    assert broken(results) == [f"{NEVER[what]}: 1"]


def test_a_soak_in_which_no_session_went_idle_proves_nothing(results):
    results.ours.counts.pop(("idle refused", None))
    assert broken(results) == ["Requests of idle sessions refused: none"]


def test_a_soak_compares_restarts_and_memory_with_django_alone(results):
    results.ours.add("5xx", RESTART, number=20)
    results.memory[NAME, "uvicorn"] = (70.0, 78.5)
    assert broken(results) == [
        "Failures at restarts: +20% of the requests",
        "Memory of uvicorn: +7.5 MiB more than Django alone",
    ]
