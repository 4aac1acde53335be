"""The session engine of the manual, on a MongoDB in memory."""

import re
import sys
import time
import unittest
from types import ModuleType, SimpleNamespace

import mongomock
import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.urls import path

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.support import urls, views
from tests.support.client import Browser, expired
from tests.support.manual import TEXTS
from tests.support.views import meanwhile

FILE = r"^```python\n# (mongo_sessions/\w+)\.py\n(.*?)^```$"


@pytest.fixture
def sessions(monkeypatch, settings):
    """The collection, with the site's sessions in it."""
    collection = mongomock.MongoClient().site.sessions
    database = ModuleType("mongo_sessions.database")
    database.sessions = collection
    database.asessions = SimpleNamespace(
        find_one=sync_to_async(collection.find_one),
        update_one=sync_to_async(collection.update_one),
    )
    monkeypatch.setitem(sys.modules, "mongo_sessions", ModuleType("mongo_sessions"))
    monkeypatch.setitem(sys.modules, database.__name__, database)
    files = re.findall(FILE, TEXTS["docs/backends.md"], re.DOTALL | re.MULTILINE)
    for name, code in reversed(files):
        module = ModuleType(name.replace("/", "."))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(code, f"{name}.py", "exec"), vars(module))
    settings.SESSION_ENGINE = "mongo_sessions.store"
    return collection


@pytest.fixture
def browser(sessions, mode, user):
    browser = Browser(mode)
    browser.login()
    return browser


def test_a_session_ends_at_the_idle_limit_and_not_before(browser, clock):
    for _ in range(3):
        clock.tick(1799)
        assert browser.user == "ada"
    clock.tick(1800)
    assert expired(browser.get("/page/"))
    assert browser.user == "AnonymousUser"


def test_djangos_own_limit_keeps_its_meaning(browser, clock, settings):
    for _ in range(settings.SESSION_COOKIE_AGE // 1728):
        clock.tick(1728)
        browser.get("/")
    assert browser.user == "AnonymousUser"


def test_nothing_that_another_request_writes_is_lost(browser, clock):
    def write(request):
        browser.set(cart="7")

    clock.tick(60)
    meanwhile.function = write
    assert browser.get("/during/").status_code == 200
    assert browser.session["cart"] == "7"


def test_a_write_gives_way_to_another_in_the_same_moment(
    browser, clock, sessions, monkeypatch
):
    update_one, interrupted = sessions.update_one, []

    def interrupt(*args):
        if not interrupted:
            interrupted.append(True)
            browser.set(cart="7")
        return update_one(*args)

    clock.tick(60)
    database = sys.modules["mongo_sessions.database"]
    monkeypatch.setattr(
        sys.modules["mongo_sessions.backend"], "sessions", wrap(sessions, interrupt)
    )
    monkeypatch.setattr(database.asessions, "update_one", sync_to_async(interrupt))
    browser.get("/")
    assert interrupted
    assert browser.session["cart"] == "7"
    assert browser.record.last_activity == time.time()


def wrap(sessions, update_one):
    return SimpleNamespace(find_one=sessions.find_one, update_one=update_one)


def test_a_session_that_has_been_deleted_is_not_brought_back(browser, clock, sessions):
    clock.tick(60)
    sessions.delete_many({})
    browser.get("/")
    assert sessions.find_one({}) is None


def test_ended_sessions_are_deleted_and_others_kept(browser, clock, sessions, capsys):
    clock.tick(900)
    other = Browser("sync")
    other.login()
    clock.tick(900)
    call_command("clear_idle_sessions", batch_size=1)
    assert capsys.readouterr().out == "Removed 1 of 2 sessions (idle 1).\n"
    assert [each["_id"] for each in sessions.find()] == [other.key]
    assert SESSION_TIMEOUT_KEY in other.session


def test_the_tests_of_the_page_pass(sessions, monkeypatch, settings, db):
    site = ModuleType("mongo_urls")
    site.urlpatterns = [path("accounts/", views.page), *urls.urlpatterns]
    monkeypatch.setitem(sys.modules, site.__name__, site)
    settings.ROOT_URLCONF = site.__name__
    result = unittest.TestResult()
    module = sys.modules["mongo_sessions.tests"]
    unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
    assert not result.errors + result.failures
    assert result.testsRun == 4
