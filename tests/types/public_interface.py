"""The types of the public interface, as a user calls it: mypy reads this file.

An ignored error that mypy does not find is itself an error, so that each of them is a
use which the types refuse.
"""

from typing import assert_type

from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.utils.decorators import method_decorator
from django.views import View

from session_timeout import testing
from session_timeout.compliance import Clause, Profile
from session_timeout.decorators import exempt, passive
from session_timeout.middleware import SESSION_TIMEOUT_KEY, SessionTimeoutMiddleware
from session_timeout.policy import Expiry, Limits, Reason, Record
from session_timeout.signals import session_cleared, session_expired


@passive
def unread(request: HttpRequest, folder: int = 0) -> HttpResponse:
    return HttpResponse(folder)


@exempt
async def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


@method_decorator(passive, name="dispatch")
class Progress(View):
    pass


class Middleware(SessionTimeoutMiddleware):
    def get_limits(self, request: HttpRequest) -> Limits:
        return Limits(120, absolute=3600)

    def is_activity(self, request: HttpRequest) -> bool:
        return super().is_activity(request)

    def get_expired_response(
        self, request: HttpRequest, expiry: Expiry
    ) -> HttpResponse | None:
        return HttpResponse(expiry.reason)


def handler(request: HttpRequest, expiry: Expiry) -> HttpResponse | None:
    assert_type(expiry.reason, Reason)
    assert_type(expiry.user_id, str | None)
    assert_type(expiry.last_activity, float | None)
    return None


async def with_helpers(client: Client, async_client: AsyncClient) -> None:
    assert_type(testing.make_idle(client, seconds=1800), Record)
    assert_type(testing.make_old(client, seconds=1800), Record)
    assert_type(testing.get_record(client), Record)
    assert_type(await testing.amake_idle(async_client, 1800), Record)
    testing.make_idle("a client", 1800)  # type: ignore[arg-type]
    testing.make_idle(client, seconds="1800")  # type: ignore[arg-type]


async def with_views() -> None:
    assert_type(unread(HttpRequest(), folder=7), HttpResponse)
    assert_type(await health(HttpRequest()), HttpResponse)
    unread(HttpRequest(), "7")  # type: ignore[arg-type]
    await health(HttpRequest(), 7)  # type: ignore[call-arg]


def with_values() -> None:
    handler(HttpRequest(), Expiry(Reason.IDLE))
    handler(HttpRequest(), "idle")  # type: ignore[arg-type]
    assert_type(Limits(60).idle, float | None)
    assert_type(Record(0.0, 60.0, 3600.0).last_activity, float)
    assert_type(SESSION_TIMEOUT_KEY, str)
    assert_type(session_expired, Signal)
    assert_type(session_cleared, Signal)


def with_middleware(middleware: Middleware) -> None:
    assert_type(middleware.get_limits(HttpRequest()), Limits)


def with_profile() -> None:
    profile = Profile("staff", "Staff", idle=Clause("4.2", 600))
    assert_type(profile.idle, Clause | None)
    Clause("4.2", "600")  # type: ignore[arg-type]
