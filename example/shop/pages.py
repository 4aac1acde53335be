"""The pages that show one kind of request each, and what every template is told."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest

from shop import switches


class Page(NamedTuple):
    """A page: the name of its URL, its title, and what to try on it."""

    name: str
    title: str
    attempt: str


PAGES = (
    Page(
        "cart",
        "Cart",
        "Add some tea, then press “Expire session, then add”: the new session has a "
        "coffee, but no tea. If you were signed in, you have to sign in first.",
    ),
    Page(
        "notes",
        "Notes",
        "Write a note, then press “Expire session, then save”: you have to sign in "
        "first, and the note is not saved.",
    ),
    Page(
        "polling",
        "Polling",
        "Leave the mouse alone and watch: the page asks the server every 5 seconds. "
        "The idle time still grows, and the dialog opens.",
    ),
    Page(
        "fetch",
        "Fetch",
        "Press “Expire session, then fetch”: the script gets a 401 that says why the "
        "session ended and where to sign in.",
    ),
    Page(
        "htmx",
        "htmx",
        "Press “Expire session, then load”: htmx opens the login page, instead of "
        "showing it in the box.",
    ),
    Page(
        "async",
        "Async",
        "Press “Expire session, then reload”: a coroutine view is protected like any "
        "other.",
    ),
    Page(
        "websocket",
        "WebSocket",
        "Watch the prices come in, then press “Expire session”: the server closes the "
        "socket with code 4440.",
    ),
    Page(
        "admin:index",
        "Admin",
        "Press “Expire session, then open”: you get the admin's own login page. Type "
        "demo into both fields, and you reach the admin.",
    ),
)
MORE_PAGES = (
    Page("account", "Account", "How old your session is, and which limits it has."),
    Page("about", "About", "A public page that the timeout ignores."),
)


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the base template shows on every page."""
    match = request.resolver_match
    name = match.view_name if match else ""
    return {
        "pages": PAGES,
        "more_pages": MORE_PAGES,
        "page": next((p for p in (*PAGES, *MORE_PAGES) if p.name == name), None),
        "live": settings.DEMO_LIVE or name == "home",
        "dialog": switches.chosen(request, "dialog") == "on",
        "reauthenticate": switches.seconds(request, "reauthenticate"),
        "idle_limit": switches.idle_limit(request),
        "absolute_limit": switches.absolute_limit(request),
    }
