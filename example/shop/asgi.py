"""The site with its WebSocket, which closes when the session ends."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.urls import path

from session_timeout.websockets import WebSocketTimeoutMiddleware

http = ASGIStaticFilesHandler(get_asgi_application())

from shop.consumers import Prices  # noqa: E402

routes = URLRouter([path("ws/prices/", Prices.as_asgi())])
sockets = AuthMiddlewareStack(WebSocketTimeoutMiddleware(routes))
application = ProtocolTypeRouter(
    {"http": http, "websocket": AllowedHostsOriginValidator(sockets)}
)
