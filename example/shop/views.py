"""One page for each kind of request that an idle session can meet."""

import time
from collections import Counter

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.test import Client
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from session_timeout.decorators import exempt, passive
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Record
from session_timeout.testing import make_idle
from shop import journal
from shop.models import Note
from shop.switches import SWITCHES, absolute_limit, chosen, idle_limit

GOODS = ("Coffee", "Tea", "Bread")

NoteForm = modelform_factory(Note, fields=["text"])


def times(request: HttpRequest) -> dict[str, int | None]:
    """Return the limits, the idle time and the age of the session, in seconds."""
    found = {
        "limit": idle_limit(request),
        "absolute": absolute_limit(request),
        "idle": None,
        "age": None,
    }
    if SESSION_TIMEOUT_KEY in request.session:
        record = Record.decode(request.session[SESSION_TIMEOUT_KEY])
        found["idle"] = int(time.time() - record.last_activity)
        found["age"] = int(time.time() - record.started_at)
    return found


def home(request: HttpRequest) -> HttpResponse:
    """Tell what the site shows, with the switches and the list of pages."""
    switches = [(name, each, chosen(request, name)) for name, each in SWITCHES.items()]
    return render(request, "shop/home.html", {"switches": switches})


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Remember what the visitor has chosen."""
    response = redirect("home")
    for name in SWITCHES.keys() & request.POST.keys():
        response.set_cookie(name, request.POST[name], samesite="Lax")
    return response


@passive
@require_POST
def idle(request: HttpRequest) -> HttpResponse:
    """Let the visitor's session have been idle until it warns, or until it is over.

    This is what the test helpers are for: nobody waits.
    """
    if request.session_timeout.expires_in is None:
        return JsonResponse({"expires_in": None})
    limit = idle_limit(request)
    left = min(settings.SESSION_TIMEOUT_WARNING_SECONDS, limit / 2)
    if request.POST.get("until") == "end":
        left = 0
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    make_idle(client, limit - left)
    why = f"It now counts as idle for {limit - left:.0f} s."
    journal.write(request.visitor, "aged", journal.line(request), why)
    return JsonResponse({"expires_in": left})


@exempt
@never_cache
def log(request: HttpRequest) -> JsonResponse:
    """Return the new lines of the visitor's journal."""
    after = request.GET.get("after", "")
    entries = journal.read(request.visitor, int(after) if after.isdecimal() else 0)
    return JsonResponse({"entries": [entry._asdict() for entry in entries]})


def about(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/about.html")


@login_required
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/account.html", times(request))


def cart(request: HttpRequest) -> HttpResponse:
    """Show the cart, which is in the session, and change it: nobody has to sign in."""
    contents = Counter(request.session.get("cart", {}))
    if request.method == "POST":
        contents.update(request.POST.getlist("add"))
        contents.subtract(request.POST.getlist("remove"))
        kept = {item: contents[item] for item in GOODS if contents[item] > 0}
        request.session["cart"] = kept
        return redirect("cart")
    rows = [(item, contents[item]) for item in GOODS]
    return render(request, "shop/cart.html", {"rows": rows})


@login_required
def notes(request: HttpRequest) -> HttpResponse:
    """Show the user's notes, and save another one."""
    form = NoteForm(request.POST or None, instance=Note(author=request.user))
    if form.is_valid():
        form.save()
        messages.success(request, "The note has been saved.")
        return redirect("notes")
    found = Note.objects.filter(author=request.user)
    return render(request, "shop/notes.html", {"form": form, "notes": found})


def polling(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/polling.html")


def status(request: HttpRequest) -> JsonResponse:
    """Answer the page that polls: its requests are passive by their URL's name."""
    return JsonResponse(times(request))


@login_required
def fetch(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/fetch.html")


def data(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user": request.user.get_username(), **times(request)})


@login_required
def htmx(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/htmx.html")


def fragment(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/fragment.html")


async def asynchronous(request: HttpRequest) -> HttpResponse:
    """Count the session's visits to this page, on an event loop."""
    visits = await request.session.aget("visits", 0) + 1
    await request.session.aset("visits", visits)
    user = await request.auser()
    context = {"name": user.get_username() or "nobody", "visits": visits}
    # The template asks for the user and the messages, which reads the database.
    return await sync_to_async(render)(request, "shop/async.html", context)


@login_required
def websocket(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/websocket.html")
