"""manage.py session_timeout_policy: what it prints, and how it ends."""

import json
import platform
from functools import partial
from importlib.metadata import version
from io import StringIO

import django
import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.test import override_settings
from django.urls import reverse_lazy

from session_timeout.compliance.report import as_data, get_report
from tests.support.callables import by_path
from tests.support.client import ENGINES, START
from tests.support.commands import printed
from tests.support.paths import SESSIONS

PACKAGE = "django-inactivity-timeout"
BAD = {"SESSION_TIMEOUT_PROFILES": ["pci-dss-4"]}
GOOD = {**BAD, "SESSION_EXPIRE_SECONDS": 900}


nameless = partial(by_path)


def data(**settings):
    return json.loads(printed("--json", **settings))


def line_of(text, label):
    """Return the rest of the line that begins with the label."""
    (found,) = [line for line in text.splitlines() if line.strip().startswith(label)]
    return found.strip().removeprefix(label).strip()


@pytest.mark.parametrize(
    ("label", "settings", "expected"),
    [
        ("Idle limit", {}, "30 minutes (1800 s)"),
        ("Idle limit", {"SESSION_EXPIRE_SECONDS": None}, "none"),
        (
            "Idle limit",
            {"SESSION_EXPIRE_SECONDS": by_path},
            "set by tests.support.callables.by_path for each request",
        ),
        (
            "Idle limit",
            {"SESSION_EXPIRE_SECONDS": nameless},
            "set by functools.partial for each request",
        ),
        (
            "Idle limit",
            {"MIDDLEWARE": [SESSIONS, "tests.support.middleware.Subclass"]},
            "set by tests.support.middleware.Subclass.get_limits for each request",
        ),
        ("Idle limit", {"SESSION_EXPIRE_AFTER_LAST_ACTIVITY": False}, "none"),
        ("Absolute limit", {}, "none"),
        (
            "Absolute limit",
            {"SESSION_EXPIRE_ABSOLUTE_SECONDS": 43200},
            "12 hours (43200 s)",
        ),
        (
            "Absolute limit",
            {
                "SESSION_EXPIRE_AFTER_LAST_ACTIVITY": False,
                "SESSION_EXPIRE_ABSOLUTE_SECONDS": by_path,
            },
            (
                "30 minutes (1800 s), or less: set by "
                "tests.support.callables.by_path for each request"
            ),
        ),
        (
            "Absolute limit",
            {
                "SESSION_EXPIRE_SECONDS": by_path,
                "SESSION_EXPIRE_ABSOLUTE_SECONDS": nameless,
            },
            "set by functools.partial for each request",
        ),
        ("Grace period", {}, "30 seconds"),
        ("Grace period", {"SESSION_EXPIRE_SECONDS": by_path}, "depends on the limits"),
        (
            "Grace period",
            {
                "SESSION_EXPIRE_SECONDS": by_path,
                "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 5,
            },
            "5 seconds",
        ),
        (
            "Grace period",
            {"MIDDLEWARE": [SESSIONS, "tests.support.middleware.Subclass"]},
            "depends on the limits",
        ),
        (
            "Django's own limit",
            {},
            "14 days (1209600 s) after the last write to the session",
        ),
        (
            "Django's own limit",
            {"SESSION_SAVE_EVERY_REQUEST": True},
            "14 days (1209600 s) after the last request",
        ),
        (
            "Passive requests",
            {"SESSION_TIMEOUT_PASSIVE_URLS": {"poll", "^/b", "^/a"}},
            "^/a, ^/b, poll",
        ),
        ("Exempt requests", {}, "none"),
        ("Redirect", {}, "the login page (login)"),
        ("Redirect", {"SESSION_TIMEOUT_REDIRECT": "timeout"}, "timeout"),
        (
            "Redirect",
            {"SESSION_TIMEOUT_REDIRECT": reverse_lazy("timeout")},
            "/timeout/",
        ),
        (
            "Redirect",
            {"SESSION_TIMEOUT_REDIRECT": by_path},
            "tests.support.callables.by_path",
        ),
        ("Anonymous redirected", {}, "no"),
        ("Anonymous redirected", {"SESSION_TIMEOUT_REDIRECT": "timeout"}, "yes"),
        (
            "Handler",
            {"SESSION_TIMEOUT_HANDLER": by_path},
            "tests.support.callables.by_path",
        ),
        ("Message", {"SESSION_TIMEOUT_MESSAGE": "Bye."}, "Bye."),
        (
            "Clear-Site-Data",
            {"SESSION_TIMEOUT_CLEAR_SITE_DATA": ["cache"]},
            '"cache"',
        ),
        ("Warning", {}, "1 minute (60 s) before the end, on pages with the dialog"),
        (
            "Warning",
            {"SESSION_EXPIRE_SECONDS": by_path},
            "at most 1 minute (60 s) before the end, on pages with the dialog",
        ),
        (
            "Warning",
            {"ROOT_URLCONF": "tests.support.urls_without_users"},
            "none: session_timeout.urls is not in the URLconf",
        ),
        ("Pages at the end", {}, "emptied, with the dialog"),
        (
            "Pages at the end",
            {"SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": 600},
            (
                "covered, with the dialog, for 10 minutes (600 s) after the end; "
                "then emptied"
            ),
        ),
        (
            "Pages at the end",
            {"ROOT_URLCONF": "tests.support.urls_without_users"},
            "kept, until somebody clicks",
        ),
        ("Engine", {}, "django.contrib.sessions.backends.db"),
        ("Deleted on the server", {}, "yes"),
        (
            "Deleted on the server",
            {"SESSION_ENGINE": ENGINES["signed_cookies"]},
            "no: a copied cookie cannot be revoked",
        ),
        ("Name", {"SESSION_COOKIE_NAME": "sid"}, "sid"),
        ("Domain", {"SESSION_COOKIE_DOMAIN": "example.com"}, "example.com"),
        ("SameSite", {"SESSION_COOKIE_SAMESITE": False}, "none"),
        ("Secure", {"SESSION_COOKIE_SECURE": True}, "yes"),
        ("HttpOnly", {}, "yes"),
        ("Ends with the browser", {"SESSION_EXPIRE_AT_BROWSER_CLOSE": True}, "yes"),
    ],
)
def test_text_says_what_is_in_force(label, settings, expected):
    assert line_of(printed(**settings), label) == expected


class TestProfiles:
    def test_that_are_missed_say_why(self):
        assert printed(**BAD).endswith(
            "Profiles\n"
            "  pci-dss-4: missed\n"
            "    idle (PCI DSS v4, 8.2.8):\n"
            "      missed: The idle limit is 30 minutes (1800 s); "
            "the idle limit shall be at most 15 minutes (900 s).\n"
        )

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            (BAD, "missed"),
            (GOOD, "met"),
            ({**BAD, "SESSION_EXPIRE_SECONDS": by_path}, "unknown"),
        ],
    )
    def test_have_a_verdict(self, settings, expected):
        assert line_of(printed(**settings), "pci-dss-4:") == expected
        (profile,) = data(**settings)["profiles"]
        assert profile["verdict"] == expected

    def test_need_not_be_named(self):
        sentence = "SESSION_TIMEOUT_PROFILES names none."
        assert printed().endswith(f"Profiles\n  {sentence}\n")
        assert printed("--markdown").endswith(f"## Profiles\n\n{sentence}\n")
        assert data()["profiles"] == []


class TestJson:
    def test_has_the_limits_in_seconds(self):
        limits = data(SESSION_EXPIRE_ABSOLUTE_SECONDS=by_path)["limits"]
        assert limits["idle"]["seconds"] == 1800
        assert limits["idle"]["callable"] is False
        assert limits["absolute"]["seconds"] is None
        assert limits["absolute"]["callable"] is True

    def test_has_each_section(self):
        assert list(data()) == [
            *("limits", "end", "browser", "store", "cookie", "report", "profiles")
        ]

    def test_says_when_and_by_which_versions_it_was_made(self):
        assert data()["report"] == {
            "date": START.date().isoformat(),
            "package": f"{PACKAGE} {version(PACKAGE)}",
            "django": django.get_version(),
            "python": platform.python_version(),
        }

    def test_has_the_clauses(self):
        (profile,) = data(**BAD)["profiles"]
        assert profile["clauses"] == [
            {
                "kind": "idle",
                "clause": "8.2.8",
                "word": "shall",
                "seconds": 900,
                "demand": "the idle limit shall be at most 15 minutes (900 s)",
                "found": "The idle limit is 30 minutes (1800 s)",
                "verdict": "missed",
            }
        ]

    def test_says_what_the_report_says(self):
        with override_settings(**BAD):
            assert json.loads(printed("--json")) == as_data(get_report())


class TestMarkdown:
    def test_is_a_table_for_each_section(self):
        text = printed("--markdown", **BAD)
        assert text.startswith("# Session timeout policy\n\n## Limits\n\n| | |\n")
        assert "\n| Idle limit | 30 minutes (1800 s) |\n" in text
        assert "\n| [PCI DSS v4](https://www.pcisecuritystandards.org/" in text
        assert text.endswith("| The idle limit is 30 minutes (1800 s) | missed |\n")

    def test_keeps_its_tables_whatever_the_settings_hold(self):
        text = printed("--markdown", SESSION_TIMEOUT_EXEMPT_URLS=["^/a|b\n"])
        assert "\n| Exempt requests | ^/a\\|b |\n" in text

    def test_links_no_profile_without_a_source(self):
        own = ["tests.support.profiles.kiosk"]
        text = printed("--markdown", SESSION_TIMEOUT_PROFILES=own)
        assert "\n| Kiosks | § 3 | idle |" in text


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
class TestEnd:
    def test_is_good_whatever_is_missed(self, form):
        assert "missed" in printed(*form, **BAD)

    def test_is_bad_if_asked_to_and_a_profile_is_missed(self, form):
        out = StringIO()
        with (
            override_settings(**BAD),
            pytest.raises(
                CommandError, match=r"^The policy misses: pci-dss-4\.$"
            ) as error,
        ):
            call_command("session_timeout_policy", *form, "--fail", stdout=out)
        assert error.value.returncode == 1
        assert out.getvalue() == printed(*form, **BAD)

    @pytest.mark.parametrize("idle", [900, by_path])
    def test_is_good_if_none_is_surely_missed(self, form, idle):
        assert printed(*form, "--fail", **{**BAD, "SESSION_EXPIRE_SECONDS": idle})

    def test_comes_at_once_where_a_setting_is_wrong(self, form):
        with pytest.raises(CommandError) as error:
            printed(*form, SESSION_EXPIRE_SECONDS="1800")
        sentence = "SESSION_EXPIRE_SECONDS must be a positive number of seconds"
        assert str(error.value).startswith(sentence)

    def test_comes_at_once_without_the_middleware(self, form):
        with pytest.raises(CommandError, match="no session times out"):
            printed(*form, MIDDLEWARE=[])


def from_the_shell(*args):
    command = load_command_class("session_timeout", "session_timeout_policy")
    command.run_from_argv(["manage.py", "session_timeout_policy", *args])


def test_it_runs_though_the_checks_find_an_error(capsys):
    with override_settings(**BAD):
        from_the_shell()
    assert "pci-dss-4: missed" in capsys.readouterr().out


def test_its_exit_status_is_1_if_a_profile_is_missed(capsys):
    with override_settings(**BAD), pytest.raises(SystemExit) as end:
        from_the_shell("--json", "--fail")
    captured = capsys.readouterr()
    assert end.value.code == 1
    assert json.loads(captured.out)["profiles"][0]["verdict"] == "missed"
    assert "The policy misses: pci-dss-4." in captured.err


def test_one_form_excludes_the_other():
    with pytest.raises(CommandError, match="not allowed with"):
        printed("--json", "--markdown")


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_the_same_settings_print_the_same(form):
    assert printed(*form, **BAD) == printed(*form, **BAD)
