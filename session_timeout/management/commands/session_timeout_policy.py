"""manage.py session_timeout_policy: print the policy that is in force."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from session_timeout.compliance import report


class Command(BaseCommand):
    help = (
        "Prints the session timeout policy of this site, and which profiles it meets."
    )
    # A missed profile fails a system check, but this command has to report it.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="Print JSON.")
        form.add_argument("--markdown", action="store_true", help="Print Markdown.")
        parser.add_argument(
            "--fail",
            action="store_true",
            help="Exit with status 1 if the policy misses a profile.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = report.get_report()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_data(found), indent=2))
        else:
            write = report.as_markdown if options["markdown"] else report.as_text
            self.stdout.write(write(found))
        if options["fail"] and found.missed:
            raise CommandError(f"The policy misses: {', '.join(found.missed)}.")
