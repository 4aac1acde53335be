"""Packages for the same purpose: by what a project shows that it has them, and the ids.

Their own documentation tells what a project writes; none of them has to be installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from session_timeout import translations as to
from session_timeout.translations import DIALOG, TAG, Advice, Site


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a package, or a key of one, and what to write for it.

    is_own: its name alone shows that the project has the package. default: what the
    package does where it is not set, if that has to be written.
    """

    name: str
    id: str
    translate: Callable[[Site], Advice | None]
    is_own: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a template shows of a package."""

    pattern: str
    found: str
    hint: str
    id: str


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A package. middleware is a regex; modules are those at its top, and of forks."""

    name: str
    middleware: str
    modules: tuple[str, ...]
    middleware_id: str
    beside_id: str
    app_id: str
    urls_id: str
    processor_id: str
    stamps: str  # how often, by which Django saves the session
    key: str  # in the session
    settings: tuple[Setting, ...]
    marks: tuple[Mark, ...] = ()

    def has_module(self, path: str) -> bool:
        """Whether a dotted path is that of the package, or leads into it."""
        return path.partition(".")[0] in self.modules

    def has_middleware(self, path: str) -> bool:
        return re.fullmatch(self.middleware, path) is not None


LABD = Predecessor(
    name="django-session-timeout",
    middleware=r"django_session_timeout(_2025)?\.middleware\.SessionTimeoutMiddleware",
    modules=("django_session_timeout", "django_session_timeout_2025"),
    middleware_id="session_timeout.I101",
    beside_id="session_timeout.I102",
    app_id="session_timeout.I107",
    urls_id="session_timeout.I108",
    processor_id="",
    stamps="with each of its stamps",
    key="_session_init_timestamp_",
    settings=(
        Setting(
            to.FROM_ACTIVITY,
            "session_timeout.I103",
            to.from_start,
            False,
            default="counts from the session's start",
        ),
        Setting(
            to.GRACE,
            "session_timeout.I104",
            to.grace_of_a_second,
            False,
            default="waits 1 s between stamps",
        ),
        Setting(
            to.REDIRECT,
            "session_timeout.I105",
            to.labd_redirect,
            False,
            default="redirects everybody",
        ),
        Setting(to.MAXIMUM, "session_timeout.I106", to.maximum),
    ),
)

SESSION_SECURITY = Predecessor(
    name="django-session-security",
    middleware=r"session_security\.middleware\.SessionSecurityMiddleware",
    modules=("session_security",),
    middleware_id="session_timeout.I111",
    beside_id="session_timeout.I112",
    app_id="session_timeout.I118",
    urls_id="session_timeout.I119",
    processor_id="",
    stamps="with each request of a user",
    key="_session_security",
    settings=(
        Setting(
            to.EXPIRE_AFTER,
            "session_timeout.I113",
            to.expire_after,
            default="ends sessions after 600 s",
        ),
        Setting(to.WARN_AFTER, "session_timeout.I114", to.warn_after),
        Setting(to.PASSIVE_URLS, "session_timeout.I115", to.passive),
        Setting(to.PASSIVE_URL_NAMES, "session_timeout.I116", to.passive),
        Setting(to.REDIRECT_TO_LOGOUT, "session_timeout.I117", to.redirect_to_logout),
        Setting(
            "SESSION_SECURITY_INSECURE", "session_timeout.I141", to.without_counterpart
        ),
        Setting(
            "SESSION_SECURITY_PING_URL", "session_timeout.I142", to.without_counterpart
        ),
        Setting(
            "SESSION_SECURITY_JS_PATH", "session_timeout.I143", to.without_counterpart
        ),
    ),
    marks=(
        Mark(
            r"\{%-?\s*include\s+[\"']session_security/",
            "includes a template",
            f"Write {TAG} in its place.",
            "session_timeout.I120",
        ),
        Mark(
            r"\{%-?\s*load\s[^%]*\bsession_security_tags\b",
            "loads the tags",
            "Remove session_security_tags: the dialog has its times from the settings.",
            "session_timeout.I144",
        ),
        Mark(
            r"\bsessionSecurity\.|\byourlabs\.SessionSecurity\b",
            "uses the script",
            "Write SessionTimeout.extend() for activity() and ping(); the dialog asks "
            "nothing when a page is left, so that confirmFormDiscard goes.",
            "session_timeout.I145",
        ),
    ),
)

AUTO_LOGOUT = Predecessor(
    name="django-auto-logout",
    middleware=r"django_auto_logout\.middleware\.auto_logout",
    modules=("django_auto_logout",),
    middleware_id="session_timeout.I121",
    beside_id="session_timeout.I122",
    app_id="session_timeout.I130",
    urls_id="",
    processor_id="session_timeout.I127",
    stamps="with each request of a user, if it has an IDLE_TIME",
    key="django_auto_logout_last_request",
    settings=(
        Setting(to.IDLE_TIME, "session_timeout.I123", to.idle_time),
        Setting(to.SESSION_TIME, "session_timeout.I124", to.session_time),
        Setting(to.TEXT, "session_timeout.I125", to.text),
        Setting(to.IMMEDIATELY, "session_timeout.I126", to.immediately),
    ),
    marks=(
        Mark(
            r"\{\{-?\s*redirect_to_login_immediately\b",
            "has {{ redirect_to_login_immediately }}",
            f"Remove it. {DIALOG}",
            "session_timeout.I128",
        ),
        Mark(
            r"\bseconds_until_(?:session|idle)_end\b",
            "uses seconds_until_session_end or seconds_until_idle_end",
            "Read data-expires-in of the dialog, or expires_in of what "
            "session_timeout:status answers: the seconds until the first limit.",
            "session_timeout.I129",
        ),
    ),
)

# Versions that are no longer imported, copies and forks go by the name of the class.
IDLE_TIMEOUT = Predecessor(
    name="django-session-idle-timeout",
    middleware=r".*\.SessionIdleTimeout",
    modules=("django-session-idle-timeout", "django_session_idle_timeout"),
    middleware_id="session_timeout.I131",
    beside_id="session_timeout.I132",
    app_id="session_timeout.I136",
    urls_id="session_timeout.I134",
    processor_id="",
    stamps="with each request of a user",
    key="last_activity",
    settings=(
        Setting(
            "SESSION_IDLE_TIMEOUT",
            "session_timeout.I133",
            to.idle_timeout,
            False,
            default="ends sessions after 1800 s",
        ),
    ),
    marks=(
        Mark(
            r"\{%-?\s*(?:load\s[^%]*)?\bsession_keep_alive\b",
            "has session_keep_alive",
            f"Write {TAG} in its place: what the visitor does keeps the session alive, "
            "an open page alone does not.",
            "session_timeout.I135",
        ),
    ),
)

PREDECESSORS = (LABD, SESSION_SECURITY, AUTO_LOGOUT, IDLE_TIMEOUT)
