from session_timeout.memory import Memory
from session_timeout.policy import Record

RECORD = Record(0, 100, 9000)
UNKNOWN = (False, None)


def test_it_remembers_for_the_grace_period():
    memory = Memory(size=2)
    memory.note("a", RECORD, now=100)
    assert memory.recall("a", now=129, grace=30) == (True, RECORD)
    assert memory.recall("a", now=130, grace=30) == UNKNOWN
    assert memory.recall("b", now=100, grace=30) == UNKNOWN


def test_it_remembers_that_there_is_none():
    memory = Memory(size=2)
    memory.note("a", None, now=100)
    assert memory.recall("a", now=100, grace=30) == (True, None)


def test_it_does_not_believe_in_the_future():
    memory = Memory(size=2)
    memory.note("a", RECORD, now=100)
    assert memory.recall("a", now=99, grace=30) == UNKNOWN


def test_it_is_bounded_and_drops_what_was_noted_first():
    memory = Memory(size=2)
    for name in ("a", "b", "a", "c"):
        memory.note(name, RECORD, now=100)
    known = [name for name in "abc" if memory.recall(name, 100, 30)[0]]
    assert known == ["a", "c"]


def test_it_forgets():
    memory = Memory(size=2)
    memory.note("a", RECORD, now=100)
    memory.forget("a")
    memory.forget("never known")
    assert memory.recall("a", now=100, grace=30) == UNKNOWN
