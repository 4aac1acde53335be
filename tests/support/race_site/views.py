"""The views of the race site. Each tells which worker it has run in."""

import os
import time

from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse

from session_timeout.backends import RECORD_KEY, get_backend
from session_timeout.flow import run_sync
from session_timeout.policy import Record, merge_records


def answer(**values: object) -> JsonResponse:
    return JsonResponse({"worker": os.getpid(), **values})


def keys(request: HttpRequest) -> list[str]:
    """The application's own, without Django's, the record and the control's stamp."""
    return [key for key in request.session.keys() if key[0] != "_"]  # noqa: SIM118


def show(request: HttpRequest) -> JsonResponse:
    """What is stored; this is no activity."""
    session, found = request.session, keys(request)
    record = Record.decode(session[RECORD_KEY]) if RECORD_KEY in session else None
    if record:
        beside = run_sync(get_backend(session, session.session_key).read_record())
        record = merge_records(record, beside, time.time())
    user = request.user.get_username()
    return answer(keys=found, user=user, record=record and record._asdict())


def slow(request: HttpRequest, milliseconds: int) -> JsonResponse:
    """Read the session, and take some time."""
    found = len(keys(request))
    time.sleep(milliseconds / 1000)
    return answer(found=found)


def write(request: HttpRequest, key: str) -> JsonResponse:
    """Add a key to the session, and tell how many have been there."""
    found = len(keys(request))
    request.session[key] = True
    return answer(found=found)


def sign_in(request: HttpRequest) -> JsonResponse:
    login(request, User.objects.get(username="ada"))
    return answer()


def sign_out(request: HttpRequest) -> JsonResponse:
    logout(request)
    return answer()
