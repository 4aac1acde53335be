"""The race site with a WebSocket, which says who is there."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from session_timeout.websockets import WebSocketTimeoutMiddleware
from tests.support.race_site.echo import Echo

http = get_asgi_application()

socket = AuthMiddlewareStack(WebSocketTimeoutMiddleware(Echo.as_asgi()))
application = ProtocolTypeRouter({"http": http, "websocket": socket})
