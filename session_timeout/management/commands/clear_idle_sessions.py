"""manage.py clear_idle_sessions: delete the sessions that have passed a limit."""

import time
from math import inf
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from session_timeout import cleanup
from session_timeout.cleanup import CleanupError, Counts, NothingToDelete

INTERVAL = 5  # seconds between two lines on the progress


class Command(BaseCommand):
    help = (
        "Deletes the sessions that have passed their idle or absolute limit. You can "
        "run this while the site is in use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Count the sessions, and delete none.",
        )
        parser.add_argument(
            "--batch-size",
            type=int,
            default=1000,
            help="How many sessions to read at once (default: %(default)s).",
        )
        parser.add_argument(
            "--idle-seconds",
            type=float,
            help="The idle limit, instead of SESSION_EXPIRE_SECONDS.",
        )
        parser.add_argument(
            "--absolute-seconds",
            type=float,
            help="The absolute limit, instead of SESSION_EXPIRE_ABSOLUTE_SECONDS.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("batch_size", "idle_seconds", "absolute_seconds"):
            value = options[name]
            if value is not None and not 0 < value < inf:
                option = f"--{name.replace('_', '-')}"
                raise CommandError(f"{option} must be a positive number, not {value}.")
        try:
            self.clear(**options)
        except NothingToDelete as nothing:
            self.say(f"Nothing to clear. {nothing}", options["verbosity"])
        except (CleanupError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error

    def clear(
        self,
        *,
        dry_run: bool,
        batch_size: int,
        idle_seconds: float | None,
        absolute_seconds: float | None,
        verbosity: int,
        **options: Any,
    ) -> None:
        progress = cleanup.delete_idle_sessions(
            cleanup.get_site_backend(),
            cleanup.get_site_limits(idle_seconds, absolute_seconds),
            time.time(),
            batch_size=batch_size,
            dry_run=dry_run,
        )
        counts = Counts()
        for counts, is_time in cleanup.throttled_progress(
            progress, INTERVAL, time.monotonic
        ):
            if is_time or verbosity > 1:
                self.say(summary(counts, dry_run, so_far=True), verbosity)
        self.say(summary(counts, dry_run), verbosity)
        if left := left_alone(counts):
            self.say(left, verbosity)

    def say(self, text: str, verbosity: int) -> None:
        if verbosity > 0:
            self.stdout.write(text)


def summary(counts: Counts, dry_run: bool, *, so_far: bool = False) -> str:
    verb = "Would remove" if dry_run else "Removed"
    total, seen = counts.removed.total(), counts.seen
    reasons = ", ".join(
        f"{reason} {number:,}" for reason, number in sorted(counts.removed.items())
    )
    of = f"{verb} {total:,} of {seen:,} sessions"
    return f"{of}{f' ({reasons})' if reasons else ''}{' so far' if so_far else ''}."


def left_alone(counts: Counts) -> str:
    """Return which sessions the command could not judge or delete."""
    found = {
        "without a record": counts.without_record,
        "unreadable": counts.unreadable,
        "changed meanwhile": counts.changed,
    }
    parts = [f"{number:,} {what}" for what, number in found.items() if number]
    return f"Left alone: {', '.join(parts)}." if parts else ""
