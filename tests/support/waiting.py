"""Waits with a bound, each of which says what it waited for."""

import signal
import subprocess
import time
from collections.abc import Callable

import pytest

STEP = 0.02  # seconds between two looks
SECONDS = 60  # at most, also on a busy machine


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Look until the condition holds; fail after SECONDS with what was waited for.

    It counts looks instead of asking the clock, which tests freeze.
    """
    for _ in range(round(SECONDS / STEP)):
        if condition():
            return
        time.sleep(STEP)
    pytest.fail(f"Waited {SECONDS} s for {what}.")


def stop(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM) -> None:
    """End a process that this one has started; kill it if it does not obey in time.

    SIGINT and SIGQUIT will not do for every program: a process that is started in the
    background of a script inherits that they are ignored.
    """
    process.send_signal(by)
    try:
        process.wait(SECONDS / 6)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(SECONDS)
