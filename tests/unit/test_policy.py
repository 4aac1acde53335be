from math import inf, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from session_timeout.policy import (
    Limits,
    MalformedRecordError,
    Reason,
    Record,
    advance,
    as_of,
    deadline,
    is_at_rest,
    is_due,
    merge,
)

RECORD = Record(started_at=1000.0, last_activity=1500.0, expires_at=9000.0)


def test_a_record_survives_the_round_trip_through_a_session():
    assert Record.parse(RECORD.stored()) == RECORD


@pytest.mark.parametrize(
    "junk",
    [
        None,
        True,
        1500.0,
        "1500",
        b"",
        [],
        [1, 2, 3],
        {},
        {"started_at": 1, "last_activity": 2},
        *(
            {"started_at": 1.0, "last_activity": value, "expires_at": 3.0}
            for value in [None, True, False, "2", nan, inf, -inf, -1, 10**400, [2], {}]
        ),
        {"started_at": "1", "last_activity": 2, "expires_at": 3},
        {"started_at": 1, "last_activity": 2, "expires_at": nan},
    ],
)
def test_junk_is_no_record(junk):
    with pytest.raises(MalformedRecordError):
        Record.parse(junk)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*Record._fields, "x"]), inner, max_size=4
            )
        ),
    )
    | st.fixed_dictionaries(dict.fromkeys(Record._fields, st.floats(min_value=0)))
)
def test_whatever_stands_there_is_a_record_or_malformed(raw):
    try:
        record = Record.parse(raw)
    except MalformedRecordError:
        return
    when, _ = deadline(as_of(record, 1e9), Limits(60, 60))
    assert 0 <= when <= 1e9 + 60


@pytest.mark.parametrize(
    ("limits", "when", "reason"),
    [
        (Limits(idle=60), 1560, Reason.IDLE),
        (Limits(idle=60, from_start=True), 1060, Reason.ABSOLUTE),
        (Limits(idle=60, absolute=500), 1500, Reason.ABSOLUTE),
        (Limits(idle=60, absolute=560), 1560, Reason.IDLE),
        (Limits(idle=None, absolute=500), 1500, Reason.ABSOLUTE),
        (Limits(idle=8000), 9000, Reason.COOKIE_AGE),
        (Limits(idle=None), 9000, Reason.COOKIE_AGE),
    ],
)
def test_the_earliest_limit_is_the_deadline(limits, when, reason):
    assert deadline(RECORD, limits) == (when, reason)


def test_a_store_that_keeps_djangos_limit_leaves_it_out():
    assert deadline(RECORD, Limits(idle=None), cookie_age=False)[0] == inf


@pytest.mark.parametrize(
    ("idle", "grace", "expected"),
    [
        (1800, None, 30),
        (30, None, 1),
        (14400, None, 60),
        (None, None, 60),
        (0.5, None, 0.25),
        (600, 0, 0),
        (600, 45, 45),
        (30, 45, 15),
    ],
)
def test_the_grace_period_fits_the_limit(idle, grace, expected):
    assert Limits.of(idle, None, grace).grace == expected


@pytest.mark.parametrize(
    ("last_activity", "due"),
    [
        (969, True),
        (970, True),
        (971, False),
        (1000, False),
        (1030, False),
        (1031, True),
    ],
)
def test_a_stamp_is_due_after_the_grace_period_or_ahead_of_it(last_activity, due):
    assert is_due(Record(900, last_activity, 9000), 1000, 30) is due


def test_a_start_in_the_future_is_due_to_be_mended():
    assert is_due(Record(1031, 1000, 9000), 1000, 30)


def test_without_a_grace_period_every_stamp_is_due():
    assert is_due(Record(900, 1000, 9000), 1000, 0)


def test_the_future_counts_as_now():
    assert as_of(Record(2000, 3000, 9000), 1600) == Record(1600, 1600, 9000)
    assert as_of(RECORD, 1600) is RECORD


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (None, RECORD),
        (Record(1, 1400, 2), RECORD),
        (Record(1, 1550, 2), Record(1000, 1550, 9000)),
        # A future one beside a past one: it is mended where it stands.
        (Record(1, 5000, 2), Record(1000, 5000, 9000)),
    ],
)
def test_two_records_say_the_latest_activity(other, expected):
    assert merge(RECORD, other, now=1600) == expected


def test_a_future_record_is_outvoted():
    ahead = Record(5000, 6000, 9000)
    assert merge(ahead, RECORD, now=1600) == RECORD
    assert merge(ahead, None, now=1600) == ahead
    assert merge(None, RECORD, now=1600) == RECORD
    assert merge(None, None, now=1600) is None


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        # Nothing there yet: the first stamp.
        (None, Record(1000, 1600, 9000)),
        # Unchanged since the decision.
        (RECORD, Record(1000, 1600, 9000)),
        # Another request has stamped meanwhile, a moment ago or even later.
        (Record(1000, 1590, 9000), None),
        (Record(1000, 1601, 9000), None),
        # ... or long ago.
        (Record(1000, 1560, 9000), Record(1000, 1600, 9000)),
        # The user has logged in again meanwhile: that start stands.
        (Record(1550, 1550, 9500), Record(1550, 1600, 9500)),
    ],
)
def test_a_stamp_respects_what_is_stored_by_now(stored, expected):
    stamp = Record(1000, 1600, 9000)
    assert advance(stored, RECORD, stamp, grace=30) == expected


def test_a_future_stamp_is_mended_once():
    ahead, stamp = Record(1000, 5000, 9000), Record(1000, 1600, 9000)
    assert advance(ahead, ahead, stamp, grace=30) == stamp
    assert advance(Record(1000, 1601, 9000), ahead, stamp, grace=0) is None


def times(earliest, latest):
    junk = [-1.0, nan, inf, 1500, True, None, "1500"]
    return st.floats(earliest, latest) | st.sampled_from(junk)


LIMITS = st.none() | st.floats(1, 2000)


@given(
    st.builds(
        dict,
        started_at=times(1000, 1510),
        last_activity=times(1400, 1510),
        expires_at=times(1490, 2000),
    )
    | st.sampled_from([None, 1500.0, [], {}, "junk"]),
    st.builds(Limits, LIMITS, LIMITS, st.floats(0, 60), st.booleans()),
)
@example(RECORD.stored(), Limits(1800.0))
def test_at_rest_means_a_sound_record_before_its_deadline_with_no_stamp_due(
    raw, limits
):
    def is_sound(record):
        return (
            not is_due(record, 1500.0, limits.grace)
            and as_of(record, 1500.0) == record
            and deadline(record, limits)[0] > 1500.0
        )

    assert not is_at_rest(raw, limits, 1500.0) or is_sound(Record.parse(raw))


def test_a_fresh_record_is_at_rest_until_its_grace_period_or_a_limit_has_passed():
    raw, limits = RECORD.stored(), Limits.of(1800)
    assert is_at_rest(raw, limits, 1500.0)
    assert is_at_rest(raw, limits, 1529.9)
    assert not is_at_rest(raw, limits, 1530.0)
    assert not is_at_rest(raw, Limits.of(1800, absolute=500), 1500.0)
    assert not is_at_rest(raw, Limits.of(500, from_start=True), 1500.0)


@given(st.floats(0, 1e308))
def test_times_are_stored_to_the_millisecond_and_never_later(when):
    stored = Record(when, when, when).stored()["last_activity"]
    assert when - 0.00101 - when * 1e-15 < stored <= when
    assert Record(stored, stored, stored).stored()["last_activity"] == stored


def test_no_more_digits_are_stored():
    record = Record(1000.1234567, 1500.9876543, 9000.5)
    assert list(record.stored().values()) == [1000.123, 1500.987, 9000.5]
