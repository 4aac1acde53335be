"""A WebSocket that says who is there, and repeats what it hears."""

from channels.generic.websocket import AsyncWebsocketConsumer


class Echo(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        await self.send(f"{self.scope['user']}: {text_data}")
