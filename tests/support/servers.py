"""The servers beneath the sessions: on loopback, or where the environment says."""

import os
import socket
from importlib import import_module

import pymysql
import pytest

# Django asks for the version of mysqlclient, which needs a compiler to install.
pymysql.version_info = (2, 2, 1, "final", 0)
pymysql.install_as_MySQLdb()

# Before a fixture freezes time: psycopg's C parts look at the real datetime.
for backend in ("sqlite3", "postgresql", "mysql"):
    import_module(f"django.db.backends.{backend}.base")
for client in ("redis", "pymemcache"):
    import_module(client)

PORTS = {"PostgreSQL": 5432, "MariaDB": 3306, "Redis": 6379, "Memcached": 11211}


def address(name):
    """Return host and port of a server: SESSION_TIMEOUT_TESTS_POSTGRESQL=host:port."""
    host, _, port = variable(name).partition(":")
    return host or "127.0.0.1", int(port or PORTS[name])


def absent(line):
    """Skip the test with a line that says what to do; under strict mode, fail."""
    strict = bool(os.environ.get("SESSION_TIMEOUT_TESTS_STRICT"))
    (pytest.fail if strict else pytest.skip)(line)


def require(name):
    """Skip the test where the server does not answer: see absent()."""
    host, port = address(name)
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        absent(
            f"no {name} on {host}:{port}: start it, or set "
            f"SESSION_TIMEOUT_TESTS_{name.upper()}=host:port"
        )


def database(name, database_name):
    """Return what Django's DATABASES needs to know of PostgreSQL or MariaDB."""
    host, port = address(name)
    backend, user = {
        "PostgreSQL": ("postgresql", "postgres"),
        "MariaDB": ("mysql", "root"),
    }[name]
    return {
        "ENGINE": f"django.db.backends.{backend}",
        "HOST": host,
        "PORT": port,
        "USER": variable(name, "_USER") or user,
        "PASSWORD": variable(name, "_PASSWORD"),
        "NAME": database_name,
    }


def cache(name, prefix):
    """Return what Django's CACHES needs to know of Redis or Memcached."""
    host, port = address(name)
    backend, location = {
        "Redis": ("redis.RedisCache", f"redis://{host}:{port}"),
        "Memcached": ("memcached.PyMemcacheCache", f"{host}:{port}"),
    }[name]
    return {
        "BACKEND": f"django.core.cache.backends.{backend}",
        "LOCATION": location,
        "KEY_PREFIX": prefix,
    }


def variable(name, suffix=""):
    return os.environ.get(f"SESSION_TIMEOUT_TESTS_{name.upper()}{suffix}", "")
