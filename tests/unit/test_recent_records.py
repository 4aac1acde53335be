from session_timeout.backends.recent import RecentRecords
from session_timeout.policy import Record

RECORD = Record(0, 100, 9000)


def test_it_remembers_for_the_grace_period():
    records = RecentRecords(size=2)
    records.remember("a", RECORD, now=100)
    recent = records.recall("a", now=129, grace=30)
    assert (recent.record, recent.at) == (RECORD, 100)
    assert records.recall("a", now=130, grace=30) is None
    assert records.recall("b", now=100, grace=30) is None


def test_it_remembers_that_there_is_none():
    records = RecentRecords(size=2)
    records.remember("a", None, now=100)
    recent = records.recall("a", now=100, grace=30)
    assert (recent.record, recent.at) == (None, 100)


def test_it_does_not_believe_in_the_future():
    records = RecentRecords(size=2)
    records.remember("a", RECORD, now=100)
    assert records.recall("a", now=99, grace=30) is None


def test_it_is_bounded_and_drops_what_was_noted_first():
    records = RecentRecords(size=2)
    for name in ("a", "b", "a", "c"):
        records.remember(name, RECORD, now=100)
    known = [name for name in "abc" if records.recall(name, 100, 30)]
    assert known == ["a", "c"]


def test_it_forgets():
    records = RecentRecords(size=2)
    records.remember("a", RECORD, now=100)
    records.forget("a")
    records.forget("never known")
    assert records.recall("a", now=100, grace=30) is None
