"""Which suites there are: suites.toml, and the failures that known.toml explains."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TABLES = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Suite:
    """One line of the table: tests of a project that run in one go."""

    name: str
    #: The project's name, on PyPI too if there is no git.
    project: str
    version: str
    #: What of the project is tested, in a word or two; empty for all of it.
    part: str
    #: What is installed beside it. A "." is the project itself.
    requirements: list[str]
    command: str
    #: The suite whose virtual environment it uses.
    environment: str
    #: A repository, and the tag or commit of the version, where the sdist has no tests.
    git: str = ""
    revision: str = ""
    #: Where the command runs, and what is on PYTHONPATH, in the project's sources.
    directory: str = "."
    path: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    #: Defaults of Django's settings, in each of the runs.
    settings: dict[str, Any] = field(default_factory=dict)
    is_async: bool = False
    #: Whether ours takes the place of the project's own middleware, by replacements/.
    replaces: bool = False
    #: What of such a suite the command leaves out, with the reason.
    left_out: dict[str, str] = field(default_factory=dict)
    #: Whether it belongs to what is run with every change.
    ci: bool = False

    @property
    def title(self) -> str:
        return f"{self.project}: {self.part}" if self.part else self.project


@dataclass(frozen=True)
class Known:
    """New failures of one cause."""

    name: str
    reason: str
    #: The tests that fail, by suite.
    tests: dict[str, list[str]]


def load_suites(tables: TABLES) -> dict[str, Suite]:
    """Return the suites by name. What "like" names gives what a table leaves out."""
    complete: TABLES = {}
    for name, table in tables.items():
        own = dict(table)
        parent = complete[own.pop("like")] if "like" in own else {"part": ""}
        complete[name] = {"environment": name, **parent, "ci": False, **own}
    return {name: Suite(name=name, **table) for name, table in complete.items()}


def load_known(tables: Iterable[dict[str, Any]], suites: Iterable[str]) -> list[Known]:
    """Return the known failures. Raises ValueError if one names no suite there is."""
    known = [Known(**table) for table in tables]
    missing = {name for each in known for name in each.tests} - set(suites)
    if missing:
        raise ValueError(f"known.toml names suites that do not exist: {missing}")
    return known


def read() -> tuple[dict[str, Suite], list[Known]]:
    """Return what the two files hold."""
    suites = load_suites(tomllib.loads((HERE / "suites.toml").read_text("utf-8")))
    tables = tomllib.loads((HERE / "known.toml").read_text("utf-8"))
    return suites, load_known(tables["known"], suites)


def select(suites: dict[str, Suite], names: list[str]) -> list[Suite]:
    """Return the suites of these names: all without one, and those of CI for "ci".

    Raises ValueError for a name that no suite has.
    """
    unknown = set(names) - {*suites, "ci"}
    if unknown:
        raise ValueError(f"no such suite: {', '.join(sorted(unknown))}")
    return [
        suite
        for suite in suites.values()
        if not names or suite.name in names or (suite.ci and "ci" in names)
    ]
