"""System checks of the settings against profiles. See docs/checks.md."""

from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from session_timeout.checks.manual import link_to_manual
from session_timeout.checks.settings import setting_error
from session_timeout.compliance.effective_settings import get_effective_settings
from session_timeout.compliance.evaluation import Finding, Verdict, shortcomings
from session_timeout.compliance.settings import get_profiles
from session_timeout.conf import SETTINGS, SettingError, read_setting

PROFILES = "SESSION_TIMEOUT_PROFILES"

# What a profile requires ("shall"), and what it recommends ("should").
REQUIRED = {
    "idle": "session_timeout.E051",
    "absolute": "session_timeout.E052",
    "revocation": "session_timeout.E053",
    "warning": "session_timeout.E054",
    "clearing": "session_timeout.E060",
}
RECOMMENDED = {
    "idle": "session_timeout.W056",
    "absolute": "session_timeout.W057",
    "revocation": "session_timeout.W058",
    "warning": "session_timeout.W059",
    "clearing": "session_timeout.W061",
}

HINTS = {
    "idle": "Set SESSION_EXPIRE_SECONDS{}, and leave "
    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY at True.",
    "absolute": "Set SESSION_EXPIRE_ABSOLUTE_SECONDS{}.",
    "revocation": "Set SESSION_ENGINE to an engine that stores sessions on the server, "
    "such as django.contrib.sessions.backends.db.",
    "clearing": "Include session_timeout.urls in your URLconf, add the template tag "
    "session_timeout to your base template, and leave "
    "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS at None.",
    "warning": "Include session_timeout.urls in your URLconf, add the template tag "
    "session_timeout to your base template, and set SESSION_TIMEOUT_WARNING_SECONDS{}.",
}


@link_to_manual
def check_profiles(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what misses a profile that SESSION_TIMEOUT_PROFILES names."""
    try:
        read_setting(PROFILES)
    except SettingError:
        return []  # reported by check_settings()
    try:
        profiles = get_profiles()
    except SettingError as error:
        return [setting_error(error, SETTINGS[PROFILES].check_id)]
    if not profiles:
        return []
    try:
        site = get_effective_settings()
    except ImproperlyConfigured:
        return []  # reported by check_settings()
    return [
        message(found) for profile in profiles for found in shortcomings(profile, site)
    ]


def message(finding: Finding) -> CheckMessage:
    if finding.verdict is Verdict.UNKNOWN:
        return checks.Warning(
            f"{finding.sentence} This cannot be checked before a request.",
            hint="Test what the callable returns, then silence this warning.",
            id="session_timeout.W055",
        )
    seconds, end = finding.clause.seconds, ""
    if seconds is not None:
        side = "more" if finding.kind == "warning" else "less"
        end = f" to {seconds:.12g} or {side}"
    hint = HINTS[finding.kind].format(end)
    if finding.clause.word == "should":
        found_id = RECOMMENDED[finding.kind]
        return checks.Warning(finding.sentence, hint=hint, id=found_id)
    return Error(finding.sentence, hint=hint, id=REQUIRED[finding.kind])
