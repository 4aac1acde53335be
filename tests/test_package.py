"""The wheel in a new project: two lines of settings protect the admin."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

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


def run(*command, cwd, site=None):
    environment = {**os.environ, "PYTHONPATH": str(site or "")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), cwd=ROOT)
    (wheel,) = out.glob("django_inactivity_timeout-*.whl")
    return wheel


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "session_timeout/py.typed" in names
    sources = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("session_timeout/**/*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == sources


def test_the_wheel_holds_each_catalogue_and_what_it_compiles_to(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for locale in (ROOT / "session_timeout" / "locale").iterdir():
        messages = f"session_timeout/locale/{locale.name}/LC_MESSAGES"
        assert {f"{messages}/django.po", f"{messages}/django.mo"} <= set(names)


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
