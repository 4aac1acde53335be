"""System checks of the limits against the profiles. Every id is in docs/checks.md."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from session_timeout.compliance import Finding, Verdict, findings
from session_timeout.conf import config
from session_timeout.site_policy import site_policy

# An auditor has asked for the profile: what its clauses only recommend is an error
# too, and the message says which word they use.
IDS = {
    "idle": "session_timeout.E051",
    "absolute": "session_timeout.E052",
    "revocation": "session_timeout.E053",
    "warning": "session_timeout.E054",
}

HINTS = {
    "idle": "Set SESSION_EXPIRE_SECONDS{}, and let it count from the last activity.",
    "absolute": "Set SESSION_EXPIRE_ABSOLUTE_SECONDS{}.",
    "revocation": "Set SESSION_ENGINE to one that keeps sessions on the server.",
    "warning": "Put session_timeout.urls into the URLconf, the dialog into the pages, "
    "and set SESSION_TIMEOUT_WARNING_SECONDS{}.",
}


def check_profiles(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what misses a profile that SESSION_TIMEOUT_PROFILES names."""
    try:
        profiles = config().profiles
        if not profiles:
            return []
        policy = site_policy()
    except ImproperlyConfigured:
        return []  # reported by the checks of the settings and of the middleware
    return [
        message(found) for profile in profiles for found in findings(profile, policy)
    ]


def message(finding: Finding) -> CheckMessage:
    if finding.verdict is Verdict.UNKNOWN:
        return checks.Warning(
            f"{finding.sentence} That cannot be compared at start-up.",
            hint="Test what the callable returns, then silence this warning.",
            id="session_timeout.W055",
        )
    seconds, end = finding.clause.seconds, ""
    if seconds is not None:
        side = "more" if finding.kind == "warning" else "less"
        end = f" to {seconds:.12g} or {side}"
    hint = HINTS[finding.kind].format(end)
    return Error(finding.sentence, hint=hint, id=IDS[finding.kind])
