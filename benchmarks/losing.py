"""Whether a slow request that only reads costs another one what it has written."""

from __future__ import annotations

import json
from typing import Any

from benchmarks import views
from benchmarks.clock import moved_clock
from benchmarks.contestants import using
from benchmarks.counting import counting
from benchmarks.site import Jar, Site, log_in

WRITES = 100
PAUSE = 60  # seconds, longer than every grace period


def lost_writes(site: Site, user: Any) -> int:
    """Return how many of a hundred application writes are gone.

    Each time: a pause, so that a stamp is due; a slow request begins and reads the
    session; another writes a key and ends; the slow one ends.
    """
    lost = 0
    with counting(), moved_clock() as clock, using(site.contestant.settings):
        jar = log_in(user)
        site.get("/user/", jar)
        for number in range(WRITES):
            clock.tick(PAUSE)
            write(site, jar, f"key-{number}")
            lost += f"key-{number}" not in json.loads(site.get("/keys/", jar).body)
    return lost


def write(site: Site, jar: Jar, key: str) -> None:
    views.meanwhile = lambda: site.meanwhile(f"/write/{key}/", jar)
    try:
        answer = site.get("/slow/", jar)
    finally:
        views.meanwhile = list
    if answer.status != 200:
        raise RuntimeError(f"status {answer.status}")
