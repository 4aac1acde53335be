"""The views of the test project."""

from collections.abc import Callable

from django.contrib.auth import alogout, authenticate, login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View

from session_timeout.decorators import exempt, passive


def still(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Leaves the session alone."""
    return HttpResponse("still")


def page(request: HttpRequest) -> HttpResponse:
    """Says who is there, and what the messages are."""
    from django.contrib.messages import get_messages

    said = "; ".join(str(message) for message in get_messages(request))
    return HttpResponse(f"user={request.user} {said}")


def write(request: HttpRequest) -> HttpResponse:
    """Sets each query parameter in the session."""
    for key, value in request.GET.items():
        request.session[key] = value
    return HttpResponse("written")


def read(request: HttpRequest) -> JsonResponse:
    """Tells the session's own data."""
    return JsonResponse({k: v for k, v in request.session.items() if k[0] != "_"})


class Meanwhile:
    """What happens while a view runs; a test sets it."""

    function: Callable[[HttpRequest], object] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        function, self.function = self.function, None
        result = function(request) if function else None
        return result if isinstance(result, HttpResponse) else HttpResponse("done")


meanwhile = Meanwhile()


def during(request: HttpRequest) -> HttpResponse:
    return meanwhile(request)


@passive
def passive_during(request: HttpRequest) -> HttpResponse:
    return meanwhile(request)


@exempt
def exempt_during(request: HttpRequest) -> HttpResponse:
    return meanwhile(request)


async def coroutine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"user={await request.auser()}")


async def dialog(request: HttpRequest) -> HttpResponse:
    return render(request, "dialog.html")


async def sign_out(request: HttpRequest) -> HttpResponse:
    await alogout(request)
    return HttpResponse("signed out")


@passive
def poll(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"user={request.user}")


@passive
async def async_poll(request: HttpRequest) -> HttpResponse:
    return HttpResponse("async poll")


@exempt
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


@exempt
async def async_public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("async public")


@method_decorator(passive, name="dispatch")
class PassiveView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("class")


@method_decorator(exempt, name="dispatch")
class ExemptView(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("class")


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Logs in without leaving the session, as a re-authentication does."""
    user = authenticate(request, username="ada", password="secret")
    login(request, user)
    return HttpResponse("again")
