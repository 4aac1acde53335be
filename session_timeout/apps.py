"""The optional app entry: with it come the system checks."""

from django.apps import AppConfig
from django.core import checks


class SessionTimeoutConfig(AppConfig):
    name = "session_timeout"
    verbose_name = "Session timeout"

    def ready(self) -> None:
        from session_timeout.browser_checks import check_browser_side
        from session_timeout.checks import check_session_timeout
        from session_timeout.migration_checks import check_migration
        from session_timeout.profile_checks import check_profiles

        checks.register(check_session_timeout, checks.Tags.security)
        checks.register(check_browser_side, checks.Tags.security)
        checks.register(check_migration, checks.Tags.security)
        checks.register(check_profiles, checks.Tags.security)
