"""The system checks. docs/checks.md lists every id."""

from session_timeout.checks.browser import check_browser
from session_timeout.checks.compliance import check_profiles
from session_timeout.checks.predecessors import check_predecessors
from session_timeout.checks.settings import check_settings
from session_timeout.checks.urls import check_urls

ALL_CHECKS = (
    check_settings,
    check_urls,
    check_browser,
    check_predecessors,
    check_profiles,
)
