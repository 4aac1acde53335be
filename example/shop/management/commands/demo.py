"""Serves the example site: the database, a user to sign in as, the server."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

ADDRESS = "127.0.0.1"
NAME = PASSWORD = "demo"


class Command(BaseCommand):
    help = "Prepares the database and serves the example site on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="default: 8000")

    def handle(self, *, port: int, **options: Any) -> None:
        check_port(port)
        call_command("migrate", interactive=False, verbosity=0)
        if not User.objects.filter(username=NAME).exists():
            User.objects.create_superuser(NAME, password=PASSWORD)
        self.stdout.write(
            f"\n  Open      http://{ADDRESS}:{port}/\n"
            '  Sign in   Press "Sign in as demo". There is nothing to type.\n'
            f"  Admin     Type the name {NAME} and the password {PASSWORD}.\n"
            f"  Limit     {settings.DEMO_LIMIT} s without activity\n"
            "  Stop      Ctrl+C\n"
        )
        uvicorn.run(
            "shop.asgi:application",
            host=ADDRESS,
            port=port,
            ws="websockets-sansio",
            lifespan="off",
            log_level="warning",
            timeout_graceful_shutdown=1,
        )


def check_port(port: int) -> None:
    """Raise CommandError unless the site can be served on that port."""
    another = f"Choose another one: make demo PORT={8002 if port == 8001 else 8001}"
    if not 0 < port < 65536:
        raise CommandError(f"There is no port {port}. {another}")
    try:
        socket.create_server((ADDRESS, port)).close()
    except OSError as error:
        problem = os.strerror(error.errno)
        raise CommandError(f"Port {port}: {problem}. {another}") from error
