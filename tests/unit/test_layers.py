"""The shape of the package: imports run downwards, modules and functions stay small."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

import session_timeout

PACKAGE = Path(session_timeout.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the bottom up: a module imports from those before it, never from later ones.
LAYERS = [
    "policy",
    "steps",
    "memory",
    "profiles",
    "compliance",
    "parsers",
    "conf",
    "store",
    "copies",
    "entries",
    "engines",
    "glance",
    "visit",
    "classify",
    "pages",
    "responses",
    "signals",
    "ending",
    "middleware",
    "watch",
    "channels",
    "decorators",
    "testing",
    "patterns",
    "checks",
    "countdown",
    "status",
    "dialog",
    "templatetags.session_timeout",
    "views",
    "urls",
    "aurls",
    "browser_checks",
    "translations",
    "predecessors",
    "migration_checks",
    "site_policy",
    "profile_checks",
    "policy_report",
    "inventory",
    "clearing",
    "management.commands.session_timeout_policy",
    "management.commands.clear_idle_sessions",
    "apps",
]


def imports(path):
    """The package's own modules that a module imports, and other packages."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "session_timeout"
                else [str(node.module)]
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def name_of(path):
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def test_every_module_has_its_layer():
    names = {name_of(path) for path in MODULES if path.stem != "__init__"}
    assert names == set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_imports_run_downwards(name):
    own = {
        found.split(".")[1]
        for found in imports(PACKAGE / f"{name.replace('.', '/')}.py")
        if found.startswith("session_timeout.")
    }
    assert own <= set(LAYERS[: LAYERS.index(name)])


def test_the_rules_know_neither_django_nor_the_clock():
    found = {name.partition(".")[0] for name in imports(PACKAGE / "policy.py")}
    assert found == {"__future__", "sys", "dataclasses", "enum", "math", "typing"}


@pytest.mark.parametrize("name", ["profiles", "compliance"])
def test_profiles_can_be_written_in_a_settings_file(name):
    found = set(imports(PACKAGE / f"{name}.py"))
    assert not [each for each in found if each.startswith("django")]


@pytest.mark.parametrize(
    "name", ["policy", "steps", "memory", "store", "copies", "entries"]
)
def test_time_is_an_argument(name):
    assert "time" not in set(imports(PACKAGE / f"{name}.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_modules_and_functions_are_small(path):
    source = path.read_text()
    assert len(source.splitlines()) <= 250
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 40, node.name


def test_the_layers_are_a_list_without_doubles():
    assert all(a != b for a, b in pairwise(sorted(LAYERS)))
