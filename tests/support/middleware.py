"""Middleware of the test project."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from session_timeout.middleware import SessionTimeoutMiddleware
from session_timeout.policy import Expiry, Limits
from tests.support.views import meanwhile


class Subclass(SessionTimeoutMiddleware):
    """Overrides every hook."""

    def get_limits(self, request: HttpRequest) -> Limits:
        return Limits(60 if str(request.user) == "ada" else 600)

    def is_activity(self, request: HttpRequest) -> bool:
        return request.path != "/" and super().is_activity(request)

    def get_expired_response(
        self, request: HttpRequest, expiry: Expiry
    ) -> HttpResponse | None:
        return HttpResponse(f"ended: {expiry.reason}", status=403)


class AsyncSubclass(Subclass):
    """Overrides every hook with a coroutine function."""

    async def get_limits(self, request: HttpRequest) -> Limits:
        return Limits(60 if str(await request.auser()) == "ada" else 600)

    async def is_activity(self, request: HttpRequest) -> bool:
        return super().is_activity(request)

    async def get_expired_response(
        self, request: HttpRequest, expiry: Expiry
    ) -> HttpResponse | None:
        return super().get_expired_response(request, expiry)


def function(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware that uses the session before ours."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.session.get("x")
        return get_response(request)

    return middleware


@sync_and_async_middleware
def other_urls(get_response: Any) -> Any:
    """A middleware that gives requests another urlconf."""
    if iscoroutinefunction(get_response):

        async def amiddleware(request: HttpRequest) -> HttpResponse:
            request.urlconf = "tests.support.urls_without_users"
            return await get_response(request)

        return amiddleware

    def middleware(request: HttpRequest) -> HttpResponse:
        request.urlconf = "tests.support.urls_without_users"
        return get_response(request)

    return middleware


@sync_and_async_middleware
def meanwhile_inside(get_response: Any) -> Any:
    """A middleware behind which something else happens, once the session is known."""
    if iscoroutinefunction(get_response):

        async def amiddleware(request: HttpRequest) -> HttpResponse:
            await sync_to_async(meanwhile)(request)
            return await get_response(request)

        return amiddleware

    def middleware(request: HttpRequest) -> HttpResponse:
        meanwhile(request)
        return get_response(request)

    return middleware


@sync_and_async_middleware
def no_session(get_response: Callable[[HttpRequest], Any]) -> Any:
    """Throws the session away; nothing comes after SessionTimeoutMiddleware."""
    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> Any:
            request.session = None
            return await get_response(request)

    else:

        def middleware(request: HttpRequest) -> Any:
            request.session = None
            return get_response(request)

    return middleware


def in_transaction(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Opens a transaction around all other middleware."""
    return transaction.atomic(using="stores")(get_response)
