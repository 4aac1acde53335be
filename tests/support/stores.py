"""Session engines and what they stand on: databases, caches, files."""

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from session_timeout.backends import get_backend
from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.support import servers
from tests.support.caches import Recording
from tests.support.client import ENGINES

ALIAS = "stores"

QSESSIONS = {
    "INSTALLED_APPS": [
        # The simple one imports no admin module, and registers nothing for good.
        app.replace("contrib.admin", "contrib.admin.apps.SimpleAdminConfig")
        for app in [*django_settings.INSTALLED_APPS, "qsessions"]
    ],
    "MIDDLEWARE": [
        path.replace("django.contrib.sessions", "qsessions")
        for path in django_settings.MIDDLEWARE
    ],
}


class Router:
    """Users and sessions live in the database of the test's own."""

    def db_for_read(self, model, **hints):
        return ALIAS

    db_for_write = db_for_read


@dataclass(frozen=True)
class Store:
    """An engine, and what it stands on. The users are always in a database."""

    engine: str
    database: str = "SQLite"
    cache: str = ""

    def __str__(self):
        engine = self.engine.removeprefix("django.contrib.sessions.backends.")
        return "-".join(filter(None, [engine, self.database, self.cache]))

    @property
    def session_class(self):
        return import_module(self.engine).SessionStore

    @property
    def has_rows(self):
        return self.engine.endswith("db")

    @contextmanager
    def settings(self, directory):
        """The settings of a site with this store, for as long as the context lasts."""
        found = {
            "DATABASE_ROUTERS": [Router()],
            "SESSION_ENGINE": self.engine,
            "SESSION_FILE_PATH": str(directory),
        }
        if self.engine.startswith("qsessions."):
            found |= QSESSIONS
        if self.cache:
            where = servers.cache(self.cache, f"session_timeout_{uuid4().hex}")
            where |= {"BACKEND": f"tests.support.caches.{self.cache}"}
            found["CACHES"] = {**django_settings.CACHES, ALIAS: where}
            found["SESSION_CACHE_ALIAS"] = ALIAS
        with override_settings(**found):
            yield
            if self.cache:
                caches[ALIAS].clear()
                caches[ALIAS].close()

    @contextmanager
    def own_database(self, directory):
        """A new database, for as long as the context lasts."""
        name = f"session_timeout_{uuid4().hex}"
        if self.database == "SQLite":
            name = str(directory / name)
            where = {"ENGINE": "django.db.backends.sqlite3", "NAME": name}
        else:
            where = servers.database(self.database, name)
        where["TEST"] = {"NAME": name, "MIGRATE": False}
        every = connections.configure_settings({"default": {}, ALIAS: where})
        connections.databases[ALIAS] = every[ALIAS]
        connection = connections[ALIAS]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
            connection.close()
            del connections[ALIAS]
            del connections.databases[ALIAS]

    def row(self, key):
        """Return the row's columns, with the session's data decoded."""
        session = self.session_class(key)
        (row,) = session.model.objects.filter(session_key=key).values()
        return {**row, "session_data": session.decode(row["session_data"])}

    def besides_the_record(self, key):
        """Return all that is stored of a session, but the record."""
        found = {"data": self.session_class(key).load()}
        found["data"].pop(SESSION_TIMEOUT_KEY)
        if self.cache:
            # With the record: a stamp leaves this copy as it is.
            found["copy"] = caches[ALIAS].get(self.session_class(key).cache_key)
        if self.has_rows:
            found["row"] = self.row(key)
            found["row"]["session_data"].pop(SESSION_TIMEOUT_KEY)
        return found

    def is_gone(self, key):
        """Whether nothing at all is stored of a session."""
        session, traces = self.session_class(key), []
        if self.cache:
            names = [f"{prefix}{session.cache_key}" for prefix in ("", ENTRY)]
            traces += [name for name in names if name in caches[ALIAS]]
        elif not self.has_rows:
            traces += filter(
                session.exists, [get_backend(session, key).side_keys(key)[0]]
            )
        return not traces and not session.exists(key)

    def costs(self, call, *args):
        """Return how many times the call reads and writes, each in which way."""
        Recording.calls.clear()
        with CaptureQueriesContext(connections[ALIAS]) as queries:
            assert call(*args).status_code == 200
        statements = [
            re.sub("^SET STATEMENT .* FOR ", "", query["sql"]).split()[0]
            for query in queries.captured_queries
        ]
        return Counter([*statements, *Recording.calls])


ENTRY = "session_timeout:"

DJANGOS = [
    Store(ENGINES["db"], "SQLite"),
    Store(ENGINES["db"], "PostgreSQL"),
    Store(ENGINES["db"], "MariaDB"),
    Store(ENGINES["cached_db"], "PostgreSQL", "Redis"),
    Store(ENGINES["cached_db"], "MariaDB", "Memcached"),
    Store(ENGINES["cache"], cache="Redis"),
    Store(ENGINES["cache"], cache="Memcached"),
    Store(ENGINES["file"]),
]

OTHERS = [
    Store("qsessions.backends.db", "PostgreSQL"),
    Store("qsessions.backends.cached_db", "PostgreSQL", "Redis"),
]

STORES = [*DJANGOS, *OTHERS]


def parameters(stores):
    """Return the stores as parameters, marked where they need a server."""
    needs_server = [s.database != "SQLite" or s.cache for s in stores]
    marks = [pytest.mark.servers if needs else () for needs in needs_server]
    return [
        pytest.param(store, id=str(store), marks=mark)
        for store, mark in zip(stores, marks, strict=True)
    ]


def among(stores):
    """The test is about these stores only."""
    return pytest.mark.parametrize("store", parameters(stores), indirect=True)


@contextmanager
def locked(browser, **values):
    """Another connection that has written to the session, and not yet committed."""
    session = browser.session
    data = session.encode({**session.load(), **values})
    table = session.model._meta.db_table
    connection = connections[ALIAS].copy()
    connection.inc_thread_sharing()
    connection.set_autocommit(False)
    try:
        with connection.cursor() as cursor:
            sql = f"UPDATE {table} SET session_data = %s WHERE session_key = %s"
            cursor.execute(sql, [data, browser.key])
        yield connection
    finally:
        # The end of a connection alone is noticed some time later.
        connection.rollback()
        connection.close()


IMPATIENCE = {
    "PostgreSQL": {"options": "-c lock_timeout=1"},
    "MariaDB": {"init_command": "SET innodb_lock_wait_timeout = 0"},
}
PATIENCE = {
    "PostgreSQL": {},
    "MariaDB": {"init_command": "SET innodb_lock_wait_timeout = 1000"},
}
ENDLESS_PATIENCE = {
    **PATIENCE,
    "PostgreSQL": {"options": f"-c lock_timeout={1_000_000}"},
}
REPEATABLE_READ = {
    "PostgreSQL": {"isolation_level": 3},
    "MariaDB": {"isolation_level": "repeatable read"},
}
