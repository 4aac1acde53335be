"""How the tests find their servers, and what they say of those that are missing."""

import socket

import pytest

from tests.support import servers


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Whatever the environment of this run says, these tests start from nothing."""
    for name in servers.PORTS:
        for suffix in ("", "_USER", "_PASSWORD"):
            variable = f"SESSION_TIMEOUT_TESTS_{name.upper()}{suffix}"
            monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("name", servers.PORTS)
@pytest.mark.parametrize(
    ("strict", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_a_server_that_does_not_answer_is_a_skip_or_a_failure(
    monkeypatch, name, strict, outcome
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    variable = f"SESSION_TIMEOUT_TESTS_{name.upper()}"
    monkeypatch.setenv(variable, f"127.0.0.1:{port}")
    monkeypatch.setenv("SESSION_TIMEOUT_TESTS_STRICT", strict)
    said = f"^no {name} on 127.0.0.1:{port}: start it, or set {variable}=host:port$"
    with pytest.raises(outcome, match=said):
        servers.require(name)


@pytest.mark.parametrize("name", servers.PORTS)
def test_a_server_that_answers_is_used(monkeypatch, name):
    monkeypatch.setenv("SESSION_TIMEOUT_TESTS_STRICT", "1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv(f"SESSION_TIMEOUT_TESTS_{name.upper()}", f":{port}")
        assert servers.address(name) == ("127.0.0.1", port)
        servers.require(name)


@pytest.mark.parametrize(("name", "port"), servers.PORTS.items())
@pytest.mark.parametrize(
    ("value", "host"), [("", "127.0.0.1"), ("db.internal", "db.internal")]
)
def test_the_port_is_the_usual_one(monkeypatch, name, port, value, host):
    monkeypatch.setenv(f"SESSION_TIMEOUT_TESTS_{name.upper()}", value)
    assert servers.address(name) == (host, port)


@pytest.mark.parametrize(
    ("name", "user"), [("PostgreSQL", "postgres"), ("MariaDB", "root")]
)
def test_a_database_is_reached_as_the_environment_says(monkeypatch, name, user):
    assert servers.database(name, "shop")["USER"] == user
    prefix = f"SESSION_TIMEOUT_TESTS_{name.upper()}"
    monkeypatch.setenv(prefix, "db.internal:7000")
    monkeypatch.setenv(f"{prefix}_USER", "ada")
    monkeypatch.setenv(f"{prefix}_PASSWORD", "secret")
    found = servers.database(name, "shop")
    del found["ENGINE"]
    assert found == {
        "HOST": "db.internal",
        "PORT": 7000,
        "USER": "ada",
        "PASSWORD": "secret",
        "NAME": "shop",
    }


@pytest.mark.parametrize(
    ("name", "location"),
    [("Redis", "redis://cache.internal:7000"), ("Memcached", "cache.internal:7000")],
)
def test_a_cache_is_reached_as_the_environment_says(monkeypatch, name, location):
    variable = f"SESSION_TIMEOUT_TESTS_{name.upper()}"
    monkeypatch.setenv(variable, "cache.internal:7000")
    found = servers.cache(name, "shop")
    assert (found["LOCATION"], found["KEY_PREFIX"]) == (location, "shop")
