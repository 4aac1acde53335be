"""The harness of tests/compat: other projects' suites with the middleware in."""

import json
import os

import pytest

from tests.compat import outcome, page, suites
from tests.compat.outcome import WITH, WITHOUT, ZERO, Outcome, Run
from tests.compat.suites import Known
from tests.support.manual import TEXTS, rows
from tests.support.paths import ROOT
from tests.support.processes import run_python

INSERTION = ROOT / "tests" / "compat" / "insertion"
REPLACEMENTS = INSERTION.parent / "replacements"
SUITES, KNOWN = suites.read()
PAGE = TEXTS["docs/compatibility.md"]

UNITTEST = """
FAIL: test_one (shop.tests.Cart.test_one)
ERROR: test_two (shop.tests.Cart.test_two) (currency='EUR')
ERROR: setUpClass (shop.tests.Till)
UNEXPECTED SUCCESS: test_three (shop.tests.Cart.test_three)
ERROR: something that a test has logged
Ran 7 tests in 0.123s
"""
JUNIT = """<testsuites><testsuite>
<testcase classname="tests.test_cart.Cart" name="test_one[EUR]" />
<testcase classname="tests.test_cart" name="test_two"><failure>no</failure></testcase>
<testcase classname="tests.test_cart" name="test_two" />
<testcase classname="tests.test_cart" name="test_three"><error>no</error></testcase>
<testcase classname="tests.test_cart" name="test_four"><skipped /></testcase>
</testsuite></testsuites>"""

TABLES = {
    "shop": {
        "project": "django-shop", "version": "1.0", "requirements": ["."],
        "command": "pytest", "ci": True,
    },
    "shop-till": {"like": "shop", "part": "till"},
    "shop-bill": {"like": "shop-till", "part": "bill", "environment": "shop-bill"},
}  # fmt: skip

# A site whose view tells whether the middleware has seen its request. It prints that
# for each of the ways in which a test suite sets up SessionMiddleware.
SITE = """
import json, sys
from types import ModuleType
from django.conf import settings

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
settings.configure(
    ROOT_URLCONF=__name__, MIDDLEWARE=[SESSIONS], SECRET_KEY="key", ALLOWED_HOSTS=["*"]
)

import django
from asgiref.sync import iscoroutinefunction
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import JsonResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

django.setup()
site = sys.modules["site_middleware"] = ModuleType("site_middleware")
site.Derived = type("Derived", (SessionMiddleware,), {})

class Namesake:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.session = SessionStore()
        return self.get_response(request)

Namesake.__name__ = "SessionMiddleware"
site.SessionNamesake = Namesake
site.session_function = lambda get_response: get_response

def show(request):
    found = getattr(request, "session_timeout", None)
    return JsonResponse([found is not None], safe=False)

urlpatterns = [path("", show)]
def get(*paths):
    with override_settings(MIDDLEWARE=list(paths)):
        client = Client()
        response = client.get("/")
        chain = client.handler._middleware_chain
        return [*response.json(), iscoroutinefunction(chain)]

constructed = SessionMiddleware(show)
seen = {
    "settings": [*Client().get("/").json(), settings.MIDDLEWARE == [SESSIONS]],
    "overridden": get("django.middleware.common.CommonMiddleware", SESSIONS),
    "derived": get("site_middleware.Derived"),
    "namesake": get("site_middleware.SessionNamesake"),
    "function": get("site_middleware.session_function"),
    "none": get("django.middleware.common.CommonMiddleware"),
    "constructed": json.loads(constructed(RequestFactory().get("/")).content),
    "limit": getattr(settings, "SESSION_EXPIRE_SECONDS", None),
}
print(json.dumps(seen))
"""


def run_site(tmp_path, **plan):
    """Return what the site prints under a plan, and what the middleware has counted."""
    counts = tmp_path / "counts"
    plan = {"settings": {}, "is_async": False, "insert": True, "replace": False} | plan
    done = run_python(
        "-c",
        SITE,
        cwd=tmp_path,
        path=f"{INSERTION}{os.pathsep}{ROOT}",
        COMPAT_PLAN=json.dumps({**plan, "counts": str(counts)}),
    )
    counted = outcome.add_counts(counts.read_text() if counts.exists() else "")
    return json.loads(done.stdout), counted


def run(tests, failed=(), **counts):
    return Run(tests, frozenset(failed), counts)


def three_runs(before, during, zero, *, sessions=3):
    """Return the outcome of three runs of twenty tests in which these failed."""
    return Outcome(
        {
            WITHOUT: run(20, before),
            WITH: run(20, during, sessions=sessions),
            ZERO: run(20, zero),
        }
    )


def test_unittest_output_names_the_tests_that_failed_without_their_subtests():
    assert outcome.read_unittest(UNITTEST) == (
        7,
        {
            "shop.tests.Cart.test_one",
            "shop.tests.Cart.test_two",
            "shop.tests.Cart.test_three",
            "shop.tests.Till.setUpClass",
        },
    )


def test_junit_document_names_the_tests_that_failed_and_counts_each_once():
    failed = {"tests.test_cart.test_two", "tests.test_cart.test_three"}
    assert outcome.read_junit(JUNIT) == (4, failed)


def test_counts_of_the_processes_are_added():
    assert outcome.add_counts('{"a": 1, "b": 2}\n{"a": 3}\n') == {"a": 4, "b": 2}


def test_a_failure_is_new_if_the_test_passes_without_the_middleware():
    found = three_runs({"old"}, {"old", "a"}, {"b", "a"})
    assert found.new(WITH) == ["a"]
    assert found.new(ZERO) == ["a", "b"]


def test_known_failures_that_occur_are_no_problem():
    known = [
        Known("why", "", {"shop": ["a", "b"]}),
        Known("else", "", {"other": ["c"]}),
    ]
    found = three_runs({"old"}, {"a"}, {"a", "b"})
    assert found.problems("shop", known) == []
    assert found.causes("shop", known) == known[:1]


def test_a_new_failure_and_a_known_one_that_no_longer_occurs_are_problems():
    known = [Known("why", "", {"shop": ["a", "b"]})]
    found = three_runs((), {"a", "new"}, {"a"})
    assert found.problems("shop", known) == [
        "new failure: new",
        "no longer fails: b",
    ]


def test_a_suite_that_never_brings_a_session_is_a_problem():
    found = three_runs((), (), (), sessions=0)
    assert found.problems("shop", []) == ["the middleware has never seen a session"]


def test_many_failures_without_the_middleware_are_a_problem():
    found = three_runs({"old"}, {"old"}, ())
    found.runs[WITHOUT] = run(20, {"old", "older"})
    assert found.problems("shop", []) == ["2 tests fail without the middleware"]


def test_a_run_with_other_tests_than_the_first_is_a_problem():
    runs = {WITHOUT: run(10), WITH: run(9, sessions=3), ZERO: run(10)}
    assert Outcome(runs).problems("shop", []) == ["the run with had 9 tests"]


def test_a_run_that_stops_is_a_problem():
    runs = {WITHOUT: run(10), WITH: run(0), ZERO: run(10)}
    assert Outcome(runs).problems("shop", []) == [
        "did not come to an end: the run with"
    ]


def test_a_suite_of_a_package_replaced_has_two_runs():
    known = [Known("why", "", {"shop": ["a", "b"]})]
    found = Outcome({WITHOUT: run(20, {"old"}), WITH: run(20, {"a", "c"}, sessions=3)})
    assert found.problems("shop", known) == ["new failure: c", "no longer fails: b"]
    assert found.causes("shop", known) == known


def test_an_outcome_is_kept(tmp_path):
    found = three_runs({"old"}, {"old", "a"}, {"b"})
    outcome.save(found, tmp_path / "shop.json")
    assert outcome.load(tmp_path / "shop.json") == found


def test_a_suite_takes_from_another_what_it_leaves_out_but_not_that_ci_runs_it():
    shop, till, bill = suites.load_suites(TABLES).values()
    assert (shop.title, till.title) == ("django-shop", "django-shop: till")
    assert [each.command for each in (till, bill)] == ["pytest", "pytest"]
    assert [each.environment for each in (till, bill)] == ["shop", "shop-bill"]
    assert [each.ci for each in (shop, till, bill)] == [True, False, False]


def test_suites_are_chosen_by_name():
    found = suites.load_suites(TABLES)
    names = {
        chosen: [each.name for each in suites.select(found, list(chosen))]
        for chosen in ((), ("ci",), ("shop-till", "ci"))
    }
    assert names == {
        (): ["shop", "shop-till", "shop-bill"],
        ("ci",): ["shop"],
        ("shop-till", "ci"): ["shop", "shop-till"],
    }
    with pytest.raises(ValueError, match="no such suite: shopp"):
        suites.select(found, ["shopp"])


def test_a_known_failure_names_a_suite_there_is():
    table = {"name": "why", "reason": "because", "tests": {"shopp": ["a"]}}
    with pytest.raises(ValueError, match="shopp"):
        suites.load_known([table], ["shop"])


def test_the_page_gets_a_table_and_the_causes_below_it():
    shop = suites.load_suites(TABLES)["shop-till"]
    found = three_runs((), {"a"}, {"a", "b"}, sessions=1234)
    known = [Known("counts", "\nIt counts.", {"shop-till": ["b", "a"]})]
    text = page.render([(shop, found)], known)
    assert rows(text)[2] == [
        *("django-shop: till", "1.0", "20", "1,234", "1", "2", "counts")
    ]
    assert "\n\n1 rows, 20 tests." in text
    assert text.endswith("\n\n### Cause: counts\n\nIt counts.\n\n- `a`\n- `b`")
    whole = f"Before\n{page.BEGIN}\nold\n{page.END}\nAfter"
    assert page.replace(whole, "new") == whole.replace("old", "\nnew\n")
    assert page.line(shop, found).endswith(
        "0 failures without, 1 new, 2 new at grace period 0"
    )


def test_the_page_gets_a_table_of_the_packages_replaced_and_keeps_the_other():
    table = {"replaces": True, "left_out": {"tests.Script": "Its script."}}
    (shop,) = suites.load_suites({"shop": TABLES["shop"] | table}).values()
    found = Outcome({WITHOUT: run(20), WITH: run(20, {"a"}, sessions=3)})
    known = [Known("counts", "It counts.", {"shop": ["a"]})]
    other = f"{page.BEGIN}\nold\n{page.END}\n"
    text = page.update(
        f"{other}{page.BEGIN_REPLACED}\n{page.END_REPLACED}", [(shop, found)], known
    )
    assert text.startswith(other)
    assert rows(text)[2:] == [["django-shop", "1.0", "20", "19", "counts"]]
    assert "\n\nLeft out:\n\n- `tests.Script`: Its script.\n\n### Cause: counts" in text
    assert page.line(shop, found).endswith("0 failures without, 1 new")


def test_insertion_follows_each_session_middleware_and_leaves_settings_alone(tmp_path):
    settings = {"SESSION_EXPIRE_SECONDS": 1800}
    seen, counted = run_site(tmp_path, settings=settings)
    assert seen == {
        "settings": [True, True],
        "overridden": [True, False],
        "derived": [True, False],
        "namesake": [True, False],
        "function": [False, False],
        "none": [False, False],
        "constructed": [True],
        "limit": 1800,
    }
    assert counted == {"requests": 5, "sessions": 0, "written": 0, "expired": 0}


def test_insertion_in_async_mode(tmp_path):
    seen, counted = run_site(tmp_path, is_async=True)
    assert seen["overridden"] == seen["derived"] == [True, True]
    assert counted["requests"] == 5


def test_without_the_insertion_the_middleware_sees_nothing(tmp_path):
    seen, counted = run_site(tmp_path, insert=False)
    assert seen["settings"] == [False, True]
    assert seen["constructed"] == [False]
    assert counted == {}


@pytest.mark.parametrize("replaces", [True, False])
def test_each_module_of_replacements_takes_the_place_of_a_packages_own(
    tmp_path, replaces
):
    files = sorted(REPLACEMENTS.rglob("*.py"))
    names = [".".join(each.relative_to(REPLACEMENTS).parts)[:-3] for each in files]
    script = (
        "import sys; from importlib.util import find_spec;"
        "print(*[find_spec(name).origin for name in sys.argv[1:]], sep='\\n')"
    )
    plan = {"settings": {}, "is_async": False, "insert": False, "replace": replaces}
    done = run_python(
        "-c",
        script,
        *names,
        cwd=tmp_path,
        path=f"{INSERTION}{os.pathsep}{ROOT}",
        COMPAT_PLAN=json.dumps(plan),
    )
    origins = done.stdout.split()
    assert len(origins) == len(files) > 0
    assert [each in map(str, files) for each in origins] == [replaces] * len(files)


@pytest.mark.parametrize("replaces", [True, False])
def test_each_suite_has_a_row_on_the_page_in_the_version_that_runs(replaces):
    table = rows(PAGE.partition(page.END)[2 if replaces else 0])[2:]
    suites_of_table = [(row[0], row[1]) for row in table]
    assert suites_of_table == [
        (each.title, each.version)
        for each in SUITES.values()
        if each.replaces is replaces
    ]


def test_what_is_left_out_is_of_a_package_replaced_and_does_not_run():
    for suite in SUITES.values():
        assert suite.replaces or not suite.left_out
        assert not any(tests in suite.command for tests in suite.left_out)


def test_each_cause_and_its_tests_are_on_the_page():
    for known in KNOWN:
        assert f"### Cause: {known.name}\n\n{known.reason.strip()}\n" in PAGE
        tests = [test for found in known.tests.values() for test in found]
        assert all(f"- `{test}`\n" in PAGE for test in tests)


def test_suites_of_git_have_the_tag_or_commit_of_their_version():
    for suite in SUITES.values():
        is_tag = "." in suite.revision
        found = suite.revision.removeprefix("v") if is_tag else suite.revision[:7]
        assert found == (suite.version if suite.git else "")
