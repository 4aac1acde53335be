"""The commands of the page on deploying: a site of Django's startproject, served."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.support.manual import TEXTS, blocks, install, sections
from tests.support.paths import OURS, ROOT
from tests.support.processes import run_python
from tests.support.racing import TAIL, WAIT, run_server, wait_for_both_workers
from tests.support.stored_sessions import make_later
from tests.support.waiting import wait_until

pytestmark = pytest.mark.races

SECTIONS = sections(TEXTS["docs/deploying.md"])
LOG = sections(TEXTS["docs/operating.md"])["The log"]
COUNTER = sections(TEXTS["docs/recipes.md"])["Prometheus"]
COMMANDS = {
    line.split()[0]: shlex.split(line.replace("8000", "{port}"))
    for block in blocks(SECTIONS["Start the application server"], "shell")
    for line in block.splitlines()
}
KEY = "not a secret: the key of the site that is deployed"
LIMIT = 1800

SETTINGS = f"""
SECRET_KEY = "{KEY}"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS += ["session_timeout", "shop"]
MIDDLEWARE.insert(2, "{OURS}")
SESSION_EXPIRE_SECONDS = {LIMIT}
SESSION_TIMEOUT_EXEMPT_URLS = ["^/show/"]
"""
URLS = """
from shop import monitoring
from tests.support.race_site.urls import urlpatterns as views

urlpatterns += [*views, *monitoring.urlpatterns]
"""
APP = """
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from shop import metrics
"""
CREATE_USER = """
from django.contrib.auth.models import User
User.objects.create_user("ada")
"""


@pytest.fixture
def clock():
    """The real clock."""


@pytest.fixture(autouse=True)
def secret_key(settings):
    """Read and write sessions as the site does."""
    settings.SECRET_KEY = KEY


class Project:
    """A site of Django's startproject, with what the manual shows added to it."""

    def __init__(self, directory):
        self.directory = directory
        self.database = directory / "db.sqlite3"
        (directory / "metrics").mkdir()
        (directory / "home").mkdir()
        self.run("-m", "django", "startproject", "shop", ".")
        for text in (LOG, COUNTER, SECTIONS["Monitor"]):
            install(text, directory)
        (logging,) = (
            block
            for block in blocks(LOG, "python")
            if block.startswith("# settings.py") and "json" in block
        )
        self.append("shop/settings.py", SETTINGS + logging)
        self.append("shop/urls.py", URLS)
        self.append("shop/apps.py", APP)
        self.run("manage.py", "migrate", "--verbosity=0")
        self.run("manage.py", "shell", "--verbosity=0", "--command", CREATE_USER)
        self.settings = self.path("shop/settings.py").read_text()

    def path(self, name):
        return self.directory / name

    def append(self, name, text):
        with self.path(name).open("a") as file:
            file.write(text)

    def set(self, *lines):
        """Deploy other settings; those that nobody sets are as in the beginning."""
        self.path("shop/settings.py").write_text("\n".join([self.settings, *lines]))

    @property
    def variables(self):
        return {
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "HOME": str(self.path("home")),
            "PATH": "/usr/bin:/bin",
            "PROMETHEUS_MULTIPROC_DIR": str(self.path("metrics")),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(ROOT),
        }

    def run(self, *arguments):
        variables = {"PYTHONDONTWRITEBYTECODE": "1"}
        return run_python(*arguments, cwd=self.directory, path=ROOT, **variables)

    @contextmanager
    def serve(self, server, *options, without=(), log="log"):
        command = [word for word in COMMANDS[server] if word not in without]
        with run_server(
            [*command, *options], self.variables, self.path(log), self.directory
        ) as site:
            yield site

    def logged(self, log="log"):
        """The lines of JSON in the log of a server."""
        lines = self.path(log).read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.fixture(scope="module")
def new_project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(new_project):
    new_project.set()
    yield new_project
    for file in new_project.path("metrics").iterdir():
        file.unlink()


def location(site, path, cookie):
    """Where the site sends a visitor whose session has ended."""
    answer = site.send(path, cookie)
    assert answer.status == 302, site.log.read_text()[-TAIL:]
    return answer.location


@pytest.mark.parametrize("server", ["gunicorn", "uvicorn"])
def test_every_worker_knows_the_session_and_its_end(project, server):
    with project.serve(server) as site:
        cookie = site.get("/login/").cookie
        wait_for_both_workers(site, "/slow/0/", cookie)
        make_later(project.database, cookie, LIMIT - 60)
        began_at = site.get("/slow/0/", cookie).began_at
        shown = site.get("/show/", cookie)
        assert shown["user"] == "ada"
        assert shown.record.last_activity >= began_at - 0.001
        make_later(project.database, cookie, LIMIT)
        found = location(site, "/slow/0/", cookie)
        assert found == "/accounts/login/?next=/slow/0/"
        assert site.get("/show/", cookie)["user"] == ""
    (line,) = project.logged()
    assert (line["reason"], line["user_id"], line["level"]) == ("idle", "1", "INFO")
    assert cookie not in site.log.read_text()


@pytest.mark.parametrize("server", ["gunicorn", "uvicorn"])
def test_a_prefix_that_the_proxy_removes_is_in_next(project, server):
    if server == "gunicorn":
        project.set(*re.findall(r"`(FORCE_\w+ = .+?)`", SECTIONS["Behind a proxy"]))
        options = []
    else:
        options = re.findall(r"`(--root-path) (.+?)`", SECTIONS["Behind a proxy"])[0]
    with project.serve(server, *options) as site:
        cookie = site.get("/login/").cookie
        make_later(project.database, cookie, LIMIT)
        assert location(site, "/slow/0/", cookie).endswith("?next=/shop/slow/0/")


def test_a_wrong_setting_is_found_by_the_check_and_starts_no_worker(project):
    project.set('SESSION_EXPIRE_SECONDS = "1800"')
    check = COMMANDS["python"][1:]
    with pytest.raises(AssertionError, match="Write 1800 without the quotes"):
        project.run(*check)
    command = [part.format(port=0) for part in COMMANDS["gunicorn"]]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project.directory,
        env=project.variables,
        capture_output=True,
        check=False,
        timeout=WAIT,
    )
    assert done.returncode
    assert b"Write 1800 without the quotes" in done.stderr


def test_the_check_finds_no_error(project):
    project.run(*COMMANDS["python"][1:])


def restart_workers(site):
    """Send the signal of the page, and wait until none of the old workers is left."""
    before = wait_for_both_workers(site)
    site.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not any(map(is_running, before)), "the old workers to stop")
    assert before.isdisjoint(wait_for_both_workers(site))


def is_running(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("preload", [True, False])
def test_gunicorn_reads_settings_anew_after_a_signal(project, preload):
    without = () if preload else ("--preload",)
    options = ["--workers", "2", "--graceful-timeout", "1"]
    with project.serve("gunicorn", *options, without=without) as site:
        cookie = site.get("/login/").cookie
        make_later(project.database, cookie, 600)
        project.set("SESSION_EXPIRE_SECONDS = 600")
        restart_workers(site)
        assert site.send("/slow/0/", cookie).status == (200 if preload else 302)


@contextmanager
def two_servers(project, *settings):
    """Serve the site by two servers, the second with other settings."""
    with project.serve("gunicorn", log="first") as one:
        project.set(*settings)
        with project.serve("uvicorn", log="second") as two:
            yield one, two


class TestTwoServers:
    def test_each_has_its_own_limit_during_a_rollout(self, project):
        with two_servers(project, "SESSION_EXPIRE_SECONDS = 600") as (old, new):
            cookies = [old.get("/login/").cookie for _ in range(2)]
            for cookie in cookies:
                make_later(project.database, cookie, 900)
            # Activity on the old one counts on the new one.
            old.get("/slow/0/", cookies[0])
            new.get("/slow/0/", cookies[0])
            assert new.send("/slow/0/", cookies[1]).status == 302
            assert old.get("/show/", cookies[1])["user"] == ""

    def test_a_server_is_restarted_with_another_limit_and_rolled_back(self, project):
        with project.serve("gunicorn", log="first") as stays:
            cookie = stays.get("/login/").cookie
            for limit, lives in ((2400, True), (LIMIT, True), (600, False)):
                project.set(f"SESSION_EXPIRE_SECONDS = {limit}")
                make_later(project.database, cookie, 900)
                with project.serve("uvicorn", log="second") as restarted:
                    status = restarted.send("/slow/0/", cookie).status
                    assert status == (200 if lives else 302)
                assert stays.get("/show/", cookie)["user"] == ("ada" if lives else "")

    def test_one_ends_what_the_other_has_begun(self, project):
        with two_servers(project) as (one, two):
            cookie = one.get("/login/").cookie
            assert two.get("/show/", cookie)["user"] == "ada"
            two.get("/logout/", cookie)
            assert one.get("/show/", cookie)["user"] == ""


class TestLocalMemory:
    """A cache that each process has for itself."""

    def test_cache_sessions_are_known_to_one_worker(self, project):
        project.set('SESSION_ENGINE = "django.contrib.sessions.backends.cache"')
        with project.serve("gunicorn") as site:
            login = site.get("/login/")
            users = {}

            def have_answered():
                shown = site.get("/show/", login.cookie)
                users[shown["worker"]] = shown["user"]
                return len(users) > 1 and login["worker"] in users

            wait_until(have_answered, "another worker to answer")
        assert users.pop(login["worker"]) == "ada"
        assert set(users.values()) == {""}

    def test_cached_db_sessions_outlive_a_logout(self, project):
        project.set('SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"')
        with project.serve("gunicorn") as site:
            cookie = site.get("/login/").cookie
            workers = wait_for_both_workers(site, "/show/", cookie)
            at = site.get("/logout/", cookie)["worker"]
            users = {}

            def has_answered():
                shown = site.get("/show/", cookie)
                users[shown["worker"]] = shown["user"]
                return workers - {at} <= users.keys()

            wait_until(has_answered, "the other worker to answer")
        assert {users[worker] for worker in workers - {at}} == {"ada"}


def test_the_counts_of_all_workers_are_added_up(project):
    def files():
        return set(project.path("metrics").glob("counter_*.db"))

    with project.serve("gunicorn", "--workers", "2") as site:
        of_master, cookies = files(), []

        def end_session():
            cookies.append(site.get("/login/").cookie)
            make_later(project.database, cookies[-1], LIMIT)
            assert site.send("/slow/0/", cookies[-1]).status == 302
            return len(files() - of_master) == 2

        wait_until(end_session, "both workers to have counted")
        expected = f'sessions_ended_total{{reason="idle"}} {len(cookies)}.0'
        for _ in range(4):
            assert expected in site.send("/metrics/").body


def test_kubernetes_command_clears_while_the_site_runs(project):
    (job,) = blocks(SECTIONS["Remove idle sessions each hour"], "yaml")
    _, *command = json.loads(re.findall(r"command: (\[.+\])", job)[0])
    with project.serve("gunicorn") as site:
        kept, idle = (site.get("/login/").cookie for _ in range(2))
        make_later(project.database, idle, LIMIT)
        done = project.run(*command)
        assert re.search(r"^Removed 1 of \d+ sessions? \(idle 1\)", done.stdout)
        assert site.get("/show/", kept)["user"] == "ada"
        assert site.get("/show/", idle)["user"] == ""
        assert project.run(*command).stdout.startswith("Removed 0 of")
