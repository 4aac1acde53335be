"""The waits of the tests themselves: each has a bound."""

import signal
import subprocess
import sys

import pytest

from tests.support import waiting
from tests.support.waiting import stop, wait_until

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def clock():
    """The real clock."""


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(waiting, "SECONDS", 1)


def test_what_does_not_happen_is_named(impatient):
    with pytest.raises(pytest.fail.Exception, match=r"Waited 1 s for the moon\."):
        wait_until(lambda: False, "the moon")


def test_a_wait_ends_as_soon_as_it_can():
    answers = iter([False, True])
    wait_until(lambda: next(answers), "the second answer")
    assert next(answers, None) is None


@pytest.mark.parametrize("ignored", [signal.SIGINT, signal.SIGQUIT])
def test_a_process_ends_though_a_background_job_ignores_some_signals(ignored):
    previous = signal.signal(ignored, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"]
        )
    finally:
        signal.signal(ignored, previous)
    stop(process)
    assert process.returncode == -signal.SIGTERM


def test_a_process_that_does_not_obey_is_killed(impatient):
    command = [sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        stop(process)
    assert process.returncode == -signal.SIGKILL
