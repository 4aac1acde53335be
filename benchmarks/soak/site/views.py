"""The views of the site. Each that needs a login answers 403 without one."""

from __future__ import annotations

import time

from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse

SLOW = 0.2  # seconds


def read(request: HttpRequest) -> JsonResponse:
    """Respond with whose session it is, and what has been written to it."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    numbers = request.session.get("numbers", [])
    return JsonResponse({"user": request.user.get_username(), "numbers": numbers})


def read_slowly(request: HttpRequest) -> JsonResponse:
    response = read(request)
    time.sleep(SLOW)
    return response


def write(request: HttpRequest, number: str) -> JsonResponse:
    if not request.user.is_authenticated:
        raise PermissionDenied
    numbers = request.session.get("numbers", [])
    request.session["numbers"] = [*numbers, number]
    return read(request)


def sign_in(request: HttpRequest) -> JsonResponse:
    login(request, User.objects.get(username=request.GET["name"]))
    return read(request)


def sign_out(request: HttpRequest) -> JsonResponse:
    logout(request)
    return JsonResponse({"user": "", "numbers": []})
