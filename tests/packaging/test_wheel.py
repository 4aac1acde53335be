"""Wheel and sdist, and the wheel in a new project: two lines of settings protect it."""

import email
import os
import re
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.processes import run_python

pytestmark = pytest.mark.slow

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MANUAL = "https://django-inactivity-timeout.readthedocs.io/"
IGNORED = (ROOT / ".gitignore").read_text().split()

# The README's two lines, written into what startproject makes.
SESSIONS = '    "django.contrib.sessions.middleware.SessionMiddleware",\n'
OURS = '    "session_timeout.middleware.SessionTimeoutMiddleware",\n'
LIMIT = "SESSION_EXPIRE_SECONDS = 1800\n"

VISIT = """
import session_timeout
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import gettext, override
from session_timeout.testing import make_idle

print(session_timeout.__file__)
User.objects.create_superuser("ada", password="secret")
client = Client(headers={"host": "localhost"})
form = {"username": "ada", "password": "secret"}
print(client.post("/admin/login/?next=/admin/", form).url)
make_idle(client, seconds=1795)
print(client.get("/admin/").status_code)
make_idle(client, seconds=1800)
print(client.get("/admin/auth/user/?q=a").url)
print(client.get("/admin/").url)
with override("de"):
    print(gettext("Your session has ended."))
"""


@pytest.fixture(scope="module")
def clock():
    """The real clock."""


def run(*command, cwd, site="", **circumstances):
    return run_python(*command, cwd=cwd, path=site, **circumstances).stdout


def files(top):
    """The files beneath a directory that git does not ignore, by their paths."""
    found = (path.relative_to(ROOT) for path in (ROOT / top).rglob("*"))
    return {
        str(path)
        for path in found
        if (ROOT / path).is_file()
        and not any(
            part.match(name) for part in [path, *path.parents] for name in IGNORED
        )
    }


def build(source, out, **circumstances):
    command = ["-m", "build", "--no-isolation", "--outdir", str(out)]
    run(*command, cwd=source, SOURCE_DATE_EPOCH="1795392000", **circumstances)
    (wheel,) = out.glob("django_inactivity_timeout-*-py3-none-any.whl")
    (sdist,) = out.glob("django_inactivity_timeout-*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("dist"), umask=0o022, TZ="UTC")


@pytest.fixture(scope="module")
def wheel(built):
    return built[0]


@pytest.fixture(scope="module")
def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    held = {name for name in names if ".dist-info/" not in name}
    assert held == files("session_timeout")
    assert {".html", ".js", ".css", ".po", ".mo"} <= {
        Path(name).suffix for name in held
    }
    assert "session_timeout/py.typed" in held
    assert not any("tests" in Path(name).parts for name in names)


def test_the_wheel_holds_each_catalogue_and_what_it_compiles_to(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for locale in (ROOT / "session_timeout" / "locale").iterdir():
        messages = f"session_timeout/locale/{locale.name}/LC_MESSAGES"
        assert {f"{messages}/django.po", f"{messages}/django.mo"} <= set(names)


def test_the_sdist_holds_the_repository(built):
    with tarfile.open(built[1]) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    tops = [
        ".ci", ".github", "benchmarks", "docs", "example", "session_timeout", "tests"
    ]  # fmt: skip
    single = [
        ".gitignore", ".pre-commit-config.yaml", ".readthedocs.yaml", "CHANGELOG.md",
        "LICENSE", "Makefile", "README.md", "pyproject.toml", "uv.lock",
    ]  # fmt: skip
    assert held == {"PKG-INFO", *single}.union(*map(files, tops))


def test_the_sdist_builds_to_the_same_bytes_elsewhere_and_at_another_time(
    built, tmp_path
):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    for path in source.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (1e9, 1e9))
    again = build(source, tmp_path / "dist", umask=0o077, TZ="Asia/Tokyo")
    assert [path.name for path in again] == [path.name for path in built]
    assert [path.read_bytes() for path in again] == [
        path.read_bytes() for path in built
    ]


def test_the_version_is_the_latest_of_the_changelog(metadata):
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    first, latest, *_ = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    assert first == "Unreleased"
    assert re.fullmatch(
        re.escape(metadata["Version"]) + r" \(\d{4}-\d\d-\d\d\)", latest
    )


def test_the_classifiers_name_what_is_tested(metadata):
    classifiers = metadata.get_all("Classifier")
    pairs = " ".join(PROJECT["tool"]["tox"]["env_list"])
    for name, pattern in [
        ("Programming Language :: Python", r"py(\d)(\d+)"),
        ("Framework :: Django", r"django(\d)(\d)"),
    ]:
        tested = {f"{name} :: {'.'.join(v)}" for v in re.findall(pattern, pairs)}
        assert {c for c in classifiers if re.match(rf"{name} :: \d+\.", c)} == tested
    languages = [c for c in classifiers if c.startswith("Natural Language :: ")]
    assert len(languages) == len([*(ROOT / "session_timeout" / "locale").iterdir()])


def test_the_description_leads_from_pypi_to_repository_and_manual(metadata):
    text, source = metadata.get_payload(), PROJECT["project"]["urls"]["Source"]
    urls = re.findall(r'(?:\]\(|src="|srcset=")([^)"]+)', text)
    assert all(url.startswith("https://") for url in urls)
    version = metadata["Version"]
    own = rf"{source}/(?:blob|raw)/v{version}/(.+)|{MANUAL}en/latest/(.+)\.html"
    found = [match for url in urls if (match := re.fullmatch(own, url))]
    paths = [path or f"docs/{page}.md" for path, page in (m.groups() for m in found)]
    assert {"docs/images/warning-dark.png", "docs/settings.md"} <= set(paths)
    assert all((ROOT / path).is_file() for path in paths)


@pytest.mark.parametrize("with_app", [False, True])
def test_two_lines_of_settings_protect_a_new_project(wheel, tmp_path, with_app):
    site, project = tmp_path / "site", tmp_path / "project"
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    run(*pip, "--target", str(site), str(wheel), cwd=tmp_path)
    project.mkdir()
    run("-m", "django", "startproject", "shop", str(project), cwd=tmp_path)
    settings = project / "shop" / "settings.py"
    text = settings.read_text().replace("'", '"').replace(SESSIONS, SESSIONS + OURS)
    assert OURS in text
    app = 'INSTALLED_APPS += ["session_timeout"]\n' if with_app else ""
    settings.write_text(text + LIMIT + app)
    run("manage.py", "migrate", cwd=project, site=site)
    checked = run("manage.py", "check", "--fail-level", "ERROR", cwd=project, site=site)
    assert "no issues" in checked or with_app
    said = run("manage.py", "shell", "-v0", "-c", VISIT, cwd=project, site=site)
    path, *answers, sentence = said.splitlines()
    assert path.startswith(str(site))
    assert answers == [
        "/admin/",
        "200",
        "/admin/login/?next=/admin/auth/user/%3Fq%3Da",
        "/admin/login/?next=/admin/",
    ]
    # Django looks for catalogues in the installed apps.
    assert sentence == (
        "Ihre Sitzung ist beendet." if with_app else "Your session has ended."
    )
