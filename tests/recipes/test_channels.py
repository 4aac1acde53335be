"""Channels: the recipe serves a session, and closes its WebSocket in the end."""

from __future__ import annotations

from session_timeout.websockets import (
    SESSION_ENDED,
)
from tests.support.sockets import ACCEPT, IDLE, Socket, play
from tests.support.waiting import SECONDS

RECIPE = "Channels"


def test_the_recipe_serves_a_session_and_closes_it(recipe, ada, clock):
    import shop.asgi

    async def scenario():
        socket = Socket(shop.asgi.application, ada)
        assert (await socket.connect())["type"] == ACCEPT
        assert (await socket.say())["text"] == "ada: hello"
        clock.tick(1800)
        assert await socket.say() == IDLE
        await socket.communicator.wait(SECONDS)

    play(scenario)


def test_the_recipe_names_the_close_code(recipe):
    assert f"close code of its own, {SESSION_ENDED}." in recipe
    assert f"code !== {SESSION_ENDED}" in recipe
