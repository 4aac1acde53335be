"""The site with a WebSocket, which repeats what it hears."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

http = get_asgi_application()

from benchmarks.soak.site.settings import HAS_TIMEOUT  # noqa: E402
from session_timeout.websockets import WebSocketTimeoutMiddleware  # noqa: E402
from tests.support.race_site.echo import Echo  # noqa: E402

echo = Echo.as_asgi()
socket = WebSocketTimeoutMiddleware(echo) if HAS_TIMEOUT else echo
application = ProtocolTypeRouter(
    {"http": http, "websocket": AuthMiddlewareStack(socket)}
)
