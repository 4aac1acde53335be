"""WebSocketTimeoutMiddleware: a WebSocket whose session has ended is closed."""

from __future__ import annotations

import asyncio

import pytest
from channels.auth import AuthMiddlewareStack
from channels.sessions import SessionMiddlewareStack
from django.core.exceptions import ImproperlyConfigured

from session_timeout.policy import Limits, Record
from session_timeout.websockets import (
    SESSION_ENDED,
    SESSION_UNKNOWN,
    WebSocketTimeoutMiddleware,
)
from tests.support.client import START, Browser
from tests.support.engines import down
from tests.support.sockets import ACCEPT, GONE, IDLE, UNKNOWN, Echo, Socket, play, stack
from tests.support.waiting import SECONDS


@pytest.mark.parametrize("outer", [AuthMiddlewareStack, SessionMiddlewareStack])
def test_an_idle_session_is_refused_at_the_connect(engine, ada, clock, outer):
    clock.tick(1800)

    async def scenario():
        # A browser sees the code only of a socket that has been open.
        socket = Socket(stack(outer=outer), ada)
        assert await socket.connect() == {"type": ACCEPT, "subprotocol": None}
        assert await socket.next() == IDLE
        await socket.communicator.wait(SECONDS)
        assert socket.closed == []

    play(scenario)


def test_the_refusal_answers_the_question_for_a_subprotocol(ada, clock):
    clock.tick(1800)

    async def scenario():
        socket = Socket(stack(), ada, subprotocols=["v2", "v1"])
        assert (await socket.connect())["subprotocol"] == "v2"
        assert await socket.next() == IDLE

    play(scenario)


def test_the_timer_closes_an_open_socket(engine, ada, clock):
    clock.tick(1799.99)

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        clock.tick(0.01)
        assert await socket.next() == IDLE
        await socket.communicator.wait(SECONDS)
        assert socket.closed == [SESSION_ENDED]

    play(scenario)


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "file"], indirect=True)
def test_activity_elsewhere_keeps_the_socket_open(engine, ada, clock):
    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        for _ in range(3):
            clock.tick(1000)
            await ada.client.get("/page/")
        assert (await socket.say())["text"] == "ada: hello"
        clock.tick(1799)
        assert (await socket.say())["text"] == "ada: hello"
        clock.tick(1)
        assert await socket.say() == IDLE

    play(scenario)


def test_the_timer_finds_that_the_session_goes_on(ada, clock):
    clock.tick(1799.9999)

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        await ada.client.get("/page/")
        clock.tick(60)
        assert (await socket.say())["text"] == "ada: hello"
        await socket.leave()
        assert socket.closed == [1000]

    play(scenario)


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "file"], indirect=True)
def test_a_logout_elsewhere_closes_the_socket(engine, ada, clock):
    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        await ada.client.post("/logout/")
        assert (await socket.say())["text"] == "ada: hello"  # within the grace period
        clock.tick(30)
        assert await socket.say() == GONE
        await socket.communicator.wait(SECONDS)

    play(scenario)


def test_a_logout_between_the_users_load_and_ours_is_the_end(ada):
    async def scenario():
        async def meanwhile(scope, receive, send):
            await ada.client.post("/logout/")
            await app(scope, receive, send)

        app = WebSocketTimeoutMiddleware(Echo.as_asgi())
        socket = Socket(AuthMiddlewareStack(meanwhile), ada)
        await socket.connect()
        assert await socket.next() == GONE

    play(scenario)


def test_messages_are_no_activity(engine, ada, clock):
    before = ada.record

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        for _ in range(3):
            clock.tick(590)
            assert (await socket.say())["text"] == "ada: hello"
        clock.tick(30)
        assert await socket.say() == IDLE

    play(scenario)
    assert ada.record == before


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "file"], indirect=True)
def test_messages_are_activity_where_they_are_said_to_be(engine, ada, clock):
    async def scenario():
        socket = Socket(stack(messages_are_activity=True), ada)
        await socket.connect()
        for _ in range(3):
            clock.tick(1000)
            assert (await socket.say())["text"] == "ada: hello"
        clock.tick(10)  # within the grace period
        await socket.say()
        await socket.leave()

    play(scenario)
    assert ada.record.last_activity == START.timestamp() + 3000
    assert ada.user == "ada"


def test_what_is_pushed_is_no_activity(ada, clock):
    async def push(scope, receive, send):
        await receive()
        await send({"type": ACCEPT})
        for _ in range(3):
            clock.tick(600)
            await send({"type": "websocket.send", "text": "pushed"})
        assert (await receive())["code"] == SESSION_ENDED

    async def scenario():
        socket = Socket(stack(push, messages_are_activity=True), ada)
        await socket.connect()
        pushed = [await socket.next() for _ in range(3)]
        assert [message["type"] for message in pushed[:2]] == ["websocket.send"] * 2
        assert pushed[2] == IDLE
        await socket.communicator.wait(SECONDS)
        assert socket.communicator.output_queue.empty()

    play(scenario)


def test_an_app_that_waits_for_messages_learns_of_the_end_by_another_task(ada, clock):
    async def listen_and_push(scope, receive, send):
        await receive()
        await send({"type": ACCEPT})
        listening = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        clock.tick(1800)
        await asyncio.gather(
            *(send({"type": "websocket.send", "text": "pushed"}) for _ in range(2))
        )
        assert (await listening)["code"] == SESSION_ENDED
        await send({"type": "websocket.close"})

    async def scenario():
        socket = Socket(stack(listen_and_push), ada)
        await socket.connect()
        assert await socket.next() == IDLE
        await socket.communicator.wait(SECONDS)
        assert socket.communicator.output_queue.empty()

    play(scenario)


def test_a_socket_that_is_not_yet_accepted_is_closed_too(ada, clock):
    async def hesitate(scope, receive, send):
        await receive()
        clock.tick(1800)
        assert (await receive())["code"] == SESSION_ENDED
        await send({"type": ACCEPT})

    async def scenario():
        socket = Socket(stack(hesitate), ada)
        assert (await socket.connect())["type"] == ACCEPT
        assert await socket.next() == IDLE
        await socket.communicator.wait(SECONDS)
        assert socket.communicator.output_queue.empty()

    clock.tick(1799.99)
    play(scenario)


def test_the_absolute_limit_closes_it_too(ada, clock, settings):
    settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 3600

    async def scenario():
        socket = Socket(stack(messages_are_activity=True), ada)
        await socket.connect()
        for _ in range(3):
            clock.tick(1000)
            await socket.say()
        clock.tick(600)
        assert await socket.say() == {**IDLE, "reason": "absolute"}

    play(scenario)


def test_djangos_own_limit_closes_it_too(engine, ada, clock, settings):
    settings.SESSION_COOKIE_AGE = 600
    ada.login()

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        clock.tick(599)
        assert (await socket.say())["text"] == "ada: hello"
        clock.tick(2)
        closed = await socket.say()
        assert closed["code"] == SESSION_ENDED
        assert closed["reason"] in {"", "cookie_age"}

    play(scenario)


def test_a_receive_that_is_cancelled_during_a_check_loses_no_message(ada, clock):
    async def scenario():
        checking, go_on = asyncio.Event(), asyncio.Event()
        go_on.set()

        class Slow(WebSocketTimeoutMiddleware):
            async def get_limits(self, request):
                checking.set()
                await go_on.wait()
                return Limits(1800)

        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            go_on.clear()
            checking.clear()
            first = asyncio.ensure_future(receive())
            await asyncio.wait_for(checking.wait(), SECONDS)
            first.cancel()
            go_on.set()
            message = await receive()
            await send({"type": "websocket.send", "text": message["text"]})

        socket = Socket(stack(app, inner=Slow), ada)
        await socket.connect()
        clock.tick(600)
        assert (await socket.say("hello"))["text"] == "hello"

    play(scenario)


def test_a_malformed_record_closes_it(ada):
    ada.set(_session_timeout="none")

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        assert await socket.next() == {**IDLE, "reason": "invalid"}

    play(scenario)


def test_a_record_from_the_future_does_not_keep_it_open(ada, clock):
    now = START.timestamp()
    ada.set(_session_timeout=Record(now, now + 9e8, now + 9e9).encode())

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        assert (await socket.say())["text"] == "ada: hello"

    play(scenario)


def test_a_session_without_a_record_begins_once(engine, ada, clock):
    session = ada.session
    del session["_session_timeout"]
    session.save()
    ada.client.cookies["sessionid"] = session.session_key

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        clock.tick(1000)
        assert (await socket.say())["text"] == "ada: hello"
        clock.tick(800)
        assert await socket.say() == IDLE

    play(scenario)


def test_a_visitor_without_a_session_is_let_through(user, clock):
    async def scenario():
        socket = Socket(stack(), Browser("async"))
        await socket.connect()
        clock.tick(9999)
        assert (await socket.say())["text"] == "AnonymousUser: hello"
        await socket.leave()

    play(scenario)


def test_a_stale_cookie_is_that_of_a_visitor(engine, ada, clock):
    ada.client.cookies["sessionid"] = "nothing-is-stored-under-this-key"

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        for _ in range(2):
            clock.tick(100)
            assert (await socket.say())["text"] == "AnonymousUser: hello"
        await socket.leave()

    play(scenario)


def test_a_consumer_may_log_its_user_out_and_in(ada, clock):
    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        await socket.send("logout")
        assert (await socket.say())["text"] == "AnonymousUser: hello"
        await socket.send("login")
        assert (await socket.say())["text"] == "bob: hello"
        clock.tick(1800)
        assert await socket.say() == IDLE

    play(scenario)


def test_a_consumer_may_close(ada):
    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        assert (await socket.say("close"))["type"] == "websocket.close"
        await socket.leave()
        assert socket.closed == [1000]

    play(scenario)


def test_limits_may_be_asked_for(ada, clock, settings):
    seen = []

    async def idle_limit(request):
        user = await request.auser()
        seen.append((request.path, request.method, user.username))
        return 300 if request.user.is_staff else 1800

    settings.SESSION_EXPIRE_SECONDS = idle_limit

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        clock.tick(299)
        await socket.say()
        clock.tick(1)
        assert await socket.say() == IDLE

    play(scenario)
    assert set(seen) == {("/ws/prices/", "GET", "ada")}


def test_limits_may_look_at_the_session(ada, clock, settings):
    ada.set(kiosk=True)
    settings.SESSION_EXPIRE_SECONDS = lambda request: (
        60 if request.session.get("kiosk") else 1800
    )
    clock.tick(60)

    async def scenario():
        socket = Socket(stack(outer=SessionMiddlewareStack), ada)
        await socket.connect()
        assert await socket.next() == IDLE

    play(scenario)


def test_a_subclass_may_begin_with_the_limits_of_the_settings(ada, clock):
    class Half(WebSocketTimeoutMiddleware):
        def get_limits(self, request):
            return Limits(super().get_limits(request).idle / 2)

    clock.tick(900)

    async def scenario():
        socket = Socket(stack(inner=Half), ada)
        await socket.connect()
        assert await socket.next() == IDLE

    play(scenario)


@pytest.mark.parametrize("is_async", [False, True])
def test_a_subclass_may_have_limits_of_its_own(ada, clock, is_async):
    class Short(WebSocketTimeoutMiddleware):
        def get_limits(self, request):
            return Limits(60)

    class AsyncShort(Short):
        async def get_limits(self, request):
            return Limits(60)

    clock.tick(60)

    async def scenario():
        socket = Socket(stack(inner=AsyncShort if is_async else Short), ada)
        await socket.connect()
        assert await socket.next() == IDLE

    play(scenario)


def test_an_exempt_path_is_let_through(ada, clock, settings):
    settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/ws/"]
    clock.tick(1800)

    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        assert (await socket.say())["text"] == "ada: hello"
        await socket.leave()

    play(scenario)


@pytest.fixture
def failing(settings):
    """Sessions in a database that can go down."""
    settings.SESSION_ENGINE = "tests.support.engines.down"
    yield down.SessionStore
    down.SessionStore.is_down = False


def test_a_store_that_fails_closes_it_as_an_error(failing, ada, clock):
    async def scenario():
        socket = Socket(stack(), ada)
        await socket.connect()
        clock.tick(60)
        failing.is_down = True
        assert await socket.say() == UNKNOWN
        await socket.communicator.wait(SECONDS)
        assert socket.closed == [SESSION_UNKNOWN]

    play(scenario)


def test_a_store_that_fails_at_the_connect_lets_nobody_in(failing, ada):
    async def scenario():
        failing.is_down = True
        socket = Socket(stack(outer=SessionMiddlewareStack), ada)
        await socket.connect()
        assert await socket.next() == UNKNOWN

    play(scenario)


def test_without_a_session_in_the_scope_it_says_where_to_stand(ada):
    app = WebSocketTimeoutMiddleware(AuthMiddlewareStack(Echo.as_asgi()))

    async def scenario():
        socket = Socket(app, ada)
        await socket.communicator.send_input({"type": "websocket.connect"})
        with pytest.raises(ImproperlyConfigured, match="AuthMiddlewareStack"):
            await socket.communicator.wait(SECONDS)

    play(scenario)


def test_what_is_no_websocket_is_none_of_its_business():
    seen = []

    async def app(*args):
        seen.append(args)

    async def scenario():
        await WebSocketTimeoutMiddleware(app)({"type": "http"}, None, None)

    play(scenario)
    assert seen == [({"type": "http"}, None, None)]


def test_a_wrong_setting_is_told_at_the_start(settings):
    settings.SESSION_EXPIRE_SECONDS = -1
    with pytest.raises(ImproperlyConfigured, match="SESSION_EXPIRE_SECONDS"):
        WebSocketTimeoutMiddleware(Echo.as_asgi())
