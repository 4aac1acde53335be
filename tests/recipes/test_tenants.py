"""Limits from the database."""

import sys

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.recipes.conftest import apply, files_of
from tests.support.client import expired

RECIPE = "Limits from the database"


@pytest.fixture
def tenants(transactional_db, settings, tmp_path, monkeypatch):
    """The table of the tenants."""
    code = dict(files_of(RECIPE))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "__init__.py").touch()
    for name in ("tenants/models", "tenants/limits"):
        (tmp_path / f"{name}.py").write_text(code[name])
    apply(code["settings"], settings)
    model = apps.get_model("tenants", "Tenant")
    with connection.schema_editor() as editor:
        editor.create_model(model)
    yield model.objects
    with connection.schema_editor() as editor:
        editor.delete_model(model)
    del apps.all_models["tenants"]
    for name in [name for name in sys.modules if name.startswith("tenants")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("idle_seconds", "limit"), [(300, 300), (3600, 1800), (None, 1800), (0, 1800)]
)
def test_the_strictest_limit_wins(tenants, browser, clock, idle_seconds, limit):
    tenants.create(host="testserver", idle_seconds=idle_seconds)
    tenants.create(host="other.example", idle_seconds=60)
    browser.login()
    clock.tick(limit - 1)
    assert browser.user == "ada"
    clock.tick(limit)
    assert expired(browser.get("/page/"))


def test_a_change_counts_for_sessions_that_have_begun(tenants, browser, clock):
    browser.login()
    clock.tick(59)
    assert browser.user == "ada"
    tenants.create(host="testserver", idle_seconds=60)
    clock.tick(60)
    assert expired(browser.get("/page/"))


def test_the_table_is_read_once_a_minute(tenants, browser, clock):
    browser.login()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            browser.get("/page/")
            clock.tick(25)
    asked = [query for query in queries if "tenants_tenant" in query["sql"]]
    assert len(asked) == 1
