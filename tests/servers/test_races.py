"""Readers, writers, logins and logouts at once, on servers with several workers.

With Django alone, those who read a session write nothing, and here only one visitor
writes at a time: a write that is lost, or a request that fails, is the stamps' doing.
"""

import time
from itertools import pairwise
from uuid import uuid4

import pytest
import redis

from tests.support.effort import attempts
from tests.support.racing import manage_database, serve
from tests.support.servers import address, cache, database, require

pytestmark = [pytest.mark.races, pytest.mark.servers]

WRITES = attempts(usually=60, thoroughly=400)
BURSTS = attempts(usually=30, thoroughly=90)
ROUNDS = max(BURSTS // 30, 5)
GRACE = 0.05  # seconds, in the bursts

# The engine, the database and the cache.
STORES = {
    "db-postgresql": ("db", "PostgreSQL", None),
    "db-mariadb": ("db", "MariaDB", None),
    "cached_db": ("cached_db", "PostgreSQL", "Redis"),
    "cache-redis": ("cache", None, "Redis"),
    "cache-memcached": ("cache", None, "Memcached"),
    "file": ("file", None, None),
}
# How many writes beside readers, and how many bursts. Under uvicorn each request opens
# its own connections to the store, and takes as much longer.
FEW_WRITES, FEW_BURSTS = WRITES // 10, BURSTS // 10
PLACES = {
    ("db-postgresql", "gunicorn"): (WRITES, BURSTS),
    ("db-postgresql", "uvicorn"): (FEW_WRITES, FEW_BURSTS),
    ("db-mariadb", "gunicorn"): (WRITES, FEW_BURSTS),
    ("cached_db", "gunicorn"): (WRITES, BURSTS),
    ("cached_db", "uvicorn"): (FEW_WRITES, FEW_BURSTS),
    ("cache-redis", "gunicorn"): (WRITES, BURSTS),
    ("cache-redis", "uvicorn"): (FEW_WRITES, FEW_BURSTS),
    ("cache-memcached", "gunicorn"): (WRITES, FEW_BURSTS),
    ("file", "gunicorn"): (WRITES, BURSTS),
}

OURS = ["session_timeout.middleware.SessionTimeoutMiddleware"]
NAIVE = ["tests.support.race_site.control.naive"]


@pytest.fixture(autouse=True)
def clock():
    """The real clock."""


class Store:
    """A session store, and the settings of a site that uses it."""

    def __init__(self, name, directory):
        engine, database_server, cache_server = STORES[name]
        self.name = name
        self.has_rows = engine in {"db", "cached_db"}
        self.directory = directory
        self.unique = f"races_{uuid4().hex}"
        self.database = self.databases(database_server)
        self.database["TEST"] = {"NAME": self.database["NAME"], "MIGRATE": False}
        self.settings = {
            "SESSION_ENGINE": f"django.contrib.sessions.backends.{engine}",
            "SESSION_FILE_PATH": str(directory),
            "DATABASES": {"default": self.database},
            "CACHES": {"default": self.caches(cache_server)},
        }

    def databases(self, server):
        if server is None:
            path = str(self.directory / "db.sqlite3")
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
        require(server)
        # To set up TLS takes PyMySQL longer than a request takes.
        options = {"MariaDB": {"ssl_disabled": True}}.get(server, {})
        return database(server, self.unique) | {"OPTIONS": options}

    def caches(self, server):
        if server is None:
            return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        require(server)
        return cache(server, self.unique)

    def serve(self, server, grace, middleware=OURS):
        """Serve a site that has this store."""
        # Threads under WSGI last, and so may their connections.
        self.database["CONN_MAX_AGE"] = {"gunicorn": None, "uvicorn": 0}[server]
        before, after = (
            f"django.contrib.{name}Middleware"
            for name in (
                "sessions.middleware.Session",
                "auth.middleware.Authentication",
            )
        )
        settings = {
            "MIDDLEWARE": [before, *middleware, after],
            "SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD": grace,
        }
        log = self.directory / f"{uuid4().hex}.log"
        return serve(server, self.settings | settings, log)

    def flush_cache(self):
        """Remove what the site has in Redis, and nothing else."""
        host, port = address("Redis")
        with redis.Redis(host, port) as server:
            server.delete(*server.keys(f"{self.unique}:*"))


@pytest.fixture(scope="module")
def store(request, tmp_path_factory):
    """A store whose database exists meanwhile."""
    store = Store(request.param, tmp_path_factory.mktemp("store"))
    manage_database("create", store.settings)
    yield store
    manage_database("drop", store.settings)


@pytest.fixture(scope="module")
def server(request):
    """The name of an application server."""
    return request.param


@pytest.fixture(scope="module")
def site(store, server):
    """A site where every request that is activity causes a stamp."""
    with store.serve(server, grace=0) as site:
        yield site
        log = site.log.read_text()
        assert not log, log


@pytest.fixture(scope="module")
def burst_site(store, server):
    """A site where a burst of requests finds a stamp due."""
    with store.serve(server, grace=GRACE) as site:
        yield site
        log = site.log.read_text()
        assert not log, log


def places(*chosen):
    return pytest.mark.parametrize(("store", "server"), chosen, indirect=True)


def lost(found, keys):
    """Return how many writes were gone when somebody looked next.

    Each write has found so many keys before it, and in the end there are these.
    """
    counts = [0, *found, len(keys)]
    return sum(max(0, before + 1 - after) for before, after in pairwise(counts))


def write_beside_readers(site, count):
    """Write so often while three others read; return how many writes were lost."""
    cookie = site.get("/write/first/").cookie
    with site.readers(3, "/slow/5/", cookie) as reads:
        found = [site.get(f"/write/{n}/", cookie)["found"] for n in range(count)]
    assert len({read["worker"] for read in reads}) == 2
    return lost(found, site.get("/show/", cookie)["keys"])


def write_in_bursts(site, count):
    """Make so many bursts, each with one write; return how many writes were lost."""
    # Each of these sessions has its pause while it is the turn of the others.
    cookies = [site.get("/write/first/").cookie for _ in range(4)]
    found = {cookie: [] for cookie in cookies}
    over = dict.fromkeys(cookies, time.time())
    for n in range(count):
        cookie = cookies[n % 4]
        time.sleep(max(0.0, over[cookie] + 1.2 * GRACE - time.time()))
        reads = [f"/slow/{milliseconds}/" for milliseconds in range(7)]
        answers = site.at_once(f"/write/{n}/", *reads, cookie=cookie)
        site.check(*answers)
        found[cookie].append(answers[0]["found"])
        over[cookie] = max(answer.ended_at for answer in answers)
    return sum(
        lost(found[cookie], site.get("/show/", cookie)["keys"]) for cookie in cookies
    )


@places(*PLACES)
def test_no_write_is_lost_to_stamps(site, store, server):
    writes, _ = PLACES[store.name, server]
    assert write_beside_readers(site, writes) == 0


@places(*PLACES)
def test_no_write_is_lost_in_a_burst_after_a_pause(burst_site, store, server):
    _, bursts = PLACES[store.name, server]
    assert write_in_bursts(burst_site, bursts) == 0


@places(("db-postgresql", "gunicorn"), ("cache-redis", "uvicorn"))
def test_these_races_find_what_a_naive_stamp_costs(store, server):
    with store.serve(server, grace=0, middleware=NAIVE) as site:
        assert write_beside_readers(site, 30) > 0
        assert write_in_bursts(site, 30) > 0
        refused = [
            answer.status
            for _ in range(ROUNDS)
            for answer in log_out_during_reads(site, site.get("/login/").cookie)
            if answer.status != 200
        ]
    assert set(refused) == {400}


def log_out_during_reads(site, cookie):
    return site.at_once(*4 * ["/slow/20/"], "/logout/", cookie=cookie)


@places(*PLACES)
def test_a_logout_during_reads_refuses_none_and_lasts(site):
    for _ in range(ROUNDS):
        cookie = site.get("/login/").cookie
        assert site.get("/show/", cookie)["user"] == "ada"
        answers = log_out_during_reads(site, cookie)
        site.check(*answers)
        assert {answer.cookie for answer in answers} == {""}
        shown = site.get("/show/", cookie)
        assert (shown["user"], shown["keys"], shown["record"]) == ("", [], None)


@places(*PLACES)
def test_a_login_during_reads_loses_nothing(site):
    for _ in range(ROUNDS):
        old = site.get("/write/kept/").cookie
        *reads, login = site.at_once(*4 * ["/slow/5/"], "/login/", cookie=old)
        site.check(*reads, login)
        assert {read.cookie for read in reads} == {""}
        shown = site.get("/show/", login.cookie)
        assert (shown["user"], shown["keys"]) == ("ada", ["kept"])
        assert shown.record.started_at >= login.began_at
        assert shown.record.last_activity >= login.began_at
        assert site.get("/show/", old)["record"] is None


def stamp_at_once(site):
    """Stamp a session from three sides; return how far, in seconds, its last activity
    moved backwards at most, and how long a request took at most.
    """
    cookie = site.get("/login/").cookie
    with site.readers(3, "/slow/0/", cookie) as reads:
        shown = [site.get("/show/", cookie).record for _ in range(10 * ROUNDS)]
    times = [record.last_activity for record in shown]
    assert times[-1] > times[0]
    backwards = max(before - after for before, after in pairwise(times))
    return backwards, max(read.ended_at - read.began_at for read in reads)


@places(*PLACES)
def test_no_stamp_moves_the_last_activity_backwards(site, store):
    backwards, longest = stamp_at_once(site)
    # Entries are set without looking: of two in the same moment, either may stay.
    assert backwards <= (0 if store.has_rows else longest)


@places(("cached_db", "gunicorn"), ("cached_db", "uvicorn"))
def test_a_cache_flush_forgets_no_activity(burst_site, store):
    cookie = burst_site.get("/login/").cookie
    burst_site.get("/write/kept/", cookie)
    for _ in range(ROUNDS):
        with burst_site.readers(3, "/slow/10/", cookie) as reads:
            burst_site.get("/slow/100/", cookie)
            store.flush_cache()
        shown = burst_site.get("/show/", cookie)
        assert (shown["user"], shown["keys"]) == ("ada", ["kept"])
        longest = max(read.ended_at - read.began_at for read in reads)
        latest = max(read.began_at for read in reads)
        assert shown.record.last_activity >= latest - GRACE - longest
