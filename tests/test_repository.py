"""What surrounds the package: the Makefile, the workflows, the hooks, the templates."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GITHUB = ROOT / ".github"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
# Whatever says how the project is built, tested or contributed to.
INSTRUCTIONS = [
    path
    for path in [
        *ROOT.glob("[!.]*.*"),
        *ROOT.glob(".pre-commit*"),
        *(ROOT / ".ci").iterdir(),
        *(ROOT / "docs").glob("*.md"),
        *GITHUB.rglob("*.*"),
    ]
    if path.suffix in {"", ".md", ".py", ".toml", ".yaml", ".yml"} and path.is_file()
]

names = pytest.mark.parametrize(
    "path", INSTRUCTIONS, ids=lambda path: path.relative_to(ROOT).as_posix()
)
workflows = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def test_make_alone_lists_every_target() -> None:
    make = ["make", "--no-print-directory"]
    listed = subprocess.check_output(make, cwd=ROOT, text=True)
    lines = re.findall(r"^make ([a-z]+) +\S.*$", listed, re.MULTILINE)
    assert len(lines) == len(listed.splitlines())
    assert sorted(lines) == sorted(TARGETS)


def test_no_target_is_taken_for_a_file() -> None:
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)[1]
    assert set(phony.replace("\\", "").split()) == TARGETS


@names
def test_targets_that_are_named_exist(path) -> None:
    text = path.read_text("utf-8")
    commands = re.findall(r"""(?:`|"|run: |^ *)make ([a-z]+)\b""", text, re.MULTILINE)
    assert set(commands) <= TARGETS


@names
def test_the_repository_has_one_address(path) -> None:
    text = path.read_text("utf-8")
    owner = r"https://github\.com/[\w-]+/django-inactivity-timeout\b"
    assert set(re.findall(owner, text)) <= {PROJECT["urls"]["Source"]}


def test_the_urls_of_the_project_are_in_the_repository() -> None:
    source = PROJECT["urls"]["Source"]
    assert all(url.startswith(source) for url in PROJECT["urls"].values())
    files = re.findall(
        rf"{source}/blob/main/(\S+)", "\n".join(PROJECT["urls"].values())
    )
    assert files
    assert all((ROOT / file).is_file() for file in files)


@workflows
def test_a_workflow_runs_what_runs_here_too(path) -> None:
    commands = re.findall(
        r"^ *(?:- )?run: (.+)$", path.read_text("utf-8"), re.MULTILINE
    )
    assert commands
    for command in commands:
        name, _, argument = command.partition(" ")
        if name == "make":
            assert argument in TARGETS
        else:
            assert name in {"ls", "sha256sum"} or (ROOT / name).stat().st_mode & 0o100


@workflows
def test_a_workflow_names_other_peoples_actions_by_commit(path) -> None:
    used = re.findall(r"uses: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    others = [action for action in used if not (ROOT / action).is_file()]
    assert others
    for action in others:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action)


@workflows
def test_a_workflow_may_do_what_it_needs_and_no_more(path) -> None:
    text = path.read_text("utf-8")
    allowed = re.findall(r"^ +([a-z-]+): write$", text, re.MULTILINE)
    assert re.search(r"^permissions:", text, re.MULTILINE)
    assert allowed == (["id-token"] if path.stem == "publish" else [])


def test_ci_tests_every_supported_pair() -> None:
    tox = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["tox"]
    text = (GITHUB / "workflows" / "test.yml").read_text("utf-8")
    jobs = re.findall(r'- python: "(.+)"\n +pairs: (.+)', text)
    pairs = [pair for _, listed in jobs for pair in listed.split(",")]
    assert pairs == tox["env_list"]
    for python, listed in jobs:
        own = f"py{python.replace('.', '')}-"
        assert all(pair.startswith(own) for pair in listed.split(","))


def test_ci_asks_as_much_of_the_tests_wherever_it_runs() -> None:
    here, there = (
        set(re.findall(r'(SESSION_TIMEOUT_TESTS_\w+)(?:=|: ")(\d+)', path.read_text()))
        for path in (ROOT / ".ci" / "run", GITHUB / "workflows" / "test.yml")
    )
    assert here == there
    assert ("SESSION_TIMEOUT_TESTS_STRICT", "1") in here


def test_hooks_use_the_tools_of_the_environment() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"^ +- repo: (.+)$", text, re.MULTILINE) == ["local"]
    ids = re.findall(r"^ +- id: (.+)$", text, re.MULTILINE)
    assert len(ids) == len(set(ids))
    programs = set(re.findall(r"\.venv/bin/(\S+)", text))
    lint = MAKEFILE.partition("\nlint:")[2].partition("\n\n")[0]
    assert programs == {*re.findall(r"\$\(BIN\)/(\S+)", lint), "python"}


@pytest.mark.parametrize("path", [*GITHUB.rglob("*.md")], ids=lambda path: path.stem)
def test_link_of_a_template_leads_somewhere(path) -> None:
    links = re.findall(r"\]\((?!https:)([^)#]+)", path.read_text("utf-8"))
    assert all((path.parent / link).is_file() for link in links)


def test_a_vulnerability_is_reported_in_private() -> None:
    private = f"{PROJECT['urls']['Source']}/security/advisories/new"
    for path in [
        GITHUB / "SECURITY.md",
        GITHUB / "ISSUE_TEMPLATE" / "config.yml",
        ROOT / "docs" / "security.md",
    ]:
        assert private in path.read_text("utf-8")
