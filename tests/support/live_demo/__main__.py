"""The example site on a clock that stands still.

python -m tests.support.live_demo UNIX_TIME

It prints its port. Each line on standard input moves the clock, and is answered by
"ok"; the end of the input ends it.
"""

import os
import sys
from datetime import UTC, datetime
from threading import Thread

import django
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from freezegun import freeze_time


class Quiet(WSGIRequestHandler):
    # A header and a body are two packets: without this, the second waits 40 ms.
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def moment(line: str) -> datetime:
    return datetime.fromtimestamp(float(line), UTC)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.support.live_demo.settings"
    django.setup()
    from django.contrib.auth.models import User
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from shop.switches import SWITCHES

    SWITCHES["idle"].choices["5184000"] = "2 months"  # MONTHS in world.py

    call_command("migrate", interactive=False, verbosity=0)
    for name in "demo", "other":
        User.objects.create_superuser(name, password=name)
    with freeze_time(moment(sys.argv[1])) as clock:
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.daemon_threads = True
        server.set_app(StaticFilesHandler(WSGIHandler()))
        Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)  # noqa: T201
        for line in sys.stdin:
            clock.move_to(moment(line))
            print("ok", flush=True)  # noqa: T201


main()
