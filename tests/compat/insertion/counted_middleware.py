"""The middleware as other projects' test suites get it: it counts what it sees."""

import atexit
import functools
import json
import os
from pathlib import Path

from session_timeout import tracking
from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.signals import session_expired

COUNTS = {"requests": 0, "sessions": 0, "written": 0, "expired": 0}


class CountedMiddleware(SessionTimeoutMiddleware):
    def __call__(self, request):
        COUNTS["requests"] += 1
        session = getattr(request, "session", None)
        if getattr(session, "session_key", None) is not None:
            COUNTS["sessions"] += 1
        return super().__call__(request)


def count_written(flow):
    @functools.wraps(flow)
    def counted(*args, **kwargs):
        COUNTS["written"] += 1
        return flow(*args, **kwargs)

    return counted


def count_expired(**kwargs):
    COUNTS["expired"] += 1


def report(path):
    with path.open("a") as file:
        file.write(json.dumps(COUNTS) + "\n")


tracking.write_activity = count_written(tracking.write_activity)
tracking.add_record_to_save = count_written(tracking.add_record_to_save)
session_expired.connect(count_expired)
atexit.register(report, Path(json.loads(os.environ["COMPAT_PLAN"])["counts"]))
