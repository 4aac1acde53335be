"""The dialog of a page: rendering it, and the context of its template."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from math import floor
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from session_timeout.browser.countdown import (
    MINUTE,
    Countdown,
    checkpoints,
    countdown,
)
from session_timeout.browser.status import session_marks
from session_timeout.conf import get_config, parse_seconds
from session_timeout.policy import Limits
from session_timeout.responses import (
    is_exempt,
    login_url,
    name_in_admin,
    named_page,
)
from session_timeout.tracking import keep_start

logger = logging.getLogger("session_timeout")
# Functions that find the nonce: of django-csp, then of Django (6.0 and later).
NONCE_GETTERS: list[Callable[[HttpRequest], object]] = [
    lambda request: getattr(request, "csp_nonce", None)
]
with suppress(ImportError):  # Django 5.2 has none
    NONCE_GETTERS.append(import_string("django.middleware.csp.get_nonce"))


def session_timeout(
    request: HttpRequest,
    activity: bool = True,
    logout_url: str | None = None,
    nonce: object = None,
    reauthenticate: float | None = None,
) -> SafeString:
    """Return the HTML of the dialog, or an empty string if no session can end.

    activity is whether typing, pointing and touching in the page extend the session.

    logout_url is a path, a URL or a URL name. None looks for a logout view, and ""
    leaves out the button.

    nonce is the nonce of the Content-Security-Policy. None takes the one of Django's
    ContentSecurityPolicyMiddleware or of django-csp.

    reauthenticate is how many seconds the page stays covered after the end, so that its
    user can sign in again and go on. None takes SESSION_TIMEOUT_REAUTHENTICATE_SECONDS,
    and 0 empties the page at the end.

    Does no I/O. Raises ImproperlyConfigured if session_timeout.urls is not in the
    URLconf, or if reauthenticate is not a number of seconds.
    """
    context = dialog_context(request, activity, logout_url, nonce, reauthenticate)
    if context is None:
        return mark_safe("")
    html: SafeString = find_template("dialog.html").render(context)
    return mark_safe(html)  # noqa: S308


def dialog_context(
    request: HttpRequest,
    activity: bool,
    logout_url: str | None,
    nonce: object,
    reauthenticate: float | None = None,
) -> dict[str, Any] | None:
    """Return the context of the template, or None if there is nothing to render.

    All numbers are strings, because templates would localise numbers.
    """
    tracked = getattr(request, "session_timeout", None)
    if tracked is None or is_exempt(request):
        return None
    config, status = get_config(), tracked.status(request.session)
    if status is None or status.expires_in is None:
        return None
    keep_start(request.session, status)
    keep_out_of_caches(request)
    signed_in = status.user_id is not None
    seconds = reauthentication_seconds(reauthenticate) if signed_in else 0
    return {
        "status_url": endpoint(request, "status"),
        "extend_url": endpoint(request, "extend"),
        **countdown_context(countdown(status, config.warning)),
        "session": session_marks(status)[0],
        "grace": number(status.limits.grace),
        "activity": activity,
        "signed_in": signed_in,
        "reload": not signed_in and not config.redirect_anonymous,
        "logout_url": find_logout(request, logout_url) if signed_in else "",
        "reauthenticate": number(seconds),
        "login_url": find_login(request) if seconds else "",
        "csrf_token": get_token(request),
        "nonce": find_nonce(request, nonce),
        "idle_limit_text": idle_limit_text(status.limits),
        "next": request.get_full_path(),
    }


def keep_out_of_caches(request: HttpRequest) -> None:
    """Keep a page that belongs to one session out of Django's own caches.

    cache_page() sees the response before the middleware can make it private. So this
    sets the attribute that stops it from storing the page: see django.middleware.cache.
    """
    request.session.accessed = True  # the response varies on the cookie
    request.session_timeout.is_private = True  # type: ignore[attr-defined]
    request._cache_update_cache = False  # type: ignore[attr-defined]


def countdown_context(left: Countdown) -> dict[str, Any]:
    """Return the part of the context that describes the remaining time."""
    leads = {left.warn_before, left.final_lead or left.warn_before}
    return {
        "expires_in": number(left.expires_in),
        "reason": str(left.reason),
        "can_extend": left.can_extend,
        "warn_before": number(left.warn_before),
        "final_warn_before": number(left.final_lead),
        "announcements": [
            {"seconds": number(at), "text": announcement(at)}
            for at in checkpoints(leads)
        ],
    }


def number(seconds: float | None) -> str:
    """Return a number in the form that JavaScript reads, or "" for None."""
    return "" if seconds is None else f"{round(seconds, 3):.3f}".rstrip("0").rstrip(".")


def endpoint(request: HttpRequest, name: str) -> str:
    """Return the URL of a view of the package.

    Raises ImproperlyConfigured if session_timeout.urls is not in the URLconf.
    """
    try:
        return reverse(f"session_timeout:{name}", getattr(request, "urlconf", None))
    except NoReverseMatch:
        raise ImproperlyConfigured(
            "{% session_timeout %} needs the URLs of the package. Add "
            'path("session-timeout/", include("session_timeout.urls")) to the URLconf.'
        ) from None


def find_logout(request: HttpRequest, logout_url: str | None) -> str:
    """Return the URL that the sign-out button posts to, or the empty string."""
    if logout_url is not None:
        return named_page(request, logout_url) if logout_url else ""
    name = name_in_admin(request.resolver_match, "logout") or "logout"
    try:
        return named_page(request, name)
    except NoReverseMatch:
        return ""


def reauthentication_seconds(asked: float | None) -> float:
    """Return how many seconds the page stays covered after the end, or 0.

    asked is the argument of the template tag. Raises SettingError if it is not a number
    of seconds.
    """
    if asked is None:
        return get_config().reauthenticate or 0
    return parse_seconds("reauthenticate of {% session_timeout %}", asked, zero=True)


def find_login(request: HttpRequest) -> str:
    """Return the URL where the user signs in again, or the empty string."""
    try:
        return login_url(request, endpoint(request, "resumed"))
    except NoReverseMatch:
        # The system checks report this to the developer. Visitors must not get a 500.
        logger.exception("LOGIN_URL has no URL: nobody can sign in again from a page.")
        return ""


def find_nonce(request: HttpRequest, nonce: object) -> str:
    """Return the nonce of the Content-Security-Policy, or the empty string."""
    # Compare with None: a lazy nonce is false until something has used it.
    nonces = nonce, *(get_nonce(request) for get_nonce in NONCE_GETTERS)
    return next((str(found) for found in nonces if found is not None), "")


def announcement(seconds: float) -> str:
    """Return the announcement for this number of seconds before the end."""
    minutes, rest = divmod(seconds, MINUTE)
    if not rest:
        count = int(minutes)
        text = ngettext(
            "Your session will end in %(count)d minute.",
            "Your session will end in %(count)d minutes.",
            count,
        )
        return text % {"count": count}
    count = max(int(seconds), 1)
    text = ngettext(
        "Your session will end in %(count)d second.",
        "Your session will end in %(count)d seconds.",
        count,
    )
    return text % {"count": count}


def idle_limit_text(limits: Limits) -> str:
    """Return a sentence about the idle limit, for pages without scripts."""
    if limits.idle is None or limits.from_start or limits.idle < MINUTE:
        return ""
    count = floor(limits.idle / MINUTE)
    text = ngettext(
        "If you do nothing for %(count)d minute, your session will end.",
        "If you do nothing for %(count)d minutes, your session will end.",
        count,
    )
    return text % {"count": count}


def find_template(name: str) -> Any:
    """Return the project's template of that name, or else the one of the package.

    The package's template is found even if no template engine of the project searches
    the apps.
    """
    name = f"session_timeout/{name}"
    try:
        return get_template(name)
    except TemplateDoesNotExist:
        return own_engine().get_template(name)


@cache
def own_engine() -> DjangoTemplates:
    directory = Path(__file__).parent.parent / "templates"
    return DjangoTemplates(
        {
            "NAME": "session_timeout",
            "DIRS": [directory],
            "APP_DIRS": False,
            "OPTIONS": {},
        }
    )
