"""The tutorial, step by step, in a directory of its own."""

import re

import pytest

from tests.support.paths import ROOT
from tests.support.processes import run_python

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")

# A fenced block, and the file that the line before it names.
STEPS = re.findall(
    r"(?:`([\w/]+\.\w+)`:\n\n)?^```(console|diff|python|html\+django)\n(.*?)^```$",
    PAGE,
    re.DOTALL | re.MULTILINE,
)
# Of the environment, to be typed at, or without an end.
NOT_RUN = (
    *("python -m venv", "source", "python -m pip"),
    *("python manage.py createsuperuser", "python manage.py runserver"),
)


@pytest.fixture(scope="module")
def clock():
    """The real clock."""


def changed(text, diff):
    """Return the text with the diff applied, whose context has to be there."""
    lines = diff.splitlines()
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    assert text.count(before) == 1, before
    return text.replace(before, after)


def follow(project, name, language, block):
    """Do what one block says."""
    path = project / name
    if language == "console":
        for line in block.splitlines():
            assert tell(project, line)
    elif language == "diff":
        path.write_text(changed(path.read_text().replace('"', "'"), block))
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(f"\n{block}")


said = []


def tell(project, line):
    """Run a command, or find the line in what the last one has said."""
    if not line.startswith("$ "):
        return line in said[-1]
    command = line.removeprefix("$ ")
    if not command.startswith(NOT_RUN):
        said.append(run(project, command))
    return True


def run(project, command):
    words = command.replace("django-admin", "python -m django").split()
    done = run_python(*words[1:], cwd=project, path=ROOT)
    return done.stdout + done.stderr


def test_the_tutorial_works(tmp_path):
    for name, language, block in STEPS:
        follow(tmp_path, name, language, block)
    assert "OK" in said[-1]
    # Without it, phones lay out the dialog for a wide screen, and shrink it.
    for name in ("home.html", "registration/login.html"):
        page = (tmp_path / "templates" / name).read_text()
        assert '<meta name="viewport" content="width=device-width' in page


def test_every_block_is_a_step():
    assert len(STEPS) == len(re.findall(r"^```\w", PAGE, re.MULTILINE))
