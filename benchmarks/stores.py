"""The stores of one run, each with a database and keys of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

# What is measured: the engine of SESSION_ENGINE, its database, whether it has a cache.
STORES = {
    "db, SQLite": ("db", "sqlite", False),
    "db, PostgreSQL": ("db", "postgresql", False),
    "cache, Redis": ("cache", "sqlite", True),
    "cached_db, SQLite and Redis": ("cached_db", "sqlite", True),
    "file": ("file", "sqlite", False),
    "signed_cookies": ("signed_cookies", "sqlite", False),
}
IN_MEMORY = "cache, in memory"  # for tracing the memory, not for comparing
LOCAL = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


def address(name: str, default: str) -> tuple[str, str]:
    host, _, port = os.environ.get(f"BENCHMARK_{name}", default).rpartition(":")
    return host, port


POSTGRESQL = address("POSTGRESQL", "127.0.0.1:5432")
REDIS = address("REDIS", "127.0.0.1:6379")


def problem(label: str) -> str | None:
    """Return why a store cannot be measured, or None."""
    _, database, cached = STORES[label]
    needed = [("PostgreSQL", POSTGRESQL)] if database == "postgresql" else []
    needed += [("Redis", REDIS)] if cached else []
    for name, (host, port) in needed:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except OSError:
            return f"no {name} on {host}:{port}"
    return None


@contextmanager
def store(label: str, mode: str) -> Iterator[dict[str, Any]]:
    """Create the database, and yield what the settings need to know."""
    engine, database, cached = STORES.get(label, ("cache", "sqlite", False))
    # Under ASGI each request has a thread of its own, and no connection outlives it.
    age = None if mode == "sync" else 0
    opened = postgresql if database == "postgresql" else sqlite
    with opened(mode) as config:
        cache = redis() if cached else LOCAL
        config["CONN_MAX_AGE"] = age
        yield {"engine": engine, "database": config, "cache": cache}


@contextmanager
def sqlite(mode: str) -> Iterator[dict[str, Any]]:
    # Writing is as cheap as SQLite has it without risk to the file.
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
    with TemporaryDirectory(prefix="benchmark-") as directory:
        yield {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(directory) / "db.sqlite3"),
            "OPTIONS": {"init_command": pragmas},
        }


@contextmanager
def postgresql(mode: str) -> Iterator[dict[str, Any]]:
    import psycopg

    host, port = POSTGRESQL
    name, user = f"benchmark_{token_hex(4)}", os.environ.get("PGUSER", "postgres")
    conninfo = f"host={host} port={port} user={user} dbname=postgres"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                "USER": user,
                "HOST": host,
                "PORT": port,
                "OPTIONS": {"pool": True} if mode == "async" else {},
            }
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def redis() -> dict[str, Any]:
    host, port = REDIS
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"redis://{host}:{port}",
        "KEY_PREFIX": f"benchmark-{token_hex(4)}",
    }
