"""The client's side of WebSockets, and an application to talk to."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.auth import AuthMiddlewareStack, login, logout
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.contrib.auth.models import User
from django.urls import path

from session_timeout.websockets import (
    SESSION_ENDED,
    SESSION_UNKNOWN,
    WebSocketTimeoutMiddleware,
)
from tests.support.waiting import SECONDS

IDLE = {"type": "websocket.close", "code": SESSION_ENDED, "reason": "idle"}

GONE = {**IDLE, "reason": ""}

UNKNOWN = {"type": "websocket.close", "code": SESSION_UNKNOWN, "reason": ""}

ACCEPT = "websocket.accept"


class Echo(AsyncWebsocketConsumer):
    """Says what it hears, and does what it is told."""

    async def receive(self, text_data=None, bytes_data=None):
        if text_data == "logout":
            await logout(self.scope)
        elif text_data == "login":
            user = await User.objects.aget(username="bob")
            await login(self.scope, user)
            await self.scope["session"].asave()
        elif text_data == "close":
            await self.close()
        else:
            await self.send(f"{self.scope.get('user')}: {text_data}")

    async def disconnect(self, code):
        self.scope["closed"].append(code)


class Socket:
    """The client's side of a WebSocket, with the cookies of a browser."""

    def __init__(self, app, browser, **scope):
        cookies = browser.client.cookies.output(header="", sep=";").strip()
        self.closed = []
        headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
        scope = {
            "type": "websocket",
            "path": "/ws/prices/",
            "query_string": b"",
            "headers": [*headers, (b"cookie", cookies.encode())],
            "subprotocols": [],
            "closed": self.closed,
            **scope,
        }
        self.communicator = ApplicationCommunicator(app, scope)

    async def connect(self):
        await self.communicator.send_input({"type": "websocket.connect"})
        return await self.communicator.receive_output(SECONDS)

    async def send(self, text):
        message = {"type": "websocket.receive", "text": text}
        await self.communicator.send_input(message)

    async def next(self):
        return await self.communicator.receive_output(SECONDS)

    async def say(self, text="hello"):
        await self.send(text)
        return await self.next()

    async def leave(self):
        message = {"type": "websocket.disconnect", "code": 1000}
        await self.communicator.send_input(message)
        await self.communicator.wait(SECONDS)


def stack(app=None, outer=AuthMiddlewareStack, inner=WebSocketTimeoutMiddleware, **kw):
    routes = URLRouter([path("ws/prices/", app or Echo.as_asgi())])
    return outer(inner(routes, **kw))


def play(scenario):
    """Run an async scenario on a loop of its own, as a server would."""
    return async_to_sync(scenario)()
