"""manage.py clear_idle_sessions: remove the sessions that are past a limit."""

from __future__ import annotations

import logging
import time
from argparse import ArgumentTypeError
from collections.abc import Callable
from math import inf
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from session_timeout.clearing import NotClearableError, Tally, clear
from session_timeout.conf import config
from session_timeout.policy import Limits
from session_timeout.site_policy import session_store, site_policy

logger = logging.getLogger("session_timeout")


class Command(BaseCommand):
    help = "Removes the sessions whose idle or absolute limit has passed."
    progress_every = 5.0  # seconds

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--dry-run", action="store_true", help="Count them, remove none.")
        add(
            "--batch-size",
            type=positive(int),
            default=1000,
            help="How many sessions are looked at at once; 1000 by default.",
        )
        for limit in ("idle", "absolute"):
            add(
                f"--{limit}-seconds",
                type=positive(float),
                help=f"The {limit} limit, where it is told by a callable.",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            limits = limits_of(options["idle_seconds"], options["absolute_seconds"])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        dry_run, said_at, tally = options["dry_run"], time.monotonic(), Tally()
        try:
            for tally in clear(
                session_store(),
                limits,
                time.time(),
                batch_size=options["batch_size"],
                dry_run=dry_run,
            ):
                if time.monotonic() - said_at >= self.progress_every:
                    self.stderr.write(f"… {sentence(tally, dry_run)}")
                    said_at = time.monotonic()
        except NotClearableError:
            raise CommandError(
                f"{settings.SESSION_ENGINE} keeps its sessions neither in rows nor in "
                "files: there is nothing to clear. Caches drop what has expired, and "
                "cookies lie with the visitors."
            ) from None
        text = sentence(tally, dry_run)
        self.stdout.write(text)
        logger.info(text, extra={"seen": tally.seen, "ended": dict(tally.ended)})


def positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = kind(0)
        if not 0 < value < inf:
            raise ArgumentTypeError(f"{text!r} is no positive number.")
        return value

    return parse


def limits_of(idle: float | None, absolute: float | None) -> Limits:
    """Return the limits: those that are given, or else those of the settings.

    Raises CommandError where they cannot be known, or where there is none, and
    ImproperlyConfigured where the settings are wrong.
    """
    conf = config()
    if idle is not None or absolute is not None:
        return Limits.of(idle, absolute, conf.grace, conf.from_start)
    policy, limits = site_policy(), conf.limits
    if limits is None or policy.idle.asked:
        raise CommandError(
            "The limits are told for each request, and here there is none. Give the "
            "longest ones by --idle-seconds and --absolute-seconds."
        )
    if limits.idle is None and limits.absolute is None:
        raise CommandError(
            "SESSION_EXPIRE_SECONDS and SESSION_EXPIRE_ABSOLUTE_SECONDS are None: no "
            "session can be past a limit."
        )
    return limits


def sentence(tally: Tally, dry_run: bool) -> str:
    """Return what has been done, or would be."""
    by_reason = ", ".join(f"{n:,} {why}" for why, n in sorted(tally.ended.items()))
    done = f"{'Would remove' if dry_run else 'Removed'} {tally.ended.total():,}"
    return f"{done} of {tally.seen:,} sessions{f': {by_reason}' if by_reason else ''}."
