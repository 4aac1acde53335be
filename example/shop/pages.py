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
        "Add some tea, then press “Run out, then add”: the old cart is gone with its "
        "session.",
    ),
    Page(
        "notes",
        "Notes",
        "Write a note, then press “Run out, then save”: you have to sign in first, and "
        "the note is not saved.",
    ),
    Page(
        "polling",
        "Polling",
        "Leave the mouse alone and watch: the page asks every 5 seconds, the idle time "
        "goes on, and the dialog opens.",
    ),
    Page(
        "fetch",
        "Fetch",
        "Press “Run out, then fetch”: the script gets a 401 that says why the session "
        "ended and where to sign in.",
    ),
    Page(
        "htmx",
        "htmx",
        "Press “Run out, then load”: htmx opens the login page, instead of showing it "
        "in the box.",
    ),
    Page(
        "async",
        "Async",
        "Press “Run out, then reload”: a coroutine view is protected like every other.",
    ),
    Page(
        "websocket",
        "WebSocket",
        "Watch the prices come in, then press “Run out”: the server closes the socket "
        "with code 4440.",
    ),
    Page(
        "admin:index",
        "Admin",
        "Press “Run out, then open”: Django's admin sends you to a login page of its "
        "own, and then to where you were going.",
    ),
)
MORE_PAGES = (
    Page("account", "Account", "How old your session is, and which limits it has."),
    Page("about", "About", "A public page that the timeout leaves alone."),
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
