"""The questions of the manual: each answer has a test that shows it."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Browser
from tests.test_docs import TEXTS, sections

HERE = Path(__file__).resolve().parent

# The tests, by file, behind the answer to each question.
ANSWERS = {
    "Why was somebody logged out while writing a long text?": {
        "browser/test_activity": ["form_that_is_being_filled_keeps_the_session_alive"],
        "browser/test_warning": ["warning_comes_at_the_second"],
        "browser/test_snippets": ["draft_is_saved_when_the_warning_comes"],
    },
    "Why does the session of a page that polls never end?": {
        "test_promises": ["polling_keeps_nothing_alive"],
        "test_middleware": ["a_passive_url_by_name_or_path"],
        "browser/test_activity": ["status_asked_for_ever_keeps_nothing_alive"],
    },
    "Why does the page stay on the screen after the end?": {
        "browser/test_warning": ["session_ends_on_the_login_page_with_the_message"],
        "browser/test_sleep": ["lid_closed_for_an_hour_opens_on_nothing_private"],
    },
    "Do tabs sign each other out?": {
        "browser/test_tabs": [
            "activity_in_one_keeps_all",
            "tab_that_nobody_turns_to_learns_in_the_end_that_the_session_goes_on",
        ],
    },
    "Do visitors who never logged in land on the login page?": {
        "test_responses": [
            "who_never_logged_in_is_not_sent_to_log_in",
            "the_login_page_only_if_the_site_says_so",
        ],
    },
    "Can there be a loop of redirects?": {
        "test_responses": ["the_login_page_is_shown", "the_sites_own_page_is_shown"],
    },
    "What becomes of a form that comes too late?": {
        "test_responses": [
            "an_expired_post_never_reaches_the_view",
            "next_is_the_same_host_referer",
        ],
    },
    "Why does a session end a little before its limit?": {
        "test_promises": [
            "a_burst_stamps_once",
            "a_grace_period_of_zero_stamps_every_request",
            "the_session_ends_at_the_limit_and_not_before",
        ],
    },
    "Why does a session end although it is in use?": {
        "test_promises": [
            "an_active_session_ends_at_cookie_age",
            "djangos_sliding_expiry_stays_sliding",
        ],
        "test_middleware": ["the_absolute_limit_ends_a_session_in_use"],
    },
    "Does SESSION_EXPIRE_AT_BROWSER_CLOSE still work?": {
        "test_promises": ["closing_the_browser_still_ends_it"],
    },
    "Do time zones or daylight saving log people out?": {
        "test_faults": [
            "a_night_in_which_the_clocks_change",
            "a_clock_that_jumps_fails_no_request",
            "two_servers_whose_clocks_differ",
        ],
    },
    "Is something written with each request?": {
        "test_promises": [
            "no_query_beyond_djangos_own_between_stamps",
            "neither_check_nor_stamp_sets_a_cookie_or_varies",
        ],
    },
    "Does it work with tokens, such as JWT?": {
        "test_promises": ["no_cookie_no_touch"],
        "recipes/test_drf": ["a_script_with_an_expired_session_gets_401_and_json"],
    },
    "How do I test that my site does it?": {
        "test_testing": ["a_session_is_made_idle", "a_session_is_made_old"],
        "test_snippets": ["tests_pass"],
    },
    "Does it help against a stolen cookie?": {
        "test_faq": ["a_copied_cookie_is_good_until_the_absolute_limit"],
    },
}
TESTS = [
    pytest.param(name, test, id=test)
    for files in ANSWERS.values()
    for name, tests in files.items()
    for test in tests
]


def test_every_question_is_answered_by_tests() -> None:
    assert list(ANSWERS) == list(sections(TEXTS["docs/faq.md"]))


@pytest.mark.parametrize(("name", "test"), TESTS)
def test_the_test_exists(name: str, test: str) -> None:
    assert f"def test_{test}(" in (HERE / f"{name}.py").read_text("utf-8")


def test_a_copied_cookie_is_good_until_the_absolute_limit(
    engine: str, settings: Any, browser: Browser, clock: Any
) -> None:
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 3600
    browser.login()
    thief = Browser(browser.mode)
    thief.client.cookies = browser.client.cookies.copy()
    clock.tick(1799)
    assert thief.user == "ada"
    clock.tick(1799)
    assert thief.user == "ada"
    clock.tick(2)
    assert thief.get("/page/").status_code == 302
