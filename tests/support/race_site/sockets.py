"""The race site with a WebSocket, which says who is there."""

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from session_timeout.websockets import WebSocketTimeoutMiddleware

http = get_asgi_application()


class Echo(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        await self.send(f"{self.scope['user']}: {text_data}")


socket = AuthMiddlewareStack(WebSocketTimeoutMiddleware(Echo.as_asgi()))
application = ProtocolTypeRouter({"http": http, "websocket": socket})
