"""{% session_timeout %}: the dialog that warns before the session ends."""

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.template import Context
from django.utils.safestring import SafeString

from session_timeout import browser

register = template.Library()


@register.simple_tag(takes_context=True)
def session_timeout(
    context: Context,
    activity: bool = True,
    logout_url: str | None = None,
    reauthenticate: float | None = None,
) -> SafeString:
    """Return the dialog, or nothing if the session cannot end.

    browser/dialog.py describes the arguments.
    """
    request = context.get("request") or getattr(context, "request", None)
    if request is None and context.template_name == "500.html":
        return SafeString("")  # Django renders this template without a request
    if request is None:
        raise ImproperlyConfigured(
            "{% session_timeout %} needs the request. Render the template with it, as "
            'render(request, ...) does, and add "django.template.context_processors.'
            'request" to the context_processors.'
        )
    nonce = context.get("csp_nonce")
    return browser.session_timeout(request, activity, logout_url, nonce, reauthenticate)
