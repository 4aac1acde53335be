"""The page on deploying: what it says of releases, limits, keys and proxies.

tests/servers/test_deploying.py runs its commands.
"""

import json
import logging
import re
import sys
import time
from itertools import pairwise
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from session_timeout.backends import get_backend
from session_timeout.backends.recent import SIZE, recent_records
from session_timeout.policy import Record
from tests.support import urls
from tests.support.client import JSON, Browser, Page, expired
from tests.support.manual import TEXTS, blocks, rows, sections
from tests.support.paths import CSRF, OURS
from tests.support.views import meanwhile

PAGE = TEXTS["docs/deploying.md"]
SECTIONS = sections(PAGE)
# As a server wrote it in January 2026: it must be readable for ever.
STORED = "1767599999.123 1767600000.456 1768809600.000"

SITE = "https://shop.example.com"
HEADERS = {"X_Forwarded_Proto": "https", "Host": "shop.example.com"}


def settings_in(text):
    """Return the settings of each block of a section, as a dict."""
    found = []
    for block in blocks(text, "python"):
        if block.startswith("# settings.py\n"):
            names = {}
            exec(block, names)
            found.append({k: v for k, v in names.items() if k.isupper()})
    return found


def apply(settings, values):
    for name, value in values.items():
        setattr(settings, name, value)


@pytest.fixture
def server(browser, settings):
    """Servers of one site: the same visitor, answered by another of them."""

    def start(*, without=False, **values):
        middleware = settings.MIDDLEWARE
        if without:
            settings.MIDDLEWARE = [path for path in middleware if path != OURS]
        apply(settings, values)
        twin = browser.twin()
        assert twin.get("/public/").status_code == 200  # it loads its middleware
        settings.MIDDLEWARE = middleware
        return twin

    return start


class TestReleases:
    def test_the_stored_form_stays_as_it_is(self):
        record = Record(1767599999.123, 1767600000.456, 1768809600.0)
        assert Record.decode(STORED) == record
        assert record.encode() == STORED

    def test_every_engine_stores_that_form(self, browser, engine, clock):
        browser.login()
        clock.tick(60)
        browser.get("/write/?cart=7")
        clock.tick(60)
        browser.get("/")
        stored = [browser.session["_session_timeout"]]
        backend = get_backend(browser.session, browser.key)
        if engine in {"cache", "cached_db"}:
            key = backend.cache_key(browser.key)
            stored.append(browser.session._cache.get(key))
        elif engine == "file":
            (side,) = [
                data["_session_timeout"]
                for key in backend.side_keys(browser.key)
                if (data := type(browser.session)(key).load())
            ]
            stored.append(side)
        for record in stored:
            assert re.fullmatch(r"(\d{10}\.\d{3} ){2}\d{10}\.\d{3}", record)

    @pytest.mark.parametrize(
        "record", [f"{STORED} 1", f"v2 {STORED}", {"version": 2}, [1, 2, 3]]
    )
    def test_a_record_of_a_form_that_is_not_known_ends_its_session(
        self, browser, engine, record, caplog
    ):
        caplog.set_level(logging.INFO, "session_timeout")
        browser.login()
        browser.set(_session_timeout=record)
        assert expired(browser.get("/page/"))
        assert browser.user == "AnonymousUser"
        reasons = [r.reason for r in caplog.records if hasattr(r, "reason")]
        assert reasons == ["invalid"]

    def test_keys_that_are_not_known_stay(self, browser, engine, clock):
        browser.login()
        browser.set(_session_timeout_2={"version": 2}, cart="7")
        for _ in range(3):
            clock.tick(60)
            assert browser.user == "ada"
        browser.get("/write/?cart=8")
        assert browser.session["_session_timeout_2"] == {"version": 2}
        assert browser.session["cart"] == "8"


class TestInstallingAndRemoving:
    def test_the_installation_ends_no_session(self, server, engine, clock):
        old, new = server(without=True), server()
        old.get("/write/?cart=7")
        clock.tick(1800)
        assert new.get("/read/").json() == {"cart": "7"}
        clock.tick(1800)
        assert new.get("/read/").json() == {}

    def test_it_does_if_the_app_comes_before_the_middleware(self, server, clock):
        old, new = server(without=True), server()
        old.login()  # the app notes that
        clock.tick(1799)
        assert old.user == "ada"
        clock.tick(1)
        assert expired(new.get("/page/"))

    def test_an_old_server_records_no_activity(self, server, engine, clock):
        old, new = server(without=True), server()
        new.login()
        for _ in range(2):
            clock.tick(900)
            assert old.user == "ada"
        assert expired(new.get("/page/"))

    def test_within_the_idle_limit_that_ends_no_session(self, server, engine, clock):
        old, new = server(without=True), server()
        new.login()
        for _ in range(5):
            clock.tick(899)
            assert old.user == "ada"
            clock.tick(900)
            assert new.user == "ada"

    def test_without_the_middleware_django_ignores_the_record(
        self, server, engine, clock
    ):
        server().login()
        removed = server(without=True)
        clock.tick(10_000)
        assert removed.user == "ada"

    def test_without_the_middleware_the_status_fails_and_the_tag_is_empty(self, server):
        server().login()
        removed = server(without=True)
        assert b"<dialog" not in removed.get("/async/dialog/").content
        with pytest.raises(ImproperlyConfigured):
            removed.get("/session-timeout/status/")

    def test_limits_that_are_switched_off_and_on_again_log_nobody_out(
        self, server, browser, engine, clock, settings
    ):
        browser.login()
        (off,) = settings_in(SECTIONS["Rolling deploys"].split("### Switch")[1])[:1]
        on = {name: getattr(settings, name, None) for name in off}
        apply(settings, off)
        for _ in range(3):
            clock.tick(1800)
            assert browser.user == "ada"
        status = Page(browser).status()
        assert status["reason"] == "cookie_age"
        apply(settings, on)
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))


class TestLimits:
    def test_a_shorter_one_ends_open_sessions(self, browser, engine, clock, settings):
        browser.login()
        clock.tick(600)
        settings.SESSION_EXPIRE_SECONDS = 600
        assert expired(browser.get("/page/"))

    def test_a_longer_one_lets_them_go_on(self, browser, engine, clock, settings):
        browser.login()
        clock.tick(2400)
        settings.SESSION_EXPIRE_SECONDS = 3600
        assert browser.user == "ada"

    def test_unless_they_have_been_cleared_before(self, browser, clock, settings):
        browser.login()
        clock.tick(2400)
        call_command("clear_idle_sessions", verbosity=0)
        settings.SESSION_EXPIRE_SECONDS = 3600
        assert browser.user == "AnonymousUser"


@pytest.mark.parametrize(("ahead", "is_replaced"), [(29, False), (31, True)])
def test_a_time_that_is_ahead_by_more_than_the_grace_period_is_replaced(
    browser, clock, ahead, is_replaced
):
    browser.login()
    clock.tick(600 + ahead)  # a server with a fast clock
    browser.get("/")
    clock.tick(-ahead)
    browser.get("/")
    assert browser.record.last_activity - time.time() == (0 if is_replaced else ahead)


class TestSecretKey:
    @pytest.fixture
    def steps(self, settings):
        """What the page says to deploy, one step after the other."""
        before = {"SECRET_KEY": "the old key", "SECRET_KEY_FALLBACKS": []}
        after = {"SECRET_KEY": "the new key", "SECRET_KEY_FALLBACKS": []}
        told = settings_in(SECTIONS["Rolling deploys"].split("### Change SECRET")[1])
        assert len(told) == 2
        return [before, *told, after]

    def test_no_rollout_logs_anybody_out(self, browser, engine, clock, settings, steps):
        apply(settings, steps[0])
        browser.login()
        browser.get("/write/?cart=7")
        for old, new in pairwise(steps):
            for keys in (old, new, old, new):
                clock.tick(1000)
                recent_records.clear()  # it is another server
                apply(settings, keys)
                assert browser.user == "ada"
                assert browser.get("/read/").json() == {"cart": "7"}
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    def test_open_pages_stay_those_of_their_session(self, browser, settings, steps):
        apply(settings, steps[0])
        browser.login()
        page = Page(browser)
        mark = page.status()["session"]
        for old, new in pairwise(steps[:-1]):
            for keys in (old, new, old, new):
                apply(settings, keys)
                status = page.status()
                assert mark in [status["session"], *status.get("former_sessions", [])]
                mark = status["session"]

    def test_a_logged_in_session_gets_a_new_key(self, browser, settings, steps):
        apply(settings, steps[1])
        browser.login()
        before = browser.key
        apply(settings, steps[2])
        assert browser.user == "ada"
        assert browser.key != before

    def test_without_the_first_step_users_are_logged_out(
        self, browser, engine, settings, steps
    ):
        apply(settings, steps[0])
        browser.login()
        apply(settings, steps[2])
        assert browser.user == "ada"
        apply(settings, steps[0])
        assert browser.user == "AnonymousUser"

    def test_the_log_tells_of_sessions_that_cannot_be_read(
        self, browser, settings, caplog
    ):
        browser.login()
        settings.SECRET_KEY = "another"
        assert browser.user == "AnonymousUser"
        assert "django.security.SuspiciousSession" in {r.name for r in caplog.records}
        assert "`django.security.SuspiciousSession`" in SECTIONS["Monitor"]


class TestProxy:
    """The browser is at https://shop.example.com, and the proxy at testserver."""

    @pytest.fixture(autouse=True)
    def site(self, settings):
        (told,) = settings_in(SECTIONS["Behind a proxy"])
        apply(settings, told)
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, CSRF]

    @pytest.fixture
    def visitor(self, user):
        # Django's async client adds a second Host.
        visitor = Browser("sync", enforce_csrf_checks=True)
        visitor.client.force_login(user)
        return visitor

    def send_form(self, visitor, **headers):
        referer = {"Referer": f"{SITE}/write/?step=2"}
        response = visitor.post("/write/", **{**HEADERS, **referer, **headers})
        assert response.status_code == 303
        return response.headers["Location"]

    def test_a_form_leads_back_to_its_page(self, visitor, clock):
        clock.tick(1800)
        assert self.send_form(visitor) == "/login/?next=/write/%3Fstep%3D2"

    @pytest.mark.parametrize(
        "headers", [{"Host": "testserver"}, {"Referer": ""}], ids=["host", "referer"]
    )
    def test_it_does_not_without_what_the_proxy_must_send(
        self, visitor, clock, headers
    ):
        clock.tick(1800)
        assert self.send_form(visitor, **headers) == "/login/"

    def test_the_host_may_come_in_a_header_of_the_proxy(self, visitor, clock, settings):
        settings.USE_X_FORWARDED_HOST = True
        clock.tick(1800)
        headers = {"Host": "testserver", "X_Forwarded_Host": "shop.example.com"}
        location = self.send_form(visitor, **headers)
        assert location == "/login/?next=/write/%3Fstep%3D2"

    @pytest.mark.parametrize(("scheme", "status"), [("https", 200), ("http", 403)])
    def test_the_dialog_extends_only_if_the_scheme_is_known(
        self, visitor, scheme, status
    ):
        headers = {**HEADERS, **JSON, "X_Forwarded_Proto": scheme}
        token = visitor.get("/session-timeout/status/", **headers).json()["csrf_token"]
        headers |= {"X_CSRFToken": token, "Origin": SITE}
        headers |= {"Referer": f"{SITE}/page/"}
        response = visitor.post("/session-timeout/extend/", **headers)
        assert response.status_code == status


def test_the_health_check_costs_nothing_and_is_no_activity(
    browser, clock, settings, monkeypatch
):
    (code,) = blocks(SECTIONS["Health checks"], "python")[:1]
    exec(code, vars(site := ModuleType("health_urls")))
    site.urlpatterns += urls.urlpatterns
    monkeypatch.setitem(sys.modules, "health_urls", site)
    settings.ROOT_URLCONF = "health_urls"
    apply(settings, settings_in(SECTIONS["Health checks"])[0])
    balancer = Browser(browser.mode)
    browser.login()
    before = browser.record
    clock.tick(1799)
    for visitor in (balancer, browser):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get("/health/").content == b"ok"
        assert not queries.captured_queries
    assert browser.record == before


def test_activity_is_written_before_the_view_runs(browser, engine, clock):
    def look(request):
        found.append(browser.record.last_activity)

    found = []
    browser.login()
    clock.tick(60)
    meanwhile.function = look
    browser.get("/during/")
    late = engine == "signed_cookies"
    assert found == [time.time() - 60 if late else time.time()]


class TestMonitoring:
    def test_the_alerts_are_those_of_the_recipe(self):
        rules = sections(TEXTS["docs/recipes.md"])["Prometheus"]
        named = re.findall(r"the alert `(\w+)`", SECTIONS["Monitor"])
        assert sorted(named) == sorted(re.findall(r"- alert: (\w+)", rules))

    def test_a_receiver_that_fails_is_in_the_log_that_the_page_names(self):
        watched = " ".join(row[0] for row in rows(SECTIONS["Monitor"]))
        assert "`django.dispatch`" in watched


def test_a_process_remembers_as_many_side_records_as_the_page_says():
    assert f"at most {SIZE:,} of them" in PAGE


def test_kubernetes_runs_the_command_once_at_a_time():
    (job,) = blocks(SECTIONS["Remove idle sessions each hour"], "yaml")
    (command,) = re.findall(r"command: (\[.+\])", job)
    assert json.loads(command) == ["python", "manage.py", "clear_idle_sessions"]
    assert re.search(r'schedule: "\d+ \* \* \* \*"', job)
    assert "concurrencyPolicy: Forbid" in job
