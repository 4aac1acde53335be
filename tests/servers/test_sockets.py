"""WebSockets as uvicorn serves them, with workers of its own and a real clock."""

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.racing import WAIT, manage_database, serve

pytestmark = pytest.mark.races

LIMIT = 5  # seconds: longer than a busy machine takes to open a socket


@pytest.fixture
def clock():
    """The real clock."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("sockets")


@pytest.fixture(scope="module")
def settings(directory):
    path = str(directory / "db.sqlite3")
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    settings = {
        "DATABASES": {"default": {**sqlite, "TEST": {"NAME": path, "MIGRATE": False}}},
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "session_timeout.middleware.SessionTimeoutMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": 0,
    }
    manage_database("create", settings)
    return settings


@pytest.fixture
def site(request, settings, directory):
    limit = {"SESSION_EXPIRE_SECONDS": request.param}
    with serve("sockets", settings | limit, directory / "log") as site:
        yield site


def open_socket(site, cookie):
    headers = {"Cookie": f"sessionid={cookie}"}
    url = f"ws://127.0.0.1:{site.port}/"
    return connect(url, additional_headers=headers, open_timeout=WAIT, proxy=None)


def end_of(socket):
    """Return the code and the reason with which the server closes the socket."""
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(WAIT)
    return closed.value.rcvd.code, closed.value.rcvd.reason


@pytest.mark.parametrize("site", [LIMIT], indirect=True)
def test_a_socket_is_closed_when_its_session_has_been_idle(site):
    cookie = site.get("/login/").cookie
    with open_socket(site, cookie) as socket:
        socket.send("hello")
        assert socket.recv(WAIT) == "ada: hello"
        assert end_of(socket) == (4440, "idle")
    with open_socket(site, cookie) as again:
        assert end_of(again) == (4440, "idle")


@pytest.mark.parametrize("site", [1800], indirect=True)
def test_a_socket_is_closed_by_the_first_message_after_the_logout(site):
    cookie = site.get("/login/").cookie
    with open_socket(site, cookie) as socket:
        socket.send("hello")
        assert socket.recv(WAIT) == "ada: hello"
        site.get("/logout/", cookie)
        socket.send("still there?")
        assert end_of(socket) == (4440, "")


@pytest.mark.parametrize("site", [1800], indirect=True)
def test_a_socket_without_a_session_is_left_alone(site):
    with open_socket(site, "") as socket:
        socket.send("hello")
        assert socket.recv(WAIT) == "AnonymousUser: hello"
