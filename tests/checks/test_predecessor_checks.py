"""Projects that still have another package, and what the check says of them."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.core.checks import registry
from django.test import override_settings
from session_security.middleware import SessionSecurityMiddleware

from session_timeout.checks import check_predecessors, check_settings
from session_timeout.checks.predecessors import PREDECESSORS
from tests.support.checks import MANUAL, ids_of, link
from tests.support.manual import TEXTS, sections
from tests.support.paths import AUTH, ROOT, SESSIONS
from tests.support.waiting import SECONDS

LABD = "django_session_timeout.middleware.SessionTimeoutMiddleware"
SECURITY = "session_security.middleware.SessionSecurityMiddleware"
AUTO = "django_auto_logout.middleware.auto_logout"
IDLE = "django-session-idle-timeout.middleware.SessionIdleTimeout"

GUIDES = sections(TEXTS["docs/migrating.md"])
FOUND = {
    "django-session-timeout": "session_timeout.I101",
    "django-session-security": "session_timeout.I102",
    "django-auto-logout": "session_timeout.I103",
    "django-session-idle-timeout": "session_timeout.I104",
}


def found(**settings):
    with override_settings(**settings):
        infos = check_predecessors()
    return [*zip(ids_of(infos), [info.msg for info in infos], strict=True)]


def test_a_site_without_them_hears_nothing():
    assert found() == []


def test_the_check_is_bound():
    assert check_predecessors in registry.registry.get_checks()


@pytest.mark.parametrize(
    ("middleware", "name"),
    [
        (LABD, "django-session-timeout"),
        (SECURITY, "django-session-security"),
        (AUTO, "django-auto-logout"),
        (IDLE, "django-session-idle-timeout"),
        (f"{__name__}.Subclass", "django-session-security"),
        ("django_session_timeout_2025.middleware.Absent", "django-session-timeout"),
    ],
)
def test_a_middleware_is_found(middleware, name):
    [(id_, message)] = found(MIDDLEWARE=[SESSIONS, AUTH, middleware])
    assert id_ == FOUND[name]
    assert message == f"This project still uses {name}: {middleware!r} in MIDDLEWARE."


def test_one_that_runs_in_our_middlewares_place_is_no_error():
    for middleware, expected in (
        ([SESSIONS, LABD], []),
        ([SESSIONS], ["session_timeout.E001"]),
    ):
        with override_settings(MIDDLEWARE=middleware, SESSION_COOKIE_AGE=1800):
            assert [message.id for message in check_settings()] == expected


class Subclass(SessionSecurityMiddleware):
    """As a project may have it."""


@pytest.mark.parametrize("app", ["session_security", "django_auto_logout"])
def test_an_app_is_found(app, settings):
    apps = [*settings.INSTALLED_APPS, app]
    [(id_, message)] = found(INSTALLED_APPS=apps)
    assert id_ == FOUND[f"django-{app.removeprefix('django_').replace('_', '-')}"]
    assert message.startswith("This project still uses django-")
    assert message.endswith(f": {app!r} in INSTALLED_APPS.")


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package in PREDECESSORS for name in package.settings],
    ids=str,
)
def test_a_setting_is_found(package, name):
    [(id_, message)] = found(**{name: None})
    assert id_ == package.check_id
    assert message == f"This project still uses {package.name}: the setting {name}."


def test_a_package_has_one_message_which_leads_to_its_section():
    with override_settings(MIDDLEWARE=[SECURITY], SESSION_SECURITY_WARN_AFTER=1):
        (info,) = check_predecessors()
    assert f"{SECURITY!r} in MIDDLEWARE, the setting SESSION_SECURITY" in info.msg
    page = f"{MANUAL}migrating.html#django-session-security"
    assert info.hint == f"To replace it, follow {page}{link(info.id)}"


def test_every_package_has_its_section():
    assert list(GUIDES) == list(FOUND) == [package.name for package in PREDECESSORS]
    assert list(FOUND.values()) == [package.check_id for package in PREDECESSORS]


def write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


# The manual's projects, before and after, checked by manage.py.

SITE = """
import os, sys
from django.core.management import execute_from_command_line

os.environ["DJANGO_SETTINGS_MODULE"] = "project_settings"
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""
BASE_SETTINGS = """
SECRET_KEY = "not a secret"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "project_urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": ["templates"],
        "APP_DIRS": True,
    }
]
INSTALLED_APPS = []
"""
MORE_SETTINGS = """
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    *{"session_timeout": 1, **dict.fromkeys(INSTALLED_APPS)},
]
"""
BASE_URLS = """
from django.http import HttpResponse
from django.urls import include, path

def view(request):
    return HttpResponse()

widgets = [path("poll/", view, name="poll")]
urlpatterns = []
"""
MORE_URLS = """
urlpatterns += [
    path("accounts/login/", view),
    path("timed-out/", view),
    path("widgets/", include((widgets, "widgets"))),
]
"""


def check(directory, part):
    """Return what manage.py check prints of the project in a part of the manual."""
    blocks = re.findall(r"^```(\S+)\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)
    python = [code for language, code in blocks if language == "python"]
    settings, urls, *_ = [*python, ""]
    templates = [code for language, code in blocks if language == "html+django"]
    write(
        directory,
        {
            "manage.py": SITE,
            "project_settings.py": BASE_SETTINGS + settings + MORE_SETTINGS,
            "project_urls.py": BASE_URLS + urls + MORE_URLS,
            "templates/base.html": "".join(templates),
        },
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check"],
        cwd=directory,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=5 * SECONDS,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUND)
def test_the_manuals_way_from_another_package(tmp_path, name):
    before, after = GUIDES[name].split("\nAfter:\n")
    after = after.split("\n- ")[0].split("\nBoth packages")[0]
    printed = check(tmp_path / "before", before)
    assert re.findall(r"session_timeout\.I\d+", printed) == [FOUND[name]]
    assert "session_timeout.E001" not in printed
    assert check(tmp_path / "after", after) == (
        "System check identified no issues (0 silenced).\n"
    )
    example = re.search(r"```text\n(.*?)```", TEXTS["docs/migrating.md"], re.DOTALL)[1]
    assert (example in printed) == (name == "django-auto-logout")


def test_the_manuals_words_for_joinups_fork():
    before, after = re.findall(
        r"```python\n(.*?)```",
        sections(TEXTS["docs/migrating.md"], "###")["Its forks"],
        re.DOTALL,
    )[:2]
    theirs, ours = {}, {}
    exec(before, theirs)
    exec(after, ours)
    limit = "SESSION_EXPIRE_SECONDS"
    grace = "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD"
    assert ours[limit] == theirs[limit] + theirs[grace]
    assert ours[grace] == theirs[limit]
    assert (
        ours["SESSION_EXPIRE_ABSOLUTE_SECONDS"]
        == theirs["SESSION_EXPIRE_MAXIMUM_SECONDS"]
    )
