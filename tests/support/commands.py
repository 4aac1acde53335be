"""What management commands print."""

from io import StringIO

from django.core.management import call_command
from django.test import override_settings


def printed(*args, **settings):
    out = StringIO()
    with override_settings(**settings):
        call_command("session_timeout_policy", *args, stdout=out, no_color=True)
    return out.getvalue()
