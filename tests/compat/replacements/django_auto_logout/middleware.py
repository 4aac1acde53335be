"""In place of django-auto-logout's middleware: AUTO_LOGOUT, in our settings."""

from counted_middleware import CountedMiddleware
from django.conf import settings
from django.test import override_settings


def auto_logout(get_response):
    ours = CountedMiddleware(get_response)

    def middleware(request):
        # The tests assign AUTO_LOGOUT without Django's signal setting_changed.
        with override_settings(
            SESSION_EXPIRE_SECONDS=settings.AUTO_LOGOUT.get("IDLE_TIME"),
            SESSION_EXPIRE_ABSOLUTE_SECONDS=settings.AUTO_LOGOUT.get("SESSION_TIME"),
            SESSION_TIMEOUT_MESSAGE=settings.AUTO_LOGOUT.get("MESSAGE"),
        ):
            return ours(request)

    return middleware
