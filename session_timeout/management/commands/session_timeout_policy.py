"""manage.py session_timeout_policy: the effective policy, for the documentation."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from session_timeout.compliance.report import (
    get_report,
    report_as_data,
    report_as_markdown,
    report_as_text,
)


class Command(BaseCommand):
    help = "Prints the session timeout policy, and which profiles it meets."
    # A missed profile is an error of a system check, and what this command reports.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="Print JSON.")
        form.add_argument("--markdown", action="store_true", help="Print Markdown.")
        parser.add_argument(
            "--fail", action="store_true", help="Exit with 1 if a profile is missed."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = get_report()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report_as_data(found), indent=2))
        else:
            write = report_as_markdown if options["markdown"] else report_as_text
            self.stdout.write(write(found))
        if options["fail"] and found.missed:
            raise CommandError(f"Missed: {', '.join(found.missed)}.")
