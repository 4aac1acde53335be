"""WebSocketTimeoutMiddleware, which closes a WebSocket when its session has ended.

It is an ASGI middleware, and does not import Channels. It reads the session that
Channels has put into the scope.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from session_timeout.conf import get_config
from session_timeout.policy import Limits
from session_timeout.websockets.close_codes import SESSION_ENDED, SESSION_UNKNOWN
from session_timeout.websockets.monitor import (
    Scope,
    SessionMonitor,
    UnknownSessionError,
)

HOUR = 3600.0
MISPLACED = (
    "WebSocketTimeoutMiddleware found no session in the scope. Put it within Channels' "
    "SessionMiddlewareStack or AuthMiddlewareStack: "
    "AuthMiddlewareStack(WebSocketTimeoutMiddleware(URLRouter([...])))."
)

logger = logging.getLogger("session_timeout")
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class WebSocketTimeoutMiddleware:
    """Closes a WebSocket with the code SESSION_ENDED once its session has ended.

    Put it inside Channels' SessionMiddlewareStack or AuthMiddlewareStack. If
    messages_are_activity is true, each message from the client counts as activity.
    Otherwise, none does. A subclass may override get_limits() with a plain function or
    a coroutine function.

    Raises ImproperlyConfigured if a setting is wrong, or if the scope of a WebSocket
    has no session.
    """

    def __init__(self, app: App, *, messages_are_activity: bool = False) -> None:
        self.app = app
        self.messages_are_activity = messages_are_activity
        base = WebSocketTimeoutMiddleware
        self._limits_per_request = type(self).get_limits is not base.get_limits
        get_config()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        if "session" not in scope:
            raise ImproperlyConfigured(MISPLACED)
        monitor = SessionMonitor(scope, self.get_limits, self._limits_per_request)
        socket = Socket(scope, receive, send, monitor, self.messages_are_activity)
        try:
            if await socket.is_open():
                await self.app(scope, socket.receive, socket.send)
            else:
                await receive()
                await socket.close()
        finally:
            socket.release()

    def get_limits(self, request: HttpRequest) -> Limits:
        """Return the limits of this socket's session, in seconds.

        request is the request that has opened the socket. It has the path, the headers
        and the session, and the user if you use Channels' AuthMiddleware.
        """
        return get_config().limits_for(request)


class Socket:
    """A WebSocket that passes on messages until its session has ended."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        monitor: SessionMonitor,
        messages_are_activity: bool,
    ) -> None:
        self._subprotocols = scope.get("subprotocols") or [None]
        self._receive = receive
        self._send = send
        self._monitor = monitor
        self._messages_are_activity = messages_are_activity
        # The message that the application receives when the session has ended.
        self._closed: asyncio.Future[Message] = (
            asyncio.get_running_loop().create_future()
        )
        self._incoming: asyncio.Future[Message] | None = None
        self._is_accepted = False
        self._code = SESSION_ENDED

    async def receive(self) -> Message:
        """Return the next message, or "websocket.disconnect" once the session ends."""
        while not self._closed.done():
            message = await self._peek()
            if self._closed.done():
                break
            if message is not None and message["type"] != "websocket.receive":
                return self._take()
            is_activity = message is not None and self._messages_are_activity
            if message is not None and self._monitor.is_known_to_go_on(
                is_activity=is_activity
            ):
                return self._take()
            if not await self.is_open(is_activity=is_activity):
                await self.close()
            elif message is not None:
                return self._take()
        return self._closed.result()

    async def send(self, message: Message) -> None:
        """Send a message, unless the session has ended."""
        if message["type"] == "websocket.send" and not self._closed.done():
            known = self._monitor.is_known_to_go_on(is_activity=False)
            if not known and not await self.is_open():
                await self.close()
        if message["type"] == "websocket.accept":
            self._is_accepted = True
        if not self._closed.done():
            await self._send(message)

    async def is_open(self, *, is_activity: bool = False) -> bool:
        """Read the store, and return whether the session has not ended.

        If it returns False, the caller closes the socket.
        """
        try:
            return await self._monitor.check(is_activity=is_activity)
        except UnknownSessionError as error:
            logger.warning("The session of a WebSocket was not read.", exc_info=error)
            self._code = SESSION_UNKNOWN
            return False

    async def close(self) -> None:
        """Close the socket, and send "websocket.disconnect" to the application."""
        if self._closed.done():
            return
        end = {"code": self._code, "reason": self._monitor.reason or ""}
        self._closed.set_result({"type": "websocket.disconnect", **end})
        if not self._is_accepted:
            # Accept it first: browsers hide the close code of a socket that has never
            # been open. They also need an answer to their request for a subprotocol.
            accept = {"type": "websocket.accept", "subprotocol": self._subprotocols[0]}
            await self._send(accept)
        await self._send({"type": "websocket.close", **end})

    def release(self) -> None:
        self._closed.cancel()
        if self._incoming is not None:
            self._incoming.cancel()

    async def _peek(self) -> Message | None:
        """Return the next message, or None when it is time to check the session.

        The message stays the next one until _take() returns it, because the application
        may cancel its receive() during the check of the session.
        """
        if self._incoming is None:
            self._incoming = asyncio.ensure_future(self._receive())
        await asyncio.wait(
            {self._incoming, self._closed},
            timeout=min(max(self._monitor.check_at - time.time(), 0), HOUR),
            return_when=asyncio.FIRST_COMPLETED,
        )
        return self._incoming.result() if self._incoming.done() else None

    def _take(self) -> Message:
        """Return the message that _peek() has found."""
        incoming = cast("asyncio.Future[Message]", self._incoming)
        self._incoming = None
        return incoming.result()
