"""The manual's page on the checks, to which the hint of each message links."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.checks import CheckMessage

MANUAL = "https://django-inactivity-timeout.readthedocs.io/en/latest/"

Check = Callable[..., list[CheckMessage]]


def section_url(check_id: str) -> str:
    """Return the URL of the manual's section on a check id."""
    # As docutils makes an anchor from the target (session_timeout.E010)=.
    anchor = check_id.lower().replace("_", "-").replace(".", "-")
    return f"{MANUAL}checks.html#{anchor}"


def link_to_manual(check: Check) -> Check:
    """Add the link to its section of the manual to the hint of each message."""

    @wraps(check)
    def linked(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
        messages = check(app_configs, **kwargs)
        for message in messages:
            # Django begins the line of a hint with a tab as well.
            message.hint = f"{message.hint}\n\tSee {section_url(str(message.id))}"
        return messages

    return linked
