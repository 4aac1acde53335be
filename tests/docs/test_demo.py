"""The example site, served by its own command and visited over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPCookieProcessor,
    HTTPErrorProcessor,
    ProxyHandler,
    Request,
    build_opener,
)

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.support.client import dashed
from tests.support.paths import ROOT
from tests.support.stored_sessions import make_later
from tests.support.waiting import SECONDS, wait_until

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-W", "error", str(ROOT / "example" / "manage.py"), "demo"]
LIMIT = 600
MESSAGE = "Your session has ended."
PASSIVE = {"X_Session_Passive": "1"}


@pytest.fixture(autouse=True)
def clock() -> None:
    """Leave the time alone: the site has its own process."""


@dataclass
class Site:
    """The example site while it is being served."""

    url: str
    database: Path

    def pass_time(self, visitor: Visitor, seconds: float) -> None:
        """Make it so many seconds later for the visitor's session."""
        make_later(self.database, visitor.session_key, seconds)


@dataclass
class Answer:
    """What the visitor gets in the end, after all redirects."""

    status: int
    url: str
    headers: Any
    text: str

    @property
    def address(self) -> str:
        """The path and query of the page that has been reached."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def element(self, id_: str) -> str:
        """Return the text of the element with that id."""
        found = re.search(rf'id="{id_}"[^>]*>(.*?)</', self.text, re.DOTALL)
        assert found, f"{id_} is not in {self.text}"
        return re.sub("<[^>]*>", "", found[1]).strip()


class Refusals(HTTPErrorProcessor):
    """Follows redirects, and hands over refusals as the answers that they are."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        if response.status >= 400:
            return response
        return super().http_response(request, response)


class Visitor:
    """A browser without scripts: cookies, redirects and forms."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cookies = CookieJar()
        self.opener = build_opener(
            ProxyHandler({}), HTTPCookieProcessor(self.cookies), Refusals()
        )

    @property
    def session_key(self) -> str | None:
        return {c.name: c.value for c in self.cookies}.get("sessionid")

    def get(self, path: str, **headers: str) -> Answer:
        return self._send(path, None, headers)

    def submit(self, page: Answer, path: str = "", **fields: str) -> Answer:
        """Send a form of the page that has been opened before."""
        token = re.search('name="csrfmiddlewaretoken" value="(.+?)"', page.text)
        assert token
        data = {"csrfmiddlewaretoken": token[1], **fields}
        body = urlencode(data).encode()
        return self._send(path or page.address, body, {"Referer": page.url})

    def sign_in(self, path: str = "/login/") -> Answer:
        return self.submit(self.get(path), username="demo", password="demo")

    def _send(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        request = Request(f"{self.site.url}{path}", body, dashed(headers))
        with self.opener.open(request, timeout=SECONDS) as response:
            text = response.read().decode()
            return Answer(response.status, response.url, response.headers, text)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def environment(database: Path) -> dict[str, str]:
    ours = {"DJANGO_SETTINGS_MODULE": "shop.settings", "PYTHONPATH": str(ROOT)}
    return os.environ | ours | {"DEMO_DB": str(database), "DEMO_LIMIT": str(LIMIT)}


@contextmanager
def serve(database: Path, port: int, log: Path) -> Iterator[Site]:
    """Serve the site with its command, and stop it as Ctrl-C does."""
    command = [*COMMAND, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment(database), stdout=output, stderr=output
        )

    def accepts_connections() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        return False

    try:
        wait_until(accepts_connections, "the site to accept connections")
        yield Site(f"http://127.0.0.1:{port}", database)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.wait(SECONDS)
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module", autouse=True)
def interruptible() -> Iterator[None]:
    """Let the site notice a Ctrl-C, also where the tests run in the background."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.fixture(scope="module")
def site(
    interruptible: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("example")
    with serve(path / "db.sqlite3", free_port(), path / "log") as site:
        yield site


@pytest.fixture(autouse=True)
def secret_key(settings: Any) -> None:
    """Read and write sessions as the example site does."""
    found = re.search(
        'SECRET_KEY = "(.+)"', (ROOT / "example/shop/settings.py").read_text()
    )
    assert found
    settings.SECRET_KEY = found[1]


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)


@pytest.fixture
def user(visitor: Visitor) -> Visitor:
    """A visitor who has signed in."""
    assert visitor.sign_in().address == "/account/"
    return visitor


def test_command_tells_how_to_use_the_site_and_starts_again(tmp_path: Path) -> None:
    port, database = free_port(), tmp_path / "db.sqlite3"
    for log in tmp_path / "first", tmp_path / "second":
        with serve(database, port, log) as site:
            assert Visitor(site).sign_in().element("user") == "demo"
        text = log.read_text()
        assert site.url in text
        assert "name demo and the password demo" in text
        assert f"{LIMIT} s without activity" in text

    with closing(sqlite3.connect(database)) as connection:
        users = connection.execute("SELECT username FROM auth_user").fetchall()
    assert users == [("demo",)]


@pytest.mark.parametrize("port", [None, 0, 65536])
def test_command_refuses_a_port_that_it_cannot_use(
    tmp_path: Path, port: int | None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = str(taken.getsockname()[1] if port is None else port)
        done = subprocess.run(
            [*COMMAND, "--port", wanted],
            env=environment(tmp_path / "db.sqlite3"),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(
        rf"CommandError: .*\b{wanted}\b.* Choose another one: make demo PORT=8001\n",
        done.stderr,
    )


@pytest.mark.parametrize("command", [["check"], ["makemigrations", "--check"]])
def test_settings_and_migrations_are_complete(
    tmp_path: Path, command: list[str]
) -> None:
    done = subprocess.run(
        [*COMMAND[:-1], *command],
        env=environment(tmp_path / "db.sqlite3"),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path",
    ["/", "/about/", "/cart/", "/polling/", "/login/", "/async/"],
)
def test_public_page_obeys_a_strict_content_security_policy(
    visitor: Visitor, path: str
) -> None:
    page = visitor.get(path)

    assert page.status == 200
    assert page.address == path
    assert page.element("login-link") == "Sign in"
    check_sources(page)


def test_user_can_sign_out_on_every_page(user: Visitor) -> None:
    for path in (
        "/",
        "/about/",
        "/account/",
        "/cart/",
        "/notes/",
        "/fetch/",
        "/htmx/",
        "/async/",
        "/websocket/",
    ):
        page = user.get(path)
        assert page.address == path
        assert page.element("user") == "demo"
        assert page.element("logout") == "Sign out"
        scripts = ["django_htmx/htmx-2.min.js"] if path == "/htmx/" else []
        if path != "/about/":  # which is exempt
            scripts.append("session_timeout/session_timeout.js")
        check_sources(page, *scripts)

    home = user.submit(page, "/logout/")
    assert home.address == "/"
    assert home.element("login-link") == "Sign in"


def check_sources(page: Answer, *scripts: str) -> None:
    """Check that a page needs nothing but default-src 'self'."""
    assert page.headers["Content-Security-Policy"] == "default-src 'self'"
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page.text)
    assert re.findall(r"<script([^>]*)>(.*?)</script>", page.text) == [
        (f' src="/static/{script}" defer', "") for script in ("shop/shop.js", *scripts)
    ]
    assert not re.search(r'(src|href)="(\w+:|//)', page.text)


def test_static_files_are_served(visitor: Visitor) -> None:
    links = set(re.findall('(?:src|href)="(/static/.+?)"', visitor.get("/").text))
    assert len(links) == 3
    assert [visitor.get(link).status for link in links] == [200] * 3


def test_account_shows_the_times_of_the_session(site: Site, user: Visitor) -> None:
    site.pass_time(user, LIMIT / 2)
    page = user.get("/account/")

    assert page.element("limit") == f"{LIMIT} s"
    assert 0 <= seconds(page.element("idle")) < 60
    assert LIMIT / 2 <= seconds(page.element("age")) < LIMIT


def seconds(text: str) -> int:
    return int(text.removesuffix(" s"))


def test_idle_user_signs_in_again_and_comes_back(site: Site, user: Visitor) -> None:
    site.pass_time(user, LIMIT)
    page = user.get("/account/?tab=1")

    assert page.address == "/login/?next=/account/%3Ftab%3D1"
    assert MESSAGE in page.element("messages")
    assert user.sign_in(page.address).address == "/account/?tab=1"


def test_user_who_comes_back_in_time_stays(site: Site, user: Visitor) -> None:
    for _ in range(3):
        site.pass_time(user, LIMIT - 60)
        assert user.get("/account/").element("user") == "demo"


def test_polling_keeps_no_session_alive(site: Site, user: Visitor) -> None:
    site.pass_time(user, LIMIT - 60)
    answer = json.loads(user.get("/polling/status/").text)
    assert answer["limit"] == LIMIT
    assert LIMIT - 60 <= answer["idle"] < LIMIT

    site.pass_time(user, 60)
    assert user.get("/account/").address == "/login/?next=/account/"


def test_polling_page_is_told_the_end(site: Site, user: Visitor) -> None:
    site.pass_time(user, LIMIT)
    answer = user.get("/polling/status/", Accept="application/json")

    assert answer.status == 401
    assert json.loads(answer.text)["reason"] == "idle"


def test_polling_without_a_session_tells_so(visitor: Visitor) -> None:
    answer = json.loads(visitor.get("/polling/status/").text)
    assert answer == {"limit": LIMIT, "absolute": None, "idle": None, "age": None}
    assert visitor.session_key is None


def test_fragment_sends_htmx_to_the_login_page(site: Site, user: Visitor) -> None:
    page = user.get("/htmx/")
    htmx = {"HX_Request": "true", "HX_Current_URL": page.url}
    assert "for demo," in user.get("/htmx/fragment/", **htmx).text

    site.pass_time(user, LIMIT)
    answer = user.get("/htmx/fragment/", **htmx)

    assert answer.status == 200
    assert answer.headers["HX-Redirect"] == "/login/?next=/htmx/"
    assert answer.text == ""
    assert MESSAGE in user.get("/login/").element("messages")


def test_script_is_told_why_and_where_to_go(site: Site, user: Visitor) -> None:
    headers = {"Accept": "application/json", "Referer": f"{site.url}/fetch/"}
    answer = user.get("/fetch/data/", **headers)
    assert json.loads(answer.text)["user"] == "demo"

    site.pass_time(user, LIMIT)
    answer = user.get("/fetch/data/", **headers)

    assert answer.status == 401
    assert json.loads(answer.text) == {
        "detail": "Your session has ended.",
        "reason": "idle",
        "redirect": "/login/?next=/fetch/",
    }
    assert MESSAGE in user.get("/login/").element("messages")


def test_form_that_comes_too_late_is_not_saved(site: Site, user: Visitor) -> None:
    page = user.submit(user.get("/notes/"), text="in time")
    assert page.element("messages") == "The note has been saved."
    assert "in time" in page.text

    site.pass_time(user, LIMIT)
    late = user.submit(page, text="too late")

    assert late.address == "/login/?next=/notes/"
    assert MESSAGE in late.element("messages")
    page = user.sign_in(late.address)
    assert page.address == "/notes/"
    assert "in time" in page.text
    assert "too late" not in page.text


def test_cart_works_without_a_sign_in(visitor: Visitor) -> None:
    page = visitor.get("/cart/")
    for fields in {"add": "Tea"}, {"add": "Tea"}, {"remove": "Tea"}, {"add": "Gold"}:
        page = visitor.submit(page, **fields)

    assert page.element("cart-tea") == "1"
    assert page.element("cart-coffee") == "0"
    assert "Gold" not in page.text


def test_cart_of_an_idle_visitor_is_emptied(site: Site, visitor: Visitor) -> None:
    page = visitor.submit(visitor.get("/cart/"), add="Coffee")
    assert page.element("cart-coffee") == "1"

    site.pass_time(visitor, LIMIT)
    page = visitor.get("/cart/")

    assert page.address == "/cart/"
    assert page.element("cart-coffee") == "0"
    assert visitor.session_key is None


def test_exempt_page_leaves_the_session_alone(site: Site, user: Visitor) -> None:
    site.pass_time(user, LIMIT)

    assert user.get("/about/").element("user") == "demo"
    assert user.get("/account/").address == "/login/?next=/account/"


def test_admin_has_its_own_login_page(site: Site, user: Visitor) -> None:
    path = "/admin/shop/note/"
    assert user.get(path).address == path

    site.pass_time(user, LIMIT)
    page = user.get(path)

    assert page.address == f"/admin/login/?next={path}"
    assert MESSAGE in page.text
    assert user.sign_in(page.address).address == path


def test_async_view_counts_the_visits_of_a_session(site: Site, user: Visitor) -> None:
    user.get("/async/")
    page = user.get("/async/")
    assert page.element("async-name") == "demo"
    assert page.element("async-visits") == "2"

    site.pass_time(user, LIMIT)
    page = user.get("/async/")
    assert page.address == "/login/?next=/async/"


def test_visitors_have_switches_of_their_own(site: Site, visitor: Visitor) -> None:
    home = visitor.submit(visitor.get("/"), "/switch/", idle="120", absolute="28800")
    assert home.element("limit") == "120 s"
    status = json.loads(visitor.get("/polling/status/").text)
    assert (status["limit"], status["absolute"]) == (120, 28800)

    assert Visitor(site).get("/").element("limit") == f"{LIMIT} s"


def test_choice_that_is_not_offered_counts_for_nothing(visitor: Visitor) -> None:
    home = visitor.submit(visitor.get("/"), "/switch/", idle="0", dialog="maybe")
    assert home.element("limit") == f"{LIMIT} s"


def test_dialog_can_be_switched_off(user: Visitor) -> None:
    assert "data-session-timeout" in user.get("/cart/").text
    home = user.submit(user.get("/"), "/switch/", dialog="off")
    assert "data-session-timeout" not in home.text
    assert "data-session-timeout" not in user.get("/admin/").text


@pytest.mark.parametrize(("until", "left"), [("warning", 20), ("end", 0)])
def test_session_can_be_made_idle(user: Visitor, until: str, left: int) -> None:
    answer = user.submit(user.get("/"), "/idle/", until=until)
    assert json.loads(answer.text) == {"expires_in": left}

    status = json.loads(user.get("/session-timeout/status/", **PASSIVE).text)
    assert status["active"] is (until == "warning")
    assert status["expires_in"] == pytest.approx(left, abs=10)


def test_visitor_without_a_session_cannot_be_made_idle(visitor: Visitor) -> None:
    answer = visitor.submit(visitor.get("/"), "/idle/", until="end")
    assert json.loads(answer.text) == {"expires_in": None}


def log(visitor: Visitor, after: int = 0) -> list[dict[str, Any]]:
    """Return the lines of the visitor's log, the oldest first."""
    found = json.loads(visitor.get(f"/log/?after={after}").text)
    entries: list[dict[str, Any]] = found["entries"]
    return entries


def test_log_says_what_the_server_did_and_why(site: Site, visitor: Visitor) -> None:
    visitor.get("/")
    visitor.sign_in()
    site.pass_time(visitor, LIMIT / 2)
    visitor.get("/polling/status/")
    visitor.get("/session-timeout/status/", **PASSIVE)
    visitor.get("/cart/")
    visitor.get("/about/")
    visitor.submit(visitor.get("/"), "/idle/", until="end")
    visitor.get("/fetch/data/", Accept="application/json")
    lines = log(visitor)

    # Within a second, activity is recorded once.
    kinds = [line["kind"].replace("unchanged", "recorded") for line in lines]
    assert list(zip(kinds, (line["request"] for line in lines), strict=True)) == [
        ("no session", "GET /"),
        ("no session", "GET /login/"),
        ("signed in", "POST /login/"),
        ("began", "POST /login/"),
        ("recorded", "GET /account/"),
        ("passive", "GET /polling/status/"),
        ("passive", "GET /session-timeout/status/"),
        ("recorded", "GET /cart/"),
        ("exempt", "GET /about/"),
        ("recorded", "GET /"),
        ("aged", "POST /idle/"),
        ("ended", "GET /fetch/data/"),
        ("answered", "GET /fetch/data/"),
    ]
    assert lines[-2]["why"] == f"Reason: idle, after {LIMIT} s without activity."
    assert lines[-1]["why"] == "Status 401, application/json"
    assert log(visitor, after=lines[-2]["number"]) == lines[-1:]
    assert log(Visitor(site)) == []


def test_log_says_where_a_navigation_was_sent(site: Site, user: Visitor) -> None:
    site.pass_time(user, LIMIT)
    user.get("/account/")
    answered = next(line for line in log(user) if line["kind"] == "answered")
    assert answered["why"] == "Status 302, to /login/?next=/account/"


def test_log_extends_nothing_and_does_not_fill_itself(
    site: Site, user: Visitor
) -> None:
    before = log(user)
    site.pass_time(user, LIMIT)
    assert log(user) == before
    assert user.get("/about/").element("user") == "demo"


def test_websocket_closes_when_the_session_ends(site: Site, user: Visitor) -> None:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in user.cookies)
    with connect(
        f"{site.url.replace('http', 'ws')}/ws/prices/",
        additional_headers={"Cookie": cookies},
        origin=Origin(site.url),
        proxy=None,
    ) as socket:
        assert str(socket.recv(SECONDS)).startswith("Tea: ")
        site.pass_time(user, LIMIT)
        with pytest.raises(ConnectionClosed) as closed:
            wait_until(lambda: not socket.recv(SECONDS), "the socket to be closed")
    assert closed.value.rcvd
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4440, "idle")
    assert log(user)[-1]["why"] == "Code 4440: its session has ended."
