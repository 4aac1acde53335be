"""The app: it registers the system checks."""

from django.apps import AppConfig
from django.core import checks


class SessionTimeoutConfig(AppConfig):
    name = "session_timeout"
    verbose_name = "Session timeout"

    def ready(self) -> None:
        from session_timeout.checks import ALL_CHECKS
        from session_timeout.tracking import connect_login_receiver

        connect_login_receiver()
        for check in ALL_CHECKS:
            checks.register(check, checks.Tags.security)
