"""A recipe is run as the manual has it: its blocks of code are the project."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.contrib import admin
from django.core.checks.registry import registry

from tests.support import urls
from tests.support.client import Browser
from tests.support.paths import ROOT

MANUAL = ROOT / "docs" / "recipes.md"


def section_of(title: str) -> str:
    """Return the text beneath a heading of the manual's recipes."""
    text = MANUAL.read_text("utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def files_of(title: str) -> list[tuple[str, str]]:
    """Return the files that a recipe shows: the name of each, and its code."""
    pattern = r"^```python\n# (\S+)\.py\n(.*?)^```$"
    return re.findall(pattern, section_of(title), re.DOTALL | re.MULTILINE)


@pytest.fixture
def recipe(request: Any, settings: Any, monkeypatch: Any) -> Iterator[str]:
    """The recipe that the module names, in force; its text."""
    checks, models = set(registry.registered_checks), dict(admin.site._registry)
    put = monkeypatch.setitem
    put(sys.modules, "shop", ModuleType("shop"))
    put(sys.modules, "recipe_urls", site := ModuleType("recipe_urls"))
    site.urlpatterns = [*urls.urlpatterns]
    for name, code in files_of(request.module.RECIPE):
        if name == "settings":
            apply(code, settings)
            continue
        module = ModuleType(name.replace("/", "."))
        put(sys.modules, module.__name__, module)
        setattr(sys.modules["shop"], name.removeprefix("shop/"), module)
        exec(compile(code, f"{name}.py", "exec"), vars(module))
        site.urlpatterns[:0] = getattr(module, "urlpatterns", [])
    settings.ROOT_URLCONF = "recipe_urls"
    yield section_of(request.module.RECIPE)
    # Apps leave theirs behind.
    registry.registered_checks, admin.site._registry = checks, models


def apply(code: str, settings: Any) -> None:
    """Apply a recipe's settings to those of the test project."""
    names = ("INSTALLED_APPS", "MIDDLEWARE")
    values = {name: [*getattr(settings, name)] for name in names}
    exec(code, values)
    # The apps at last: some of them look at the other settings when they begin.
    for name in sorted(values, key=lambda name: name == "INSTALLED_APPS"):
        if name.isupper():
            setattr(settings, name, values[name])


@pytest.fixture
def visitor(recipe: str, browser: Browser) -> Browser:
    """A visitor of the site that the recipe makes."""
    return browser
