"""The site with a WebSocket, which repeats what it hears."""

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

http = get_asgi_application()

from benchmarks.soak.site.settings import HAS_TIMEOUT  # noqa: E402
from session_timeout.websockets import WebSocketTimeoutMiddleware  # noqa: E402


class Echo(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        await self.send(f"{self.scope['user']}: {text_data}")


echo = Echo.as_asgi()
socket = WebSocketTimeoutMiddleware(echo) if HAS_TIMEOUT else echo
application = ProtocolTypeRouter(
    {"http": http, "websocket": AuthMiddlewareStack(socket)}
)
