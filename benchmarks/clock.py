"""A clock that is moved, for whatever reads the time in what is compared."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from django.utils import timezone

real_time = time.time


class Clock:
    """The time of day, ahead by so many seconds; standing still where it is set."""

    def __init__(self, *, standing: bool) -> None:
        self.ahead = 0.0
        self.now = real_time() if standing else None

    def tick(self, seconds: float) -> None:
        self.ahead += seconds

    def time(self) -> float:
        return (real_time() if self.now is None else self.now) + self.ahead


@contextmanager
def moved_clock() -> Iterator[Clock]:
    """Let the time stand still, save where it is moved."""
    clock = Clock(standing=True)

    class MovedDatetime(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.fromtimestamp(clock.time(), tz)

    with ExitStack() as stack:
        stack.enter_context(patch.object(time, "time", clock.time))
        stack.enter_context(patch.object(timezone, "datetime", MovedDatetime))
        if security := sys.modules.get("session_security.middleware"):
            stack.enter_context(patch.object(security, "datetime", MovedDatetime))
        yield clock


@contextmanager
def shifted_clock(clock: Clock) -> Iterator[None]:
    """Let time.time() be ahead; the stores' own sense of time stays."""
    with patch.object(time, "time", clock.time):
        yield
