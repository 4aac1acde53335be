from math import inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from session_timeout.policy import (
    Limits,
    MalformedRecordError,
    Reason,
    Record,
    clamp_to_now,
    deadline,
    is_fresh,
    merge_records,
    needs_write,
    resolve_concurrent_write,
)

RECORD = Record(started_at=1000.0, last_activity=1500.0, expires_at=9000.0)


def test_a_record_survives_the_round_trip_through_a_session():
    assert Record.decode(RECORD.encode()) == RECORD


NUMBERS = ["1", "1000.0", "1000.123"]
JUNK_NUMBERS = ["", "x", "nan", "inf", "-inf", "1e999", "-1", "-0.001", "0x10", "None"]
JUNK_NUMBERS += [
    "1e3",
    "+1",
    "1_000",
    " 1",
    "1\n",
    "1.",
    ".5",
    "\N{ARABIC-INDIC DIGIT ONE}",
]


@pytest.mark.parametrize(
    "junk",
    [
        None,
        True,
        1500.0,
        "",
        " ",
        "1500",
        "1 2",
        "1 2 3 4",
        "1  2 3",
        "1,2,3",
        b"1 2 3",
        [1, 2, 3],
        ("1", "2", "3"),
        {"started_at": 1.0, "last_activity": 2.0, "expires_at": 3.0},
        *(
            " ".join([*NUMBERS[:index], number, *NUMBERS[index + 1 :]])
            for index in range(3)
            for number in JUNK_NUMBERS
        ),
    ],
)
def test_junk_is_no_record(junk):
    with pytest.raises(MalformedRecordError):
        Record.decode(junk)


number = st.floats() | st.integers() | st.text(max_size=5)


@given(
    st.none()
    | st.booleans()
    | number
    | st.lists(number, max_size=4)
    | st.lists(number, max_size=4).map(lambda parts: " ".join(map(str, parts)))
)
@example(str(10**400))
@example("1 2 3")
def test_whatever_stands_there_is_a_record_or_malformed(raw):
    try:
        record = Record.decode(raw)
    except MalformedRecordError:
        return
    when, _ = deadline(clamp_to_now(record, 1e9), Limits(60, 60))
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
    assert deadline(RECORD, Limits(idle=None), include_cookie_age=False)[0] == inf


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
    assert Limits(idle, None, grace).grace == expected


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
    assert needs_write(Record(900, last_activity, 9000), 1000, 30) is due


def test_a_start_in_the_future_is_due_to_be_mended():
    assert needs_write(Record(1031, 1000, 9000), 1000, 30)


def test_without_a_grace_period_every_stamp_is_due():
    assert needs_write(Record(900, 1000, 9000), 1000, 0)


def test_the_future_counts_as_now():
    assert clamp_to_now(Record(2000, 3000, 9000), 1600) == Record(1600, 1600, 9000)
    assert clamp_to_now(RECORD, 1600) is RECORD


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
    assert merge_records(RECORD, other, now=1600) == expected


def test_a_future_record_is_outvoted():
    ahead = Record(5000, 6000, 9000)
    assert merge_records(ahead, RECORD, now=1600) == RECORD
    assert merge_records(ahead, None, now=1600) == ahead
    assert merge_records(None, RECORD, now=1600) == RECORD
    assert merge_records(None, None, now=1600) is None


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
    assert resolve_concurrent_write(stored, RECORD, stamp, grace=30) == expected


def test_a_future_stamp_is_mended_once():
    ahead, stamp = Record(1000, 5000, 9000), Record(1000, 1600, 9000)
    assert resolve_concurrent_write(ahead, ahead, stamp, grace=30) == stamp
    assert (
        resolve_concurrent_write(Record(1000, 1601, 9000), ahead, stamp, grace=0)
        is None
    )


def test_a_clock_set_back_to_before_both_records():
    seen, stored = Record(1000, 5000, 9000), Record(1000, 5001, 9000)
    stamp = Record(1000, 1600, 9000)
    assert resolve_concurrent_write(stored, seen, stamp, grace=30) == stamp


LIMITS = st.none() | st.floats(1, 2000)


@given(
    st.builds(
        Record, st.floats(1000, 1510), st.floats(1400, 1510), st.floats(1490, 2000)
    ),
    st.builds(Limits, LIMITS, LIMITS, st.floats(0, 60), st.booleans()),
)
@example(RECORD, Limits(1800.0))
def test_fresh_means_before_the_deadline_with_no_write_due(record, limits):
    assert not is_fresh(record, limits, 1500.0) or (
        not needs_write(record, 1500.0, limits.grace)
        and clamp_to_now(record, 1500.0) == record
        and deadline(record, limits)[0] > 1500.0
    )


def test_a_record_is_fresh_until_its_grace_period_or_a_limit_has_passed():
    limits = Limits(1800)
    assert is_fresh(RECORD, limits, 1500.0)
    assert is_fresh(RECORD, limits, 1529.9)
    assert not is_fresh(RECORD, limits, 1530.0)
    assert not is_fresh(RECORD, Limits(1800, absolute=500), 1500.0)
    assert not is_fresh(RECORD, Limits(500, from_start=True), 1500.0)


@given(st.floats(0, 1e300))
@example(0.0008)
def test_times_are_stored_to_the_millisecond_and_never_later(when):
    record = Record(when, when, when)
    stored = Record.decode(record.encode()).last_activity
    assert when - 0.00101 - when * 1e-15 < stored <= when
    assert record.truncated() == Record(stored, stored, stored)
    assert record.truncated().encode() == record.encode()


def test_no_more_digits_are_stored():
    record = Record(1000.1234567, 1500.9876543, 9000.5)
    assert record.encode() == "1000.123 1500.987 9000.500"
