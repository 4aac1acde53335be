"""The middleware's place, its hooks, logins, and the sites it has to live with."""

import time
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.urls import clear_script_prefix, set_script_prefix

from session_timeout.middleware import SESSION_TIMEOUT_KEY
from tests.conftest import Browser
from tests.views import meanwhile

AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
OURS = "session_timeout.middleware.SessionTimeoutMiddleware"


def expired(response):
    return response.status_code == 302 and response.url.startswith("/login/")


class TestPlace:
    @pytest.fixture(
        params=[[OURS, AUTH], [AUTH, OURS], ["tests.middleware.function", OURS, AUTH]]
    )
    def middleware(self, request, settings):
        settings.MIDDLEWARE = [SESSIONS, *request.param]

    def test_before_or_after_authentication(self, middleware, browser, engine, clock):
        browser.login()
        assert browser.user == "ada"
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/async/"))
        clock.tick(1)
        assert browser.user == "AnonymousUser"

    @pytest.mark.parametrize("path", ["/page/", "/async/"])
    def test_the_view_after_the_end_sees_nobody(
        self, middleware, browser, clock, settings, path
    ):
        settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: None
        browser.login()
        clock.tick(1800)
        assert b"user=AnonymousUser" in browser.get(path).content

    @pytest.mark.parametrize("middleware", [[OURS], [OURS, SESSIONS]])
    def test_without_sessions_before_it_says_where_to_put_it(
        self, mode, settings, middleware
    ):
        settings.MIDDLEWARE = middleware
        with pytest.raises(ImproperlyConfigured, match=f'after\\s+"{SESSIONS}"'):
            Browser(mode).get("/")

    def test_where_somebody_has_thrown_the_session_away_it_says_so_too(
        self, mode, settings
    ):
        settings.MIDDLEWARE = [SESSIONS, "tests.middleware.no_session", OURS]
        with pytest.raises(ImproperlyConfigured, match=r"found no request\.session"):
            Browser(mode).get("/")

    def test_without_contrib_auth(self, mode, db, engine, clock, settings):
        settings.INSTALLED_APPS = ["django.contrib.sessions"]
        settings.MIDDLEWARE = [SESSIONS, OURS]
        settings.SESSION_TIMEOUT_REDIRECT = "/timeout/"
        settings.SESSION_TIMEOUT_MESSAGE = "Nobody reads this."
        settings.ROOT_URLCONF = "tests.bare_urls"
        browser = Browser(mode)
        browser.get("/write/?_auth_user_id=7")
        clock.tick(1800)
        assert browser.get("/read/").url == "/timeout/"
        assert browser.get("/read/").json() == {}

    def test_two_lines_of_settings_are_enough(self, browser, clock, settings):
        settings.INSTALLED_APPS = [
            app for app in settings.INSTALLED_APPS if app != "session_timeout"
        ]
        browser.login()
        clock.tick(1800)
        assert expired(browser.get("/page/"))


class TestHooks:
    @pytest.fixture(params=["Subclass", "AsyncSubclass"])
    def subclass(self, request, settings):
        settings.MIDDLEWARE = [SESSIONS, AUTH, f"tests.middleware.{request.param}"]
        return request.param

    def test_the_limits_depend_on_the_user(self, subclass, mode, user, clock):
        for name, seconds in (("ada", 60), ("bob", 600)):
            browser = Browser(mode)
            browser.login(name)
            clock.tick(seconds - 1)
            assert browser.user == name
            clock.tick(seconds)
            response = browser.get("/page/")
            assert response.status_code == 403
            assert response.content == b"ended: idle"

    def test_what_counts_as_activity(self, subclass, browser, clock):
        browser.login()
        clock.tick(59)
        browser.get("/")
        clock.tick(1)
        assert browser.get("/page/").status_code == 403

    def test_what_counts_as_activity_for_a_write(self, subclass, browser, clock):
        browser.login()
        began_at = time.time()
        clock.tick(1)
        meanwhile.function = lambda request: request.session.update({"a": 1})
        browser.get("/during/")
        assert browser.record.last_activity == began_at + 1

    @pytest.mark.parametrize("name", ["limit", "async_limit"])
    def test_a_limit_by_user_may_be_a_function(self, browser, clock, settings, name):
        settings.MIDDLEWARE = [SESSIONS, AUTH, OURS]
        settings.SESSION_EXPIRE_SECONDS = f"tests.test_middleware.{name}"
        browser.login()
        clock.tick(119)
        assert browser.user == "ada"
        clock.tick(120)
        assert expired(browser.get("/page/"))


def limit(request):
    return timedelta(minutes=2) if request.user.is_superuser else None


async def async_limit(request):
    user = await request.auser()
    return 120 if user.is_superuser else None


class TestLimits:
    def test_the_absolute_limit_ends_a_session_in_use(
        self, browser, engine, clock, settings
    ):
        settings.SESSION_EXPIRE_ABSOLUTE_SECONDS = 4 * 3600
        seen = []
        settings.SESSION_TIMEOUT_HANDLER = lambda request, expiry: seen.append(expiry)
        browser.login()
        for _ in range(23):
            clock.tick(600)
            assert browser.user == "ada"
        clock.tick(600)
        assert browser.user == "AnonymousUser"
        assert [expiry.reason for expiry in seen] == ["absolute"]

    def test_the_limit_may_count_from_the_start(self, browser, engine, clock, settings):
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = False
        browser.login()
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1)
        assert expired(browser.get("/page/"))

    def test_no_idle_limit(self, browser, engine, clock, settings):
        settings.SESSION_EXPIRE_SECONDS = None
        browser.login()
        clock.tick(timedelta(days=13))
        assert browser.user == "ada"


class TestExemptAndPassive:
    @pytest.mark.parametrize(
        "path", ["/public/", "/async/public/", "/class/public/", "/", "/widgets/poll/"]
    )
    def test_an_exempt_request_is_neither_checked_nor_activity(
        self, browser, engine, clock, settings, path
    ):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["^/$", "gadgets:poll"]
        browser.login()
        began_at = time.time()
        for _ in range(2):
            clock.tick(1000)
            assert browser.get(path).status_code == 200
        assert browser.record.last_activity == began_at
        assert expired(browser.get("/page/"))

    def test_an_exempt_path_loads_nothing(
        self, browser, clock, settings, django_assert_num_queries
    ):
        settings.SESSION_TIMEOUT_EXEMPT_URLS = ["/widgets/"]
        browser.login()
        clock.tick(60)
        with django_assert_num_queries(0):
            browser.get("/widgets/poll/")

    @pytest.mark.parametrize(
        "name", ["gadgets:poll", "widgets:poll", "/widgets/", "^/w"]
    )
    def test_a_passive_url_by_name_or_path(self, browser, clock, settings, name):
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["poll", name]
        browser.login()
        clock.tick(1000)
        browser.get("/widgets/poll/")
        clock.tick(800)
        assert expired(browser.get("/widgets/poll/"))

    @pytest.mark.parametrize("path", ["/widgets/7/", "/page/", "/nowhere/"])
    def test_other_urls_are_activity(self, browser, clock, settings, path):
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["gadgets:poll", "^/poll"]
        browser.login()
        clock.tick(1000)
        browser.get(path)
        assert browser.record.last_activity == time.time()

    def test_paths_and_names_work_under_a_script_prefix(
        self, browser, user, clock, settings
    ):
        settings.SESSION_TIMEOUT_PASSIVE_URLS = ["gadgets:poll", "^/poll/"]
        settings.FORCE_SCRIPT_NAME = "/app"
        set_script_prefix("/app/")
        try:
            browser.client.force_login(user)
            began_at = time.time()
            clock.tick(1000)
            # Django's two test clients differ in what they take for the path.
            prefix = "/app" if browser.mode == "async" else ""
            for path in (f"{prefix}/widgets/poll/", f"{prefix}/poll/"):
                assert browser.get(path).status_code == 200
                assert browser.record.last_activity == began_at
            clock.tick(800)
            response = browser.get(f"{prefix}/page/?q=1")
        finally:
            clear_script_prefix()
        assert response.url == "/app/login/?next=/app/page/%3Fq%3D1"

    def test_another_urlconf_is_respected(self, mode, user, clock, settings):
        settings.MIDDLEWARE = [SESSIONS, "tests.middleware.other_urls", OURS, AUTH]
        browser = Browser(mode)
        browser.client.force_login(user)
        clock.tick(1800)
        settings.LOGIN_URL = "/login/"
        assert browser.get("/bare/poll/").url == "/login/?next=/bare/poll/"

    def test_a_header_says_passive_only_with_a_one(self, browser, clock):
        browser.login()
        clock.tick(60)
        browser.get("/", X_Session_Passive="0")
        assert browser.record.last_activity == time.time()


class TestLogins:
    def test_login_restarts_the_record(self, browser, engine, clock):
        browser.get("/write/?cart=7")
        clock.tick(1000)
        browser.login()
        assert browser.record.started_at == time.time()
        assert browser.get("/read/").json() == {"cart": "7"}

    def test_logging_in_again_restarts_it_too(self, browser, engine, clock):
        browser.login()
        clock.tick(1000)
        browser.get("/again/")
        assert browser.record.started_at == time.time()
        assert browser.user == "ada"

    def test_another_users_login_leaves_nothing_behind(self, browser, engine, clock):
        browser.login()
        browser.get("/write/?private=1")
        clock.tick(60)
        browser.login("bob")
        assert browser.record.started_at == time.time()
        assert browser.get("/read/").json() == {}

    @pytest.mark.parametrize("path", ["/logout/", "/sign-out/"])
    def test_logout_leaves_nothing_behind(self, browser, engine, path):
        browser.login()
        response = browser.post(path)
        assert response.cookies["sessionid"].value == ""
        assert browser.record is None

    def test_flush_begins_anew(self, browser, engine, clock):
        browser.login()
        clock.tick(60)

        def flush_and_write(request):
            request.session.flush()
            request.session["a"] = 1

        meanwhile.function = flush_and_write
        browser.get("/during/")
        assert browser.record.started_at == time.time()

    def test_clear_keeps_the_start(self, browser, engine, clock):
        """Emptying a session does not begin another one."""
        browser.login()
        began_at = time.time()
        clock.tick(60)
        meanwhile.function = lambda request: request.session.clear()
        browser.get("/during/")
        assert browser.record == (
            began_at,
            time.time(),
            time.time() + 1209600,
        )

    @pytest.mark.parametrize("path", ["/during/", "/passive/during/"])
    def test_cycle_key_keeps_the_record(self, browser, engine, clock, path):
        browser.login()
        began_at = time.time()
        clock.tick(60)
        browser.get("/page/")
        key = browser.key
        clock.tick(20)
        meanwhile.function = lambda request: request.session.cycle_key()
        browser.get(path)
        last_activity = began_at + (80 if path == "/during/" else 60)
        assert browser.key != key
        assert browser.record[:2] == (began_at, last_activity)

    def test_a_login_that_keeps_no_session_is_no_concern_of_ours(self, user):
        from django.contrib.auth.signals import user_logged_in

        for request in (None, RequestFactory().get("/")):
            user_logged_in.send(type(user), request=request, user=user)

    def test_a_new_anonymous_session_is_stamped_at_once(self, browser, engine):
        browser.get("/write/?cart=7")
        assert browser.record[:2] == (time.time(), time.time())

    def test_a_session_begun_in_a_passive_view_is_too(self, browser, engine):
        meanwhile.function = lambda request: request.session.update({"a": 1})
        browser.get("/passive/during/")
        assert browser.record[:2] == (time.time(), time.time())

    def test_a_record_that_a_view_has_spoilt_ends_the_session(self, browser, engine):
        browser.login()
        browser.get(f"/write/?{SESSION_TIMEOUT_KEY}=junk")
        assert expired(browser.get("/page/"))


class TestLabD:
    """Sessions and settings of django-session-timeout 0.1.0."""

    @pytest.fixture
    def labd(self, browser, settings):
        """A session as that package left it."""

        def make(stamp):
            browser.login()
            session = browser.session
            del session[SESSION_TIMEOUT_KEY]
            session["_session_init_timestamp_"] = stamp
            session.save()
            browser.client.cookies["sessionid"] = session.session_key
            return browser

        return make

    def test_sessions_keep_the_idle_time_they_had(self, labd, engine, clock):
        browser = labd(time.time() - 1700)
        clock.tick(99)
        browser.get("/poll/")
        clock.tick(1)
        assert expired(browser.get("/page/"))

    def test_and_go_on_when_used(self, labd, engine, clock):
        browser = labd(time.time() - 1700)
        assert browser.user == "ada"
        clock.tick(1799)
        assert browser.user == "ada"

    def test_malformed_stamps_end_the_session(self, labd, engine):
        assert expired(labd("yesterday").get("/page/"))

    def test_its_settings_mean_the_same(self, browser, clock, settings):
        settings.SESSION_EXPIRE_SECONDS = 3600
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY = True
        settings.SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 60
        settings.SESSION_TIMEOUT_REDIRECT = "/timeout/"
        browser.login()
        clock.tick(59)
        browser.get("/page/")
        clock.tick(3541)
        assert browser.get("/page/").url == "/timeout/"
