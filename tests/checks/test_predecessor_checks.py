"""Projects as other packages' manuals have them, and what the checks say of them."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.checks import registry, run_checks
from django.urls import reverse_lazy, set_script_prefix
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from session_timeout import translations
from session_timeout.conf import SETTINGS
from session_timeout.migration_checks import check_migration, get_setting
from session_timeout.predecessors import PREDECESSORS
from session_timeout.translations import Advice, Site, literal
from tests.support.manual import TEXTS, sections
from tests.support.paths import AUTH, MESSAGES, OURS, ROOT, SESSIONS
from tests.support.waiting import SECONDS

LABD = "django_session_timeout.middleware.SessionTimeoutMiddleware"
SECURITY = "session_security.middleware.SessionSecurityMiddleware"
AUTO = "django_auto_logout.middleware.auto_logout"
IDLE = "django-session-idle-timeout.middleware.SessionIdleTimeout"

DIALOG = "{% load session_timeout %}{% session_timeout %}"
INCLUDE = 'path("session-timeout/", include("session_timeout.urls"))'

# What their own modules have in common, as far as a project imports it.
PING = """
from django.http import HttpResponse

def ping(request):
    return HttpResponse()
"""
MIDDLEWARE = """
class SessionSecurityMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response
"""
URLS = """
from django.urls import path
from {0} import views

urlpatterns = [path("ping/", views.ping, name="{0}_ping")]
"""


def write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def stub(directory: Path, name: str) -> None:
    """Write an app that has a view, its URLs and templates of its own."""
    write(
        directory / name,
        {
            "__init__.py": "",
            "middleware.py": MIDDLEWARE,
            "views.py": PING,
            "urls.py": URLS.format(name),
            "templates/session_security/all.html": (
                "{% load session_security_tags %}"
                "{% include 'session_security/dialog.html' %}"
            ),
        },
    )


class Project:
    """A project whose settings are the test's, with files of its own."""

    def __init__(self, path, settings):
        self.path = path
        self.settings = settings

    def set(self, **values):
        for name, value in values.items():
            setattr(self.settings, name, value)

    def set_urls(self, text):
        write(self.path, {"project_urls.py": text})
        self.settings.ROOT_URLCONF = "project_urls"

    def set_template(self, text, name="base.html"):
        write(self.path / "templates", {name: text})
        (backend,) = self.settings.TEMPLATES
        self.settings.TEMPLATES = [{**backend, "DIRS": [self.path / "templates"]}]

    def hints(self):
        return {info.id[-4:]: info.hint for info in check_migration()}

    def ids(self):
        return [info.id[-4:] for info in check_migration()]


@pytest.fixture
def project(tmp_path, settings, monkeypatch):
    """A project with no URL of ours, where any package's stub can be imported."""
    packages = ("session_security", "django_auto_logout", "django_session_timeout")
    for name in [*sys.modules]:  # the real ones, which other tests have imported
        if name.partition(".")[0] in packages:
            monkeypatch.delitem(sys.modules, name)
    known = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    for package in packages:
        stub(tmp_path, package)
    settings.ROOT_URLCONF = "tests.support.urls_without_users"
    settings.MIDDLEWARE = [SESSIONS, AUTH, MESSAGES]
    del settings.SESSION_EXPIRE_SECONDS
    yield Project(tmp_path, settings)
    added = {name: sys.modules[name] for name in set(sys.modules) - known}
    root = str(tmp_path)
    for name in [n for n, m in added.items() if str(m.__file__).startswith(root)]:
        del sys.modules[name]


def site(url_names=(), **values):
    return Site(lambda name, default=None: values.get(name, default), url_names)


def evaluated(code):
    return eval(code, {"_": gettext_lazy})


def parsed(hint):
    """What the settings in a hint mean, by the parsers of the package."""
    lines = re.findall(
        r"(SESSION_\w+) = (\[.*?\]|_?\(?\"(?:[^\"\\]|\\.)*\"\)?|\w+(?:\.\d+)?)",
        hint,
    )
    return {name: SETTINGS[name][1](name, evaluated(code)) for name, code in lines}


def test_a_site_without_a_predecessor_gets_no_message(settings):
    assert check_migration() == []
    settings.SESSION_IDLE_TIMEOUT = 60  # it may be the site's own
    settings.AUTO_LOGOUT = True
    assert check_migration() == []


def test_without_a_predecessor_no_template_is_read(project, monkeypatch):
    project.set_template("{% include 'session_security/all.html' %}")
    monkeypatch.setattr(Path, "read_text", None)
    assert project.ids() == []


def test_the_checks_are_bound(settings):
    assert check_migration in registry.registry.get_checks()
    settings.SESSION_SECURITY_INSECURE = True
    reported = [message.id for message in run_checks(tags=["security"])]
    assert reported.count("session_timeout.I141") == 1


def test_the_ids_are_unique():
    ids = [
        id_
        for package in PREDECESSORS
        for id_ in (
            package.middleware_id,
            package.beside_id,
            package.app_id,
            package.urls_id,
            package.processor_id,
            *(setting.id for setting in package.settings),
            *(mark.id for mark in package.marks),
        )
        if id_
    ]
    assert len(ids) == len(set(ids)) == 39


class TestMiddleware:
    @pytest.mark.parametrize(
        ("path", "alone", "beside"),
        [
            (LABD, "I101", "I102"),
            (
                "django_session_timeout_2025.middleware.SessionTimeoutMiddleware",
                "I101",
                "I102",
            ),
            (SECURITY, "I111", "I112"),
            (AUTO, "I121", "I122"),
            (IDLE, "I131", "I132"),
            ("sessions.middleware.SessionIdleTimeout", "I131", "I132"),
        ],
    )
    def test_is_replaced_or_removed(self, project, path, alone, beside):
        project.set(MIDDLEWARE=[SESSIONS, AUTH, path])
        assert f'Write "{OURS}" in its place.' in project.hints()[alone]
        project.set(MIDDLEWARE=[SESSIONS, OURS, AUTH, path])
        first = check_migration()[0]
        assert first.id == f"session_timeout.{beside}"
        assert first.msg.startswith(f'"{path}" of django-')
        assert "ends sessions on its own" in first.msg
        assert first.hint == f'Remove "{path}" from MIDDLEWARE.'
        assert alone not in project.ids()

    def test_of_a_subclass_is_known_by_its_bases(self, project):
        text = """
            from session_security.middleware import SessionSecurityMiddleware

            class Longer(SessionSecurityMiddleware):
                pass
            """
        write(project.path, {"longer.py": text})
        project.set(MIDDLEWARE=[SESSIONS, "longer.Longer"])
        assert project.ids() == ["I111", "I113"]

    def test_in_the_setting_that_django_does_not_read(self, project):
        project.set(MIDDLEWARE_CLASSES=[SESSIONS, LABD])
        first, *rest = check_migration()
        assert first.id == "session_timeout.I101"
        assert "is in MIDDLEWARE_CLASSES, which Django does not read" in first.msg
        assert first.hint.startswith("Remove MIDDLEWARE_CLASSES, and have ")
        assert [info.id[-4:] for info in rest] == ["I103", "I105"]

    def test_no_other_is_taken_for_one(self, project):
        project.set(
            MIDDLEWARE=[SESSIONS, OURS, "tests.support.middleware.function", "no.X"]
        )
        assert project.ids() == []


class TestDjangoSessionTimeout:
    """https://pypi.org/project/django-session-timeout/"""

    @pytest.fixture(autouse=True)
    def installed(self, project):
        project.set(MIDDLEWARE=[SESSIONS, LABD, AUTH], SESSION_EXPIRE_SECONDS=3600)

    def test_as_in_its_readme(self, project):
        project.set(
            SESSION_EXPIRE_AFTER_LAST_ACTIVITY=True,
            SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD=60,
            SESSION_TIMEOUT_REDIRECT="your_redirect_url_here/",
        )
        hints = project.hints()
        assert list(hints) == ["I101", "I105"]
        assert hints["I105"] == (
            'Write SESSION_TIMEOUT_REDIRECT = "/your_redirect_url_here/" in its place. '
            "Without the slash, it leads elsewhere from each page."
        )

    def test_its_defaults_are_told_where_they_differ(self, project):
        messages = {info.id[-4:]: info for info in check_migration()}
        assert list(messages) == ["I101", "I103", "I105"]
        assert messages["I103"].msg == (
            "SESSION_EXPIRE_AFTER_LAST_ACTIVITY is not set; django-session-timeout "
            "then counts from the session's start."
        )
        assert messages["I103"].hint == (
            "Write SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False. It is True here unless "
            "set."
        )
        assert parsed(messages["I105"].hint) == {
            "SESSION_TIMEOUT_REDIRECT_ANONYMOUS": True
        }
        project.set(
            SESSION_EXPIRE_AFTER_LAST_ACTIVITY=True,
            SESSION_TIMEOUT_REDIRECT_ANONYMOUS=False,
        )
        hints = project.hints()
        assert list(hints) == ["I101", "I104"]
        assert parsed(hints["I104"]) == {
            "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 1
        }

    def test_settings_that_mean_the_same_need_no_word(self, project):
        project.set(
            SESSION_EXPIRE_AFTER_LAST_ACTIVITY=False, SESSION_TIMEOUT_REDIRECT="timeout"
        )
        assert project.ids() == ["I101"]

    def test_without_its_middleware_the_settings_are_ours(self, project):
        project.set(MIDDLEWARE=[SESSIONS, OURS, AUTH])
        project.set(SESSION_TIMEOUT_REDIRECT="somewhere/")
        assert project.ids() == []

    @pytest.mark.parametrize(
        ("redirect", "expected"),
        [
            ("a/b/", "/a/b/"),
            ("./a/", "/a/"),
            ("/a/", None),
            ("https://example.com/a/", None),
            ("name", None),
            (reverse_lazy("bare-login"), None),
        ],
    )
    def test_a_redirect_that_is_relative_is_made_absolute(
        self, project, redirect, expected
    ):
        project.set(
            SESSION_TIMEOUT_REDIRECT=redirect, SESSION_EXPIRE_AFTER_LAST_ACTIVITY=False
        )
        hint = project.hints().get("I105", "")
        assert parsed(hint).get("SESSION_TIMEOUT_REDIRECT") == expected

    def test_a_redirect_that_is_a_view_is_no_function_of_ours(self, project):
        project.set(SESSION_TIMEOUT_REDIRECT=print)
        assert project.hints()["I105"].startswith("Write the URL's name")

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            (
                {
                    "SESSION_EXPIRE_SECONDS": 3600,
                    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 1800,
                },
                {
                    "SESSION_EXPIRE_SECONDS": 5400,
                    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 3600,
                },
            ),
            (
                {"SESSION_EXPIRE_SECONDS": 3600},
                {"SESSION_EXPIRE_AFTER_LAST_ACTIVITY": False},
            ),
            ({"SESSION_EXPIRE_SECONDS": None}, {"SESSION_EXPIRE_SECONDS": None}),
        ],
    )
    def test_the_settings_of_joinups_fork(self, project, values, expected):
        project.set(
            SESSION_EXPIRE_MAXIMUM_SECONDS=28800,
            SESSION_TIMEOUT_REDIRECT="/timed-out/",
            **values,
        )
        hints = project.hints()
        assert list(hints) == ["I101", "I106"]
        assert parsed(hints["I106"]) == {
            "SESSION_EXPIRE_ABSOLUTE_SECONDS": 28800,
            **expected,
        }
        project.set(SESSION_EXPIRE_AFTER_LAST_ACTIVITY=True)
        assert project.ids() == ["I101", "I106"]

    def test_the_app_and_urls_of_a_fork(self, project, settings):
        project.set(
            INSTALLED_APPS=[*settings.INSTALLED_APPS, "django_session_timeout"],
            SESSION_EXPIRE_AFTER_LAST_ACTIVITY=False,
            SESSION_TIMEOUT_REDIRECT="/",
        )
        project.set_urls(
            """
            from django.urls import include, path

            urlpatterns = [path("s/", include("django_session_timeout.urls"))]
            """
        )
        assert project.ids() == ["I101", "I107", "I108"]


class TestDjangoSessionSecurity:
    """https://django-session-security.readthedocs.io/"""

    URLCONF = """
        from django.http import HttpResponse
        from django.urls import include, path

        def view(request):
            return HttpResponse()

        widgets = [path("poll/", view, name="poll"), path("<int:pk>/", view)]

        urlpatterns = [
            path("poll/", view, name="poll"),
            path("widgets/", include((widgets, "widgets"), namespace="gadgets")),
            path("session_security/", include("session_security.urls")),
        ]
        """

    @pytest.fixture(autouse=True)
    def installed(self, project, settings):
        project.set(
            INSTALLED_APPS=[*settings.INSTALLED_APPS, "session_security"],
            MIDDLEWARE=[SESSIONS, AUTH, MESSAGES, SECURITY],
            SESSION_EXPIRE_AT_BROWSER_CLOSE=True,
        )
        project.set_urls(self.URLCONF)
        project.set_template("{% include 'session_security/all.html' %}")

    def test_as_in_its_manual(self, project):
        messages = {info.id[-4:]: info for info in check_migration()}
        assert list(messages) == ["I111", "I113", "I118", "I119", "I120"]
        assert messages["I113"].msg == (
            "SESSION_SECURITY_EXPIRE_AFTER is not set; django-session-security then "
            "ends sessions after 600 s."
        )
        assert messages["I113"].hint == "Write SESSION_EXPIRE_SECONDS = 600."
        assert messages["I118"].hint.startswith("Remove it. It has no tables")
        assert '"_session_security"' in messages["I118"].hint
        assert messages["I119"].msg == (
            'The URL "session_security/ping/" is one of django-session-security.'
        )
        assert messages["I119"].hint == f"Write {INCLUDE} in its place."
        path = project.path / "templates" / "base.html"
        assert messages["I120"].msg == (
            f"{path} includes a template of django-session-security."
        )
        assert messages["I120"].hint == f"Write {DIALOG} in its place."

    def test_as_in_the_readme_of_its_continuation(self, project):
        project.set(
            SESSION_SECURITY_WARN_AFTER=540,
            SESSION_SECURITY_EXPIRE_AFTER=600,
            SESSION_SECURITY_PASSIVE_URLS=[],
            SESSION_SECURITY_REDIRECT_TO_LOGOUT=False,
            SESSION_SECURITY_PING_URL="/session_security/ping/",
            SESSION_SECURITY_JS_PATH="session_security/script.js",
        )
        project.set_template(
            """
            {% include "session_security/all.html" %}
            <script>
                sessionSecurity.confirmFormDiscard = undefined;
                sessionSecurity.activity();
            </script>
            """
        )
        hints = project.hints()
        assert sorted(hints) == [
            *("I111", "I113", "I114", "I115", "I117", "I118", "I119", "I120"),
            *("I142", "I143", "I145"),
        ]
        assert hints["I113"] == "Write SESSION_EXPIRE_SECONDS = 600 in its place."
        assert (
            hints["I114"] == "Write SESSION_TIMEOUT_WARNING_SECONDS = 60 in its place."
        )
        assert hints["I115"] == hints["I117"] == "Remove it."
        assert hints["I142"] == "Remove it. Nothing takes its place."

    def test_both_lists_of_passive_urls_become_one(self, project):
        project.set(
            SESSION_SECURITY_PASSIVE_URLS=["/api/a.b/", "feed"],
            SESSION_SECURITY_PASSIVE_URL_NAMES=[
                "poll",
                "gone",
                "session_security_ping",
            ],
        )
        hints = project.hints()
        assert hints["I115"] == hints["I116"]
        assert hints["I115"] == (
            "Write SESSION_TIMEOUT_PASSIVE_URLS = "
            '["^/api/a\\\\.b/$", "gadgets:poll", "poll"] in its place. '
            'Left out, as no URL of the site\'s own: "feed", "gone", '
            '"session_security_ping".'
        )
        (urls,) = parsed(hints["I115"]).values()
        assert urls.names == {"poll", "gadgets:poll"}
        assert urls.match_path("/api/a.b/")
        assert not urls.match_path("/api/a.b/c/")
        assert not urls.match_path("/api/axb/")

    def test_once_the_new_setting_is_there_the_old_one_goes(self, project):
        project.set(
            SESSION_SECURITY_EXPIRE_AFTER=900,
            SESSION_SECURITY_PASSIVE_URLS=("/a/",),
            SESSION_EXPIRE_SECONDS=timedelta(minutes=15),
            SESSION_TIMEOUT_PASSIVE_URLS=["^/b/$"],
        )
        hints = project.hints()
        assert (
            hints["I113"] == "Remove it: there is SESSION_EXPIRE_SECONDS = 900 already."
        )
        assert hints["I115"].startswith(
            'Write SESSION_TIMEOUT_PASSIVE_URLS = ["^/a/$"]'
        )

    def test_a_limit_of_ours_makes_its_default_void(self, project):
        project.set(SESSION_EXPIRE_SECONDS=60)
        assert "I113" not in project.ids()

    def test_once_our_urls_are_there_its_urls_go(self, project):
        project.set_urls(
            """
            from django.urls import include, path

            urlpatterns = [
                path("s/", include("session_timeout.urls")),
                path("session_security/", include("session_security.urls")),
            ]
            """
        )
        assert project.hints()["I119"] == f"Remove it: there is {INCLUDE} already."

    @pytest.mark.parametrize(
        ("page", "expected"),
        [
            ("/bye/", 'Write SESSION_TIMEOUT_REDIRECT = "/bye/" in its place. '),
            (None, "Remove it. Write the page that ends the single sign-on to "),
        ],
    )
    def test_the_end_of_the_single_sign_on(self, project, page, expected):
        project.set(SESSION_SECURITY_REDIRECT_TO_LOGOUT=True, LOGOUT_REDIRECT_URL=page)
        hint = project.hints()["I117"]
        assert hint.startswith(expected)
        assert hint.endswith("The session has been ended by then.")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("{% include 'session_security/all.html' %}", ["I120"]),
            ('{%- include "session_security/dialog.html" with a=b %}', ["I120"]),
            ("{% load i18n session_security_tags %}", ["I144"]),
            ("new yourlabs.SessionSecurity({", ["I145"]),
            ("{% include 'session_timeout/dialog.html' %}", []),
            ("{% load i18n %}session_security_tags", []),
        ],
    )
    def test_templates(self, project, text, expected):
        project.set_template(text)
        assert project.ids()[4:] == expected

    def test_a_setting_that_is_left_behind(self, project, settings):
        project.set(
            MIDDLEWARE=[SESSIONS, OURS],
            INSTALLED_APPS=settings.INSTALLED_APPS[:-1],
            ROOT_URLCONF="tests.support.urls",
            SESSION_SECURITY_INSECURE=True,
        )
        project.set_template("")
        assert project.ids() == ["I141"]


class TestDjangoAutoLogout:
    """https://pypi.org/project/django-auto-logout/"""

    @pytest.fixture(autouse=True)
    def installed(self, project):
        project.set(MIDDLEWARE=[SESSIONS, AUTH, MESSAGES, AUTO])

    def test_as_in_its_readme(self, project, settings):
        project.set(
            AUTO_LOGOUT={
                "IDLE_TIME": timedelta(minutes=5),
                "SESSION_TIME": timedelta(minutes=30),
                "MESSAGE": 'Please "log in" again.',
                "REDIRECT_TO_LOGIN_IMMEDIATELY": True,
            }
        )
        project.set_template("{{ redirect_to_login_immediately }}")
        (backend,) = settings.TEMPLATES
        processors = [
            "django.template.context_processors.request",
            "django_auto_logout.context_processors.auto_logout_client",
        ]
        project.set(
            TEMPLATES=[{**backend, "OPTIONS": {"context_processors": processors}}]
        )
        messages = {info.id[-4:]: info for info in check_migration()}
        assert list(messages) == [
            *("I121", "I123", "I124", "I125", "I126", "I127", "I128"),
        ]
        assert messages["I123"].msg == (
            'AUTO_LOGOUT["IDLE_TIME"] is datetime.timedelta(seconds=300), a setting of '
            "django-auto-logout."
        )
        assert (
            messages["I123"].hint == "Write SESSION_EXPIRE_SECONDS = 300 in its place."
        )
        assert parsed(messages["I124"].hint) == {
            "SESSION_EXPIRE_ABSOLUTE_SECONDS": 1800
        }
        assert parsed(messages["I125"].hint) == {
            "SESSION_TIMEOUT_MESSAGE": 'Please "log in" again.'
        }
        for id_ in ("I126", "I128"):
            assert DIALOG in messages[id_].hint
            assert INCLUDE in messages[id_].hint
        assert "auto_logout_client" in messages["I127"].msg

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"IDLE_TIME": 600}, {"SESSION_EXPIRE_SECONDS": 600}),
            (
                {"SESSION_TIME": 3600},
                {
                    "SESSION_EXPIRE_ABSOLUTE_SECONDS": 3600,
                    "SESSION_EXPIRE_SECONDS": None,
                },
            ),
            ({"SESSION_TIME": 0}, {"SESSION_EXPIRE_SECONDS": None}),
            ({"MESSAGE": ""}, {}),
            ({"REDIRECT_TO_LOGIN_IMMEDIATELY": False}, {}),
            ({}, {}),
        ],
    )
    def test_options(self, project, options, expected):
        project.set(AUTO_LOGOUT=options)
        hints = project.hints()
        assert hints.pop("I121")
        assert len(hints) == len(options)
        assert parsed(" ".join(hints.values())) == expected

    def test_a_message_that_is_translated_stays_so(self, project):
        project.set(AUTO_LOGOUT={"MESSAGE": gettext_lazy("Log in")})
        with override("de"):
            hint = project.hints()["I125"]
        (message,) = parsed(hint).values()
        assert hint.startswith('Write SESSION_TIMEOUT_MESSAGE = _("Log in") in its ')
        assert isinstance(message, Promise)

    @pytest.mark.parametrize("name", ["session", "idle"])
    def test_the_seconds_in_a_script(self, project, name):
        project.set_template(f"var end = {{{{ seconds_until_{name}_end }}}};")
        assert "data-expires-in" in project.hints()["I129"]

    def test_the_app(self, project, settings):
        project.set(
            MIDDLEWARE=[SESSIONS, OURS],
            INSTALLED_APPS=[*settings.INSTALLED_APPS, "django_auto_logout"],
        )
        assert project.ids() == ["I130"]


class TestDjangoSessionIdleTimeout:
    """https://pypi.org/project/django-session-idle-timeout/"""

    def test_as_in_its_readme(self, project):
        project.set(
            MIDDLEWARE_CLASSES=[AUTH, SESSIONS, IDLE], SESSION_IDLE_TIMEOUT=1800
        )
        project.set_template("{% session_keep_alive %}\n{% load session_keep_alive %}")
        hints = project.hints()
        assert list(hints) == ["I131", "I133", "I135"]
        assert parsed(hints["I133"]) == {"SESSION_EXPIRE_SECONDS": 1800}
        assert DIALOG in hints["I135"]

    def test_its_default(self, project):
        project.set(MIDDLEWARE=[SESSIONS, AUTH, IDLE])
        assert project.hints()["I133"] == "Write SESSION_EXPIRE_SECONDS = 1800."

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("{% load session_keep_alive %}", ["I135"]),
            ("{% load i18n session_keep_alive %}", ["I135"]),
            ("{%session_keep_alive%}", ["I135"]),
            ("session_keep_alive", []),
            ("{% load i18n %}", []),
        ],
    )
    def test_templates(self, project, text, expected):
        project.set(MIDDLEWARE=[SESSIONS, AUTH, IDLE])
        project.set_template(text)
        assert project.ids()[2:] == expected

    def test_the_app_and_urls_of_a_fork_that_can_be_imported(self, project, settings):
        stub(project.path, "django_session_idle_timeout")
        project.set(
            INSTALLED_APPS=[*settings.INSTALLED_APPS, "django_session_idle_timeout"]
        )
        project.set_urls(
            """
            from django.urls import include, path

            urlpatterns = [path("s/", include("django_session_idle_timeout.urls"))]
            """
        )
        assert project.ids() == ["I136", "I134"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (600, 600),
        (0.5, 0.5),
        (timedelta(minutes=10), 600),
        (timedelta(seconds=1.5), 1.5),
        ("600", 600),
        ("ten minutes", None),
        (0, None),
        (-1, None),
        (None, None),
        (True, None),
    ],
)
def test_lengths_of_time(raw, expected):
    seconds = translations.seconds_of(raw)
    assert (seconds, type(seconds)) == (expected, type(expected))


@pytest.mark.parametrize("raw", [0, "soon", None])
def test_a_limit_that_is_none_is_not_translated(raw):
    advice = translations.expire_after(site(SESSION_SECURITY_EXPIRE_AFTER=raw))
    note = "Write a positive number of seconds to SESSION_EXPIRE_SECONDS."
    assert advice == Advice(note=note)


@pytest.mark.parametrize(
    ("expire", "warn", "expected"),
    [
        (600, 540, 60),
        (10, 5, 5),
        (900, 60, 450),
        (15, 1, 7.5),
        (timedelta(hours=1), timedelta(minutes=50), 600),
        (600, 600, None),
        (600, 900, None),
        (600, 0, None),
        (0, 540, None),
    ],
)
def test_a_warning_is_counted_back_from_the_end(expire, warn, expected):
    advice = translations.warn_after(
        site(SESSION_SECURITY_EXPIRE_AFTER=expire, SESSION_SECURITY_WARN_AFTER=warn)
    )
    assert advice.write.get("SESSION_TIMEOUT_WARNING_SECONDS") == expected
    assert bool(advice.note) == (expected is None or expected in {450, 7.5})


@pytest.mark.parametrize(
    "path", ["/", "/a/", "/a-b_c~d/", "/a.b*c+d(e)[f]{g}|h^i$j?k\\l"]
)
def test_the_regex_of_a_path_matches_it_and_nothing_else(path):
    regex = re.compile(translations.path_regex(path, "/"))
    assert regex.match(path)
    assert not regex.match(f"{path}x")
    assert not regex.match(f"/x{path}")


def test_a_passive_path_loses_the_script_prefix():
    set_script_prefix("/app/")
    try:
        advice = translations.passive(site(SESSION_SECURITY_PASSIVE_URLS=["/app/a/"]))
    finally:
        set_script_prefix("/")
    assert advice == Advice({"SESSION_TIMEOUT_PASSIVE_URLS": ["^/a/$"]})


def test_a_list_of_passive_urls_that_is_none_is_passed_over():
    assert translations.passive(site(SESSION_SECURITY_PASSIVE_URLS="/a/")) == Advice()


@pytest.mark.parametrize(
    "value", ["a", "ü", '"\\', "\n", ["^/a\\.b/$", "c"], 1, 0.5, None, False, []]
)
def test_a_literal_is_what_it_stands_for(value):
    assert evaluated(literal(value)) == value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LOGIN_URL", "login"),
        ("NO_SUCH_SETTING", "default"),
        ('CACHES["default"]', {"BACKEND": "x"}),
        ('CACHES["other"]', "default"),
        ('LOGIN_URL["login"]', "default"),
    ],
)
def test_settings_and_their_keys(settings, name, expected):
    settings.CACHES = {"default": {"BACKEND": "x"}}
    assert get_setting(name, "default") == expected


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

GUIDES = sections(TEXTS["docs/migrating.md"])
FOUND = {
    "django-session-timeout": ["I101", "I104", "I105"],
    "django-session-security": [
        *("I111", "I113", "I114", "I115", "I116", "I118", "I119", "I120"),
    ],
    "django-auto-logout": ["I121", "I123", "I124", "I125", "I126", "I127", "I128"],
    "django-session-idle-timeout": ["I131", "I133", "I135"],
}


def check(directory, part):
    """Return what manage.py check prints of the project in a part of the manual."""
    blocks = re.findall(r"^```(\S+)\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)
    python = [code for language, code in blocks if language == "python"]
    settings, urls, *_ = [*python, ""]
    templates = [code for language, code in blocks if language == "html+django"]
    stub(directory, "session_security")
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


def test_every_package_has_its_section():
    assert list(GUIDES) == list(FOUND) == [package.name for package in PREDECESSORS]


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUND)
def test_the_manuals_way_from_another_package(tmp_path, name):
    before, after = GUIDES[name].split("\nAfter:\n")
    after = after.split("\n- ")[0].split("\nBoth packages")[0]
    printed = check(tmp_path / "before", before)
    assert sorted(re.findall(r"session_timeout\.(I\d+)", printed)) == FOUND[name]
    assert "session_timeout.E001" in printed
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
    values = {}
    exec(before, values)
    assert parsed(after) == {
        name: float(value)
        for name, value in translations.maximum(site(**values)).write.items()
    }
