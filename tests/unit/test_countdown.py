"""The rules of the countdown: what is left of a session, and when a page speaks."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_timeout.browser.countdown import checkpoints, countdown
from session_timeout.policy import Limits, Record, deadline, warning_lead
from session_timeout.tracking import SessionStatus

DAY = 86_400


def of(record, limits, now, *, warning=60.0, cookie_age=14.0 * DAY, slides=False):
    status = SessionStatus(None, record, limits, now, cookie_age, slides)
    return countdown(status, warning)


class TestTheEnd:
    def test_the_idle_limit_counts_from_the_last_activity(self):
        left = of(Record(0, 100, 14 * DAY), Limits(1800), 250)
        assert (left.expires_in, left.reason, left.can_extend) == (1650, "idle", True)

    def test_the_absolute_limit_cannot_be_extended(self):
        left = of(Record(0, 900, 14 * DAY), Limits(1800, 1000), 950)
        assert (left.expires_in, left.reason) == (50, "absolute")
        assert not left.can_extend

    def test_nor_can_an_idle_limit_that_counts_from_the_start(self):
        left = of(Record(0, 900, 14 * DAY), Limits(1000, from_start=True), 950)
        assert (left.expires_in, left.reason) == (50, "absolute")
        assert not left.can_extend

    def test_nor_can_djangos_own_limit(self):
        left = of(Record(0, 900, 1000), Limits(1800), 950)
        assert (left.expires_in, left.reason) == (50, "cookie_age")
        assert not left.can_extend

    def test_unless_django_counts_it_anew_with_each_request(self):
        left = of(Record(0, 900, 1000), Limits(1800), 950, slides=True)
        assert (left.expires_in, left.reason) == (50, "cookie_age")
        assert left.can_extend

    def test_an_end_that_another_limit_shares_cannot_be_moved(self):
        left = of(Record(0, 100, 14 * DAY), Limits(900, 1000), 100)
        assert (left.expires_in, left.reason) == (900, "idle")
        assert not left.can_extend

    def test_what_is_over_has_nothing_left(self):
        assert of(Record(0, 0, 14 * DAY), Limits(1800), 1801).expires_in == 0

    def test_a_session_without_any_limit_has_no_end(self):
        left = of(Record(0, 0, inf), Limits(None), 100)
        assert (left.expires_in, left.reason, left.can_extend) == (None, None, False)
        assert (left.warn_before, left.final_lead) == (60, None)

    def test_milliseconds_are_enough(self):
        left = of(Record(0, 0.0004, 14 * DAY), Limits(1800), 0.1)
        assert left.expires_in == 1799.9


class TestTheLead:
    @pytest.mark.parametrize(
        ("warning", "idle", "expected"),
        [
            (60, 1800, 60),
            (600, 1800, 600),
            (900, 1800, 900),
            (901, 1800, 900),
            (60, 60, 30),
            (60, 1, 0.5),
            (3600, 100, 50),
        ],
    )
    def test_it_is_at_most_half_of_the_idle_limit(self, warning, idle, expected):
        left = of(Record(0, 0, 14 * DAY), Limits(idle), 0, warning=warning)
        assert left.warn_before == expected

    @pytest.mark.parametrize(
        ("warning", "absolute", "expected"),
        [(60, 28_800, 300), (301, 28_800, 301), (60, 400, 200), (900, 1000, 500)],
    )
    def test_of_an_end_that_stays_it_is_longer(self, warning, absolute, expected):
        limits = Limits(None, absolute)
        left = of(Record(0, 0, 14 * DAY), limits, 0, warning=warning)
        assert left.warn_before == left.final_lead == expected

    def test_both_leads_are_known_as_long_as_the_idle_limit_comes_first(self):
        left = of(Record(0, 0, 14 * DAY), Limits(1800, 28_800), 0)
        assert (left.warn_before, left.final_lead) == (60, 300)

    @pytest.mark.parametrize(
        ("limits", "expected"),
        [
            (Limits(200, 28_800, from_start=True), 100),
            (Limits(28_800, 200, from_start=True), 100),
        ],
    )
    def test_of_two_limits_from_the_start_the_shorter_is_halved(self, limits, expected):
        assert of(Record(0, 0, 14 * DAY), limits, 0).warn_before == expected

    def test_djangos_own_limit_is_halved_too(self):
        left = of(Record(0, 0, 100), Limits(1800), 0, cookie_age=100)
        assert left.warn_before == left.final_lead == 50

    def test_without_an_end_that_stays_there_is_no_lead_of_one(self):
        left = of(Record(0, 0, 14 * DAY), Limits(1800), 0, slides=True)
        assert (left.warn_before, left.final_lead) == (60, None)

    def test_a_page_is_never_warned_at_once_for_ever(self):
        assert all(warning_lead(wanted, 100) < 100 for wanted in (1, 99, 100, 101, DAY))


class TestCheckpoints:
    @pytest.mark.parametrize(
        ("leads", "expected"),
        [
            ({60.0}, [60, 40, 20]),
            ({60.0, 300.0}, [300, 240, 180, 120, 60, 40, 20]),
            ({90.0, 200.0}, [200, 180, 120, 90, 60, 40, 20]),
            ({30.0}, [30, 20]),
            ({20.0}, [20]),
            ({7.5}, [7.5]),
            ({120.0}, [120, 60, 40, 20]),
        ],
    )
    def test_the_leads_each_minute_40_and_20_seconds(self, leads, expected):
        assert checkpoints(leads) == expected

    def test_they_are_finite(self):
        points = checkpoints({14.0 * DAY})
        assert points[:3] == [14 * DAY, 3600, 3540]
        assert len(points) == 63


seconds = st.floats(0.1, 1e6)


@given(
    st.builds(Record, seconds, seconds, seconds),
    st.builds(
        Limits, st.none() | seconds, st.none() | seconds, from_start=st.booleans()
    ),
    seconds,
    st.booleans(),
)
def test_whatever_the_record_says(record, limits, now, slides):
    left = of(record, limits, now, slides=slides)
    when, reason = deadline(record, limits)
    assert left.expires_in == max(round(when - now, 3), 0)
    assert left.reason is reason
    assert 0 < left.warn_before <= 7 * DAY
    # Activity at the last moment moves the end, or it cannot be extended.
    later = record._replace(last_activity=max(when, record.last_activity))
    if slides:
        later = later._replace(expires_at=when + 14 * DAY)
    assert left.can_extend == (deadline(later, limits)[0] > when)
