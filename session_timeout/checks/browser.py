"""System checks of the dialog and its URLs. See docs/checks.md."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse

from session_timeout.checks.manual import link_to_manual
from session_timeout.conf import get_config
from session_timeout.responses import is_exempt

Messages = Iterator[CheckMessage]

NAMES = [f"session_timeout:{name}" for name in ("status", "extend", "resumed")]


@link_to_manual
def check_browser(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what prevents the dialog and its URLs from working."""
    try:
        get_config()
    except ImproperlyConfigured:
        return []  # reported by check_settings()
    paths = []
    with suppress(NoReverseMatch):  # a site without the dialog needs no URLs
        paths = [reverse(name) for name in NAMES]
    exempt = chain.from_iterable(map(check_exempt, paths))
    return [*exempt, *check_lead(), *check_reauthentication(paths)]


def check_exempt(path: str) -> Messages:
    request = HttpRequest()
    request.path_info = f"/{path.removeprefix(get_script_prefix())}"
    if is_exempt(request):
        yield Error(
            f"{path} is exempt from the timeout, so its view cannot tell how long the "
            "session lasts.",
            hint="Change SESSION_TIMEOUT_EXEMPT_URLS so that it does not match "
            "this URL.",
            id="session_timeout.E035",
        )


def check_lead() -> Messages:
    """Compare only a lead that the site has set: the default adapts itself."""
    config, name = get_config(), "SESSION_TIMEOUT_WARNING_SECONDS"
    idle = config.limits.idle if config.limits else None
    if idle is None or not hasattr(settings, name) or config.warning <= idle / 2:
        return
    yield checks.Warning(
        f"{name} is {config.warning:.12g} s, more than half of SESSION_EXPIRE_SECONDS "
        f"({idle:.12g} s): pages warn {idle / 2:.12g} s before the end instead.",
        hint=f"Set {name} to {idle / 2:.12g} or less.",
        id="session_timeout.W045",
    )


def check_reauthentication(paths: list[str]) -> Messages:
    name = "SESSION_TIMEOUT_REAUTHENTICATE_SECONDS"
    if get_config().reauthenticate is not None and not paths:
        yield checks.Warning(
            f"{name} is set, but session_timeout.urls is not in the URLconf, so no "
            "page can offer to sign in again.",
            hint="Include session_timeout.urls in your URLconf, and add the template "
            "tag session_timeout to your base template.",
            id="session_timeout.W047",
        )
