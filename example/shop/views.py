"""One page for each kind of request that an idle session can meet."""

import time
from collections import Counter

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from session_timeout.policy import Record
from shop.limits import CHOICES, COOKIE, idle_limit
from shop.models import Note

GOODS = ("Coffee", "Tea", "Bread")

NoteForm = modelform_factory(Note, fields=["text"])


def times(request: HttpRequest) -> dict[str, int | None]:
    """Return the limit, how long the session has been idle, and its age, in seconds."""
    limit = idle_limit(request)
    if SESSION_TIMEOUT_KEY not in request.session:
        return {"limit": limit, "idle": None, "age": None}
    record, now = Record.decode(request.session[SESSION_TIMEOUT_KEY]), time.time()
    idle, age = now - record.last_activity, now - record.started_at
    return {"limit": limit, "idle": int(idle), "age": int(age)}


def home(request: HttpRequest) -> HttpResponse:
    """Tell what the site is for, and offer other limits."""
    chosen = request.COOKIES.get(COOKIE)
    choices = [(key, choice.label, key == chosen) for key, choice in CHOICES.items()]
    context = {"limit": idle_limit(request), "choices": choices}
    return render(request, "shop/home.html", context)


@require_POST
def limits(request: HttpRequest) -> HttpResponse:
    """Remember which limits the visitor has chosen."""
    response = redirect("home")
    response.set_cookie(COOKIE, request.POST.get("limits", ""), samesite="Lax")
    return response


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
def scripts(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/scripts.html")


def fragment(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/fragment.html")


def data(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user": request.user.get_username(), **times(request)})


async def asynchronous(request: HttpRequest) -> HttpResponse:
    """Count the session's visits to this page, on an event loop."""
    visits = await request.session.aget("visits", 0) + 1
    await request.session.aset("visits", visits)
    user = await request.auser()
    context = {"name": user.get_username() or "nobody", "visits": visits}
    # The template asks for the user and the messages, which reads the database.
    return await sync_to_async(render)(request, "shop/async.html", context)
