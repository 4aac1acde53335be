"""Trivial views, sync and async."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

# What happens elsewhere while the slow view runs.
meanwhile: Callable[[], Any] = list


class Views:
    @staticmethod
    def user(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.user.get_username())

    @staticmethod
    def plain(request: HttpRequest) -> HttpResponse:
        return HttpResponse("plain")

    @staticmethod
    def slow(request: HttpRequest) -> HttpResponse:
        name = request.user.get_username()
        meanwhile()
        return HttpResponse(name)

    @staticmethod
    def write(request: HttpRequest, key: str) -> HttpResponse:
        request.session[key] = True
        return HttpResponse("written")

    @staticmethod
    def keys(request: HttpRequest) -> HttpResponse:
        return JsonResponse(sorted(request.session.keys()), safe=False)


class AsyncViews:
    @staticmethod
    async def user(request: HttpRequest) -> HttpResponse:
        return HttpResponse((await request.auser()).get_username())

    @staticmethod
    async def plain(request: HttpRequest) -> HttpResponse:
        return HttpResponse("plain")

    @staticmethod
    async def slow(request: HttpRequest) -> HttpResponse:
        name = (await request.auser()).get_username()
        await meanwhile()
        return HttpResponse(name)

    @staticmethod
    async def write(request: HttpRequest, key: str) -> HttpResponse:
        await request.session.aset(key, True)
        return HttpResponse("written")

    @staticmethod
    async def keys(request: HttpRequest) -> HttpResponse:
        return JsonResponse(sorted(await request.session.akeys()), safe=False)
