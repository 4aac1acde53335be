"""Profiles: the clauses, the comparison, the setting, and the checks."""

import re

import pytest
from django.core.checks import registry, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from session_timeout.checks import check_profiles
from session_timeout.compliance.effective_settings import get_effective_settings
from session_timeout.compliance.evaluation import (
    Bound,
    EffectiveSettings,
    Verdict,
    evaluate,
    humanise,
    length,
    shortcomings,
    summary,
)
from session_timeout.compliance.profiles import BUILT_IN, KINDS, Clause, Profile
from session_timeout.compliance.settings import get_profiles
from tests.support import profiles as profiles_of_ours
from tests.support.callables import by_path
from tests.support.checks import ids_of, link
from tests.support.client import ENGINES, delete_setting
from tests.support.paths import OURS, SESSIONS

ASKED, NONE = Bound(per_request=True), Bound()
MET, MISSED, UNKNOWN = Verdict
COOKIES = "django.contrib.sessions.backends.signed_cookies"

FIGURES = {
    "nist-800-63b-4-aal1": (None, 2592000),
    "nist-800-63b-4-aal2": (3600, 86400),
    "nist-800-63b-4-aal3": (900, 43200),
    "nist-800-63b-3-aal2": (1800, 43200),
    "nist-800-63b-3-aal3": (900, 43200),
    "pci-dss-4": (900, None),
    "owasp-high-value": (300, 28800),
    "owasp-low-risk": (1800, 28800),
    "owasp-asvs-5": (None, None),
    "hipaa": (None, None),
    "hmrc": (900, None),
}

# A length of time, in seconds.
lengths = st.floats(min_value=0.001, max_value=1e9)
limits = st.none() | lengths


def policy(idle=NONE, absolute=NONE, warning=NONE, revocable=True, kept=0):
    return EffectiveSettings(idle, absolute, warning, revocable, kept, "an.engine")


def verdict(profile, **kwargs):
    (finding,) = evaluate(profile, policy(**kwargs))
    return finding.verdict


def messages(**settings):
    with override_settings(**settings):
        return check_profiles()


def ids(**settings):
    return [id_.split(".")[1] for id_ in ids_of(messages(**settings))]


def seconds_of(clause):
    return clause and clause.seconds


@pytest.mark.parametrize(("name", "figures"), FIGURES.items())
def test_the_figures_of_a_profile(name, figures):
    profile = BUILT_IN[name]
    assert (seconds_of(profile.idle), seconds_of(profile.absolute)) == figures


def test_every_profile_has_its_figures_and_a_source():
    assert set(FIGURES) == set(BUILT_IN)
    assert all(each.source.startswith("https://") for each in BUILT_IN.values())


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("nist-800-63b-4-aal1", ["absolute"]),
        ("nist-800-63b-4-aal2", ["idle", "absolute"]),
        ("pci-dss-4", ["idle"]),
        ("owasp-asvs-5", ["idle", "absolute", "revocation", "clearing"]),
        ("hipaa", ["idle"]),
        ("hmrc", ["idle", "warning"]),
    ],
)
def test_what_a_profile_is_about(name, kinds):
    assert [kind for kind in KINDS if getattr(BUILT_IN[name], kind)] == kinds


@pytest.mark.parametrize("seconds", [0, -1, True, float("inf"), float("nan"), "900"])
def test_a_clause_has_a_positive_number_of_seconds(seconds):
    with pytest.raises(ValueError, match=r"^seconds must be a positive number or None"):
        Clause("1", seconds)


def test_a_clause_says_shall_or_should():
    with pytest.raises(ValueError, match="not 'must'"):
        Clause("1", 900, "must")


@pytest.mark.parametrize("name", ["", None, 8])
def test_a_clause_and_a_profile_have_a_name(name):
    with pytest.raises(ValueError, match=r"A clause's name must be a non-empty string"):
        Clause(name)
    with pytest.raises(
        ValueError, match=r"A profile's name must be a non-empty string"
    ):
        Profile(name, "Title", idle=Clause("1"))
    with pytest.raises(
        ValueError, match=r"A profile's title must be a non-empty string"
    ):
        Profile("name", name, idle=Clause("1"))


def test_a_profile_asks_for_something():
    with pytest.raises(
        ValueError,
        match=r"The profile mine has no clause: give it one of idle, absolute, "
        r"warning, revocation, clearing\.",
    ):
        Profile("mine", "Mine")


def test_a_figure_without_its_clause_is_refused():
    with pytest.raises(ValueError, match="idle of mine must be a Clause, not 900"):
        Profile("mine", "Mine", idle=900)


class TestIdleFigure:
    profile = Profile("p", "P", idle=Clause("1", 900))

    @pytest.mark.parametrize(
        ("idle", "absolute", "expected"),
        [
            (Bound(900), NONE, MET),
            (Bound(900.001), NONE, MISSED),
            (NONE, NONE, MISSED),
            (NONE, Bound(900), MET),
            (NONE, Bound(901), MISSED),
            (Bound(901), Bound(900), MET),
            (Bound(901), ASKED, MISSED),
            (ASKED, NONE, UNKNOWN),
            (ASKED, Bound(901), UNKNOWN),
            (ASKED, Bound(900), MET),
            (NONE, ASKED, UNKNOWN),
            (NONE, Bound(901, per_request=True), UNKNOWN),
        ],
    )
    def test_against_both_limits(self, idle, absolute, expected):
        assert verdict(self.profile, idle=idle, absolute=absolute) is expected

    @pytest.mark.parametrize(
        ("idle", "absolute", "found"),
        [
            (Bound(901), NONE, "The idle limit is 15 minutes 1 second (901 s)"),
            (NONE, NONE, "There is no idle limit"),
            (
                NONE,
                Bound(7200),
                "There is no idle limit; the absolute limit is 2 hours (7200 s)",
            ),
            (
                Bound(7200),
                Bound(3600),
                (
                    "The idle limit is 2 hours (7200 s); "
                    "the absolute limit is 1 hour (3600 s)"
                ),
            ),
            (ASKED, NONE, "The idle limit is set by a callable for each request"),
            (
                NONE,
                Bound(7200, per_request=True),
                (
                    "There is no idle limit; the absolute limit is set by a callable "
                    "for each request, and at most 2 hours (7200 s)"
                ),
            ),
        ],
    )
    def test_says_what_was_found_and_what_is_asked(self, idle, absolute, found):
        (finding,) = shortcomings(self.profile, policy(idle, absolute))
        asked = "p (P, 1): the idle limit shall be at most 15 minutes (900 s)."
        assert finding.sentence == f"{found}. {asked}"


@pytest.mark.parametrize(
    ("idle", "absolute", "expected"),
    [
        (Bound(1e9), NONE, MET),
        (NONE, NONE, MISSED),
        (NONE, Bound(60), MISSED),
        (NONE, ASKED, MISSED),
        (ASKED, Bound(60), UNKNOWN),
    ],
)
def test_no_absolute_limit_stands_in_for_an_idle_one(idle, absolute, expected):
    assert verdict(BUILT_IN["hipaa"], idle=idle, absolute=absolute) is expected


@pytest.mark.parametrize(
    ("absolute", "figure", "expected"),
    [
        (Bound(43200), 43200, MET),
        (Bound(43201), 43200, MISSED),
        (NONE, 43200, MISSED),
        (ASKED, 43200, UNKNOWN),
        (Bound(43200, per_request=True), 43200, MET),
        (Bound(43201, per_request=True), 43200, UNKNOWN),
        (Bound(43201), None, MET),
        (NONE, None, MISSED),
        (ASKED, None, UNKNOWN),
    ],
)
def test_the_absolute_limit(absolute, figure, expected):
    profile = Profile("p", "P", absolute=Clause("1", figure))
    assert verdict(profile, idle=Bound(60), absolute=absolute) is expected


@pytest.mark.parametrize(
    ("warning", "figure", "expected"),
    [
        (Bound(120), 120, MET),
        (Bound(119), 120, MISSED),
        (NONE, 120, MISSED),
        (Bound(120, per_request=True), 120, UNKNOWN),
        (Bound(119, per_request=True), 120, MISSED),
        (NONE, None, MISSED),
        (Bound(1, per_request=True), None, MET),
    ],
)
def test_the_warning(warning, figure, expected):
    profile = Profile("p", "P", warning=Clause("1", figure))
    assert verdict(profile, warning=warning) is expected


@pytest.mark.parametrize(("revocable", "expected"), [(True, MET), (False, MISSED)])
def test_the_revocation(revocable, expected):
    profile = Profile("p", "P", revocation=Clause("7.4.1"))
    assert verdict(profile, revocable=revocable) is expected


@pytest.mark.parametrize(
    ("kept", "expected", "found"),
    [
        (0, MET, "Pages with the dialog are emptied at the end. "),
        (600, MISSED, "for their user to sign in again: 10 minutes (600 s). "),
        (None, MISSED, "No page is emptied: session_timeout.urls is not in use. "),
    ],
)
def test_the_clearing(kept, expected, found):
    profile = Profile("p", "P", clearing=Clause("14.3.1"))
    (finding,) = evaluate(profile, policy(kept=kept))
    assert finding.verdict is expected
    assert found in finding.sentence
    end = "p (P, 14.3.1): pages shall be emptied when the session has ended."
    assert finding.sentence.endswith(end)


@pytest.mark.parametrize(
    ("idle", "absolute", "expected"),
    [
        (Bound(60), Bound(60), MET),
        (Bound(60), ASKED, UNKNOWN),
        (Bound(60), NONE, MISSED),
        (ASKED, NONE, MISSED),
    ],
)
def test_the_verdict_on_a_profile_is_the_worst_on_a_clause(idle, absolute, expected):
    profile = BUILT_IN["nist-800-63b-4-aal2"]
    assert summary(evaluate(profile, policy(idle, absolute))) is expected


@settings(deadline=None)
@given(idle=lengths, absolute=lengths, shares=st.tuples(*[st.floats(0.001, 1)] * 2))
def test_a_policy_as_strict_as_the_profile_misses_nothing(idle, absolute, shares):
    profile = Profile(
        "p", "P", idle=Clause("1", idle), absolute=Clause("2", absolute, "should")
    )
    strict = policy(Bound(idle * shares[0]), Bound(absolute * shares[1]))
    assert shortcomings(profile, strict) == []


@settings(deadline=None)
@given(figure=lengths, idle=limits, absolute=limits)
def test_a_looser_policy_is_always_found(figure, idle, absolute):
    loosest = [each for each in (idle, absolute) if each is not None]
    loose = policy(Bound(idle), Bound(absolute))
    found = shortcomings(Profile("p", "P", idle=Clause("1", figure)), loose)
    assert bool(found) == (not loosest or min(loosest) > figure)
    found = shortcomings(Profile("p", "P", absolute=Clause("1", figure)), loose)
    assert bool(found) == (absolute is None or absolute > figure)


@settings(deadline=None)
@given(figure=lengths, idle=limits, absolute=limits, asked=st.booleans())
def test_what_a_callable_tells_is_never_called_wrong(figure, idle, absolute, asked):
    known = policy(Bound(None, per_request=True), Bound(absolute, per_request=asked))
    profile = Profile("p", "P", idle=Clause("1", figure))
    assert summary(evaluate(profile, known)) is not MISSED
    assert summary(evaluate(profile, policy(Bound(idle)))) is not UNKNOWN


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "0.5 seconds"),
        (1, "1 second"),
        (45, "45 seconds"),
        (60, "1 minute"),
        (90.25, "1 minute 30.25 seconds"),
        (900, "15 minutes"),
        (5400, "1 hour 30 minutes"),
        (86400, "24 hours"),
        (172799, "47 hours 59 minutes 59 seconds"),
        (172800, "2 days"),
        (1209600, "14 days"),
        (190000, "2 days 4 hours 46 minutes 40 seconds"),
    ],
)
def test_a_length_of_time_in_words(seconds, words):
    assert humanise(seconds) == words


def test_seconds_are_told_too_where_the_words_say_less():
    assert length(59) == "59 seconds"
    assert length(1209600) == "14 days (1209600 s)"


def named(*profiles):
    with override_settings(SESSION_TIMEOUT_PROFILES=profiles):
        return [profile.name for profile in get_profiles()]


class TestSetting:
    @pytest.mark.parametrize(
        ("profiles", "names"),
        [
            ([], []),
            (["pci-dss-4", "hipaa"], ["pci-dss-4", "hipaa"]),
            (["hipaa", "hipaa"], ["hipaa"]),
            (["tests.support.profiles.kiosk"], ["kiosk"]),
            (["tests.support.profiles.both", "hipaa"], ["kiosk", "staff", "hipaa"]),
            ([profiles_of_ours.staff], ["staff"]),
        ],
    )
    def test_names_profiles_in_order(self, profiles, names):
        assert named(*profiles) == names

    @pytest.mark.parametrize(
        ("raw", "problem"),
        [
            ("pci-dss-4", "must be a list of names, not 'pci-dss-4'"),
            ({"pci-dss-4"}, "must be a list of names, not {'pci-dss-4'}"),
            (["pci-dss-3"], "contains 'pci-dss-3', which is not a profile"),
            ([900], "contains 900, which is not a profile"),
            ([""], "contains '', which is not a profile"),
            (
                ["nowhere.profile"],
                "contains 'nowhere.profile', which cannot be imported",
            ),
            (["."], "contains '.', which cannot be imported"),
            (
                ["tests.support.broken_profiles.empty"],
                "cannot be imported: The profile empty has no clause: give it one ",
            ),
            (["tests.support.profiles.number"], "which is 900 and not a Profile"),
            (["tests.support.profiles.nothing"], "which is () and not a Profile"),
            (["tests.support.profiles.mixed"], "and not a Profile"),
            (
                ["pci-dss-4", "tests.support.profiles.imposter"],
                "contains two profiles with the name 'pci-dss-4'",
            ),
        ],
    )
    def test_that_is_wrong_is_refused(self, raw, problem):
        with (
            override_settings(SESSION_TIMEOUT_PROFILES=raw),
            pytest.raises(ImproperlyConfigured, match=re.escape(problem)),
        ):
            get_profiles()

    def test_that_is_unknown_is_told_which_there_are(self):
        with override_settings(SESSION_TIMEOUT_PROFILES=["pci"]):
            reported = [each for each in run_checks() if each.id.endswith("E050")]
        assert all(name in reported[0].hint for name in BUILT_IN)


class TestEffectiveSettings:
    @pytest.mark.parametrize(
        ("settings", "idle", "absolute"),
        [
            ({}, Bound(1800), NONE),
            ({"SESSION_EXPIRE_SECONDS": None}, NONE, NONE),
            ({"SESSION_EXPIRE_ABSOLUTE_SECONDS": 60}, Bound(1800), Bound(60)),
            ({"SESSION_EXPIRE_SECONDS": by_path}, ASKED, NONE),
            ({"SESSION_EXPIRE_ABSOLUTE_SECONDS": by_path}, Bound(1800), ASKED),
            ({"SESSION_COOKIE_AGE": 60}, Bound(1800), NONE),
            ({"SESSION_SAVE_EVERY_REQUEST": True}, Bound(1800), NONE),
            ({"SESSION_EXPIRE_AT_BROWSER_CLOSE": True}, Bound(1800), NONE),
        ],
    )
    def test_has_the_limits_of_the_settings(self, settings, idle, absolute):
        with override_settings(**settings):
            found = get_effective_settings()
        assert (found.idle, found.absolute) == (idle, absolute)

    def test_is_two_weeks_idle_by_default(self, settings):
        delete_setting(settings, "SESSION_EXPIRE_SECONDS")
        assert get_effective_settings().idle == Bound(1209600)

    @pytest.mark.parametrize(
        ("settings", "absolute"),
        [
            ({}, Bound(1800)),
            ({"SESSION_EXPIRE_ABSOLUTE_SECONDS": 60}, Bound(60)),
            ({"SESSION_EXPIRE_ABSOLUTE_SECONDS": 7200}, Bound(1800)),
            ({"SESSION_EXPIRE_SECONDS": None}, NONE),
            ({"SESSION_EXPIRE_SECONDS": by_path}, ASKED),
            (
                {"SESSION_EXPIRE_ABSOLUTE_SECONDS": by_path},
                Bound(1800, per_request=True),
            ),
        ],
    )
    def test_counted_from_the_start_has_an_absolute_limit_alone(
        self, settings, absolute
    ):
        from_start = {"SESSION_EXPIRE_AFTER_LAST_ACTIVITY": False}
        with override_settings(**from_start, **settings):
            found = get_effective_settings()
        assert (found.idle, found.absolute) == (NONE, absolute)

    def test_of_a_subclass_that_tells_the_limits_is_not_known(self, settings):
        settings.MIDDLEWARE = [SESSIONS, "tests.support.middleware.Subclass"]
        found = get_effective_settings()
        assert found.idle == found.absolute == ASKED

    @pytest.mark.parametrize(
        ("middleware", "problem"),
        [
            ([SESSIONS], "is not in MIDDLEWARE: no session times out. Add "),
            ([OURS], "needs SessionMiddleware"),
            ([OURS, SESSIONS], "comes before SessionMiddleware"),
        ],
    )
    def test_is_none_without_the_middleware_in_its_place(self, middleware, problem):
        with (
            override_settings(MIDDLEWARE=middleware),
            pytest.raises(ImproperlyConfigured, match=problem),
        ):
            get_effective_settings()

    @pytest.mark.parametrize(("name", "engine"), ENGINES.items())
    def test_can_revoke_what_is_kept_on_the_server(self, name, engine):
        with override_settings(SESSION_ENGINE=engine):
            found = get_effective_settings()
        assert found.revocable == (name != "signed_cookies")
        assert found.engine == engine

    @pytest.mark.parametrize(
        ("settings", "warning"),
        [
            ({}, Bound(60)),
            ({"SESSION_EXPIRE_SECONDS": 100}, Bound(50)),
            ({"SESSION_EXPIRE_SECONDS": None}, Bound(60)),
            ({"SESSION_EXPIRE_ABSOLUTE_SECONDS": 80}, Bound(40)),
            ({"SESSION_EXPIRE_SECONDS": by_path}, Bound(60, per_request=True)),
            ({"ROOT_URLCONF": "tests.support.urls_without_users"}, NONE),
        ],
    )
    def test_warns_at_half_of_a_short_limit(self, settings, warning):
        with override_settings(**settings):
            assert get_effective_settings().warning == warning


class TestChecks:
    def test_are_bound(self):
        assert check_profiles in registry.registry.get_checks()
        with override_settings(SESSION_TIMEOUT_PROFILES=["pci-dss-4"]):
            reported = [message.id for message in run_checks(tags=["security"])]
        assert "session_timeout.E051" in reported

    @pytest.mark.parametrize(
        ("profile", "settings", "expected"),
        [
            ("pci-dss-4", {}, ["E051"]),
            ("pci-dss-4", {"SESSION_EXPIRE_SECONDS": 900}, []),
            ("pci-dss-4", {"SESSION_EXPIRE_SECONDS": 901}, ["E051"]),
            ("pci-dss-4", {"SESSION_EXPIRE_SECONDS": None}, ["E051"]),
            ("pci-dss-4", {"SESSION_EXPIRE_SECONDS": by_path}, ["W055"]),
            ("pci-dss-4", {"SESSION_ENGINE": COOKIES}, ["E051"]),
            ("nist-800-63b-4-aal2", {}, ["W057"]),
            ("nist-800-63b-4-aal2", {"SESSION_COOKIE_AGE": 60}, ["W057"]),
            (
                "nist-800-63b-4-aal2",
                {"SESSION_EXPIRE_ABSOLUTE_SECONDS": 86400},
                [],
            ),
            (
                "nist-800-63b-4-aal2",
                {"SESSION_EXPIRE_ABSOLUTE_SECONDS": 86401},
                ["W057"],
            ),
            (
                "nist-800-63b-4-aal2",
                {"SESSION_EXPIRE_AFTER_LAST_ACTIVITY": False},
                [],
            ),
            ("hipaa", {}, []),
            ("hipaa", {"SESSION_EXPIRE_AFTER_LAST_ACTIVITY": False}, ["E051"]),
            ("owasp-asvs-5", {"SESSION_EXPIRE_ABSOLUTE_SECONDS": 7200}, []),
            (
                "owasp-asvs-5",
                {"SESSION_EXPIRE_ABSOLUTE_SECONDS": 7200, "SESSION_ENGINE": COOKIES},
                ["E053"],
            ),
            (
                "owasp-asvs-5",
                {
                    "SESSION_EXPIRE_ABSOLUTE_SECONDS": 7200,
                    "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": 600,
                },
                ["E060"],
            ),
            (
                "owasp-asvs-5",
                {
                    "SESSION_EXPIRE_ABSOLUTE_SECONDS": 7200,
                    "ROOT_URLCONF": "tests.support.urls_without_users",
                },
                ["E060"],
            ),
            ("hmrc", {"SESSION_EXPIRE_SECONDS": 900}, ["W059"]),
            (
                "hmrc",
                {
                    "SESSION_EXPIRE_SECONDS": 900,
                    "SESSION_TIMEOUT_WARNING_SECONDS": 120,
                },
                [],
            ),
            (
                "hmrc",
                {
                    "SESSION_EXPIRE_SECONDS": 900,
                    "ROOT_URLCONF": "tests.support.urls_without_users",
                },
                ["W059"],
            ),
            ("tests.support.profiles.both", {}, ["E051", "W057"]),
            (
                "nist-800-63b-3-aal3",
                {"MIDDLEWARE": [SESSIONS, "tests.support.middleware.Subclass"]},
                ["W055", "W055"],
            ),
            ("pci-dss-4", {"SESSION_EXPIRE_SECONDS": 0}, []),
            ("pci-dss-4", {"MIDDLEWARE": []}, []),
        ],
    )
    def test_report_what_misses_the_profile(self, profile, settings, expected):
        assert ids(SESSION_TIMEOUT_PROFILES=[profile], **settings) == expected

    def test_without_profiles_are_silent(self):
        assert ids(SESSION_EXPIRE_SECONDS=None) == []

    @pytest.mark.parametrize(
        ("profile", "sentence", "hint"),
        [
            (
                "pci-dss-4",
                (
                    "The idle limit is 30 minutes (1800 s). pci-dss-4 (PCI DSS v4, "
                    "8.2.8): the idle limit shall be at most 15 minutes (900 s)."
                ),
                (
                    "Set SESSION_EXPIRE_SECONDS to 900 or less, and leave "
                    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY at True."
                ),
            ),
            (
                "nist-800-63b-4-aal1",
                (
                    "There is no absolute limit. nist-800-63b-4-aal1 (NIST SP 800-63B "
                    "rev. 4, AAL1, 2.1.3): the absolute limit should be at most 30 "
                    "days (2592000 s)."
                ),
                "Set SESSION_EXPIRE_ABSOLUTE_SECONDS to 2592000 or less.",
            ),
        ],
    )
    def test_name_the_clause_the_figure_and_its_word(self, profile, sentence, hint):
        (error,) = messages(SESSION_TIMEOUT_PROFILES=[profile])
        assert (error.msg, error.hint) == (sentence, hint + link(error.id))

    def test_name_signed_cookies(self):
        *_, error = messages(
            SESSION_TIMEOUT_PROFILES=["owasp-asvs-5"], SESSION_ENGINE=COOKIES
        )
        assert error.msg.startswith(f"{COOKIES} keeps the session in the cookie")
        assert "7.4.1" in error.msg

    def test_say_that_a_callable_cannot_be_compared(self):
        (warning,) = messages(
            SESSION_TIMEOUT_PROFILES=["pci-dss-4"], SESSION_EXPIRE_SECONDS=by_path
        )
        assert warning.msg.endswith("This cannot be checked before a request.")

    def test_are_silent_about_a_setting_that_is_no_list(self):
        assert messages(SESSION_TIMEOUT_PROFILES="pci-dss-4") == []

    @pytest.mark.parametrize(
        ("kind", "required", "recommended"),
        [
            ("idle", "E051", "W056"),
            ("absolute", "E052", "W057"),
            ("revocation", "E053", "W058"),
            ("warning", "E054", "W059"),
            ("clearing", "E060", "W061"),
        ],
    )
    def test_an_error_for_what_is_required_a_warning_for_what_is_recommended(
        self, kind, required, recommended
    ):
        seconds = {"idle": 60, "absolute": 60, "warning": 600}.get(kind)
        ours = {
            "revocation": {"SESSION_ENGINE": COOKIES},
            "clearing": {"SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": 600},
        }.get(kind, {})
        for word, expected in ("shall", required), ("should", recommended):
            clause = Clause("1", seconds, word)
            profile = Profile("own", "Our own", **{kind: clause})
            assert ids(SESSION_TIMEOUT_PROFILES=[profile], **ours) == [expected]
