import asyncio
import random

from channels.generic.websocket import AsyncWebsocketConsumer

from session_timeout.websockets import SESSION_ENDED
from shop import journal
from shop.middleware import COOKIE

EVERY = 1  # second


class Prices(AsyncWebsocketConsumer):
    """Sends a price each second. That is no activity: nobody has to be there for it."""

    async def connect(self) -> None:
        await self.accept()
        self.prices = asyncio.create_task(self.send_prices())

    async def send_prices(self) -> None:
        while True:
            await self.send(f"Tea: {random.uniform(2, 3):.2f}")  # noqa: S311
            await asyncio.sleep(EVERY)

    async def disconnect(self, code: int) -> None:
        self.prices.cancel()
        if code == SESSION_ENDED and (visitor := self.scope["cookies"].get(COOKIE)):
            why = f"Code {code}: its session has ended."
            journal.write(visitor, "closed", f"WebSocket {self.scope['path']}", why)
