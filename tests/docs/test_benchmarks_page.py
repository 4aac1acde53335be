"""The chart of the benchmarks, held against the tables of their page."""

import pytest

from benchmarks.chart import OURS, SERVERS, picture, read
from tests.support.manual import ROOT, TEXTS

PAGE = TEXTS["docs/benchmarks.md"]
CHART = ROOT / "docs" / "benchmarks.svg"


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
