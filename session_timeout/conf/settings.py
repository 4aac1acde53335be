"""The table of all settings. docs/settings.md describes each one."""

from collections.abc import Callable
from typing import Any, NamedTuple

from session_timeout.conf import parsers


class Setting(NamedTuple):
    """The default of a setting, its parser, and the ID of the check of its value."""

    default: object
    parse: Callable[[str, object], Any]
    check_id: str


SETTINGS = {
    # The default is SESSION_COOKIE_AGE.
    "SESSION_EXPIRE_SECONDS": Setting(
        None, parsers.parse_limit, "session_timeout.E010"
    ),
    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY": Setting(
        True, parsers.parse_bool, "session_timeout.E011"
    ),
    # The default is a sixtieth of the idle limit, 1 to 60 s: see policy.Limits.
    "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": Setting(
        None, parsers.parse_grace, "session_timeout.E012"
    ),
    "SESSION_EXPIRE_ABSOLUTE_SECONDS": Setting(
        None, parsers.parse_limit, "session_timeout.E013"
    ),
    "SESSION_TIMEOUT_REDIRECT": Setting(
        None, parsers.parse_redirect, "session_timeout.E014"
    ),
    "SESSION_TIMEOUT_REDIRECT_ANONYMOUS": Setting(
        None, parsers.parse_optional_bool, "session_timeout.E015"
    ),
    "SESSION_TIMEOUT_HANDLER": Setting(
        None, parsers.parse_handler, "session_timeout.E016"
    ),
    "SESSION_TIMEOUT_MESSAGE": Setting(
        None, parsers.parse_text, "session_timeout.E017"
    ),
    "SESSION_TIMEOUT_PASSIVE_URLS": Setting(
        (), parsers.parse_urls, "session_timeout.E018"
    ),
    "SESSION_TIMEOUT_EXEMPT_URLS": Setting(
        (), parsers.parse_urls, "session_timeout.E019"
    ),
    "SESSION_TIMEOUT_WARNING_SECONDS": Setting(
        60, parsers.parse_seconds, "session_timeout.E020"
    ),
    "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS": Setting(
        None, parsers.parse_optional_seconds, "session_timeout.E024"
    ),
    "SESSION_TIMEOUT_CLEAR_SITE_DATA": Setting(
        (), parsers.parse_clear_site_data, "session_timeout.E021"
    ),
    # compliance/settings.py parses the items of the list.
    "SESSION_TIMEOUT_PROFILES": Setting((), parsers.parse_list, "session_timeout.E050"),
}
