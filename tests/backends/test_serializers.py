"""Other serializers, and data that cannot be decoded."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache

from tests.support.client import expired


class TestSerializers:
    def test_another_serializer(self, browser, engine, clock, settings):
        settings.SESSION_SERIALIZER = "tests.support.serializers.PickleSerializer"
        browser.login()
        clock.tick(1799)
        assert browser.user == "ada"
        clock.tick(1800)
        assert expired(browser.get("/page/"))

    @pytest.mark.parametrize("engine_", ["db", "cached_db"])
    def test_data_that_cannot_be_decoded(self, browser, clock, settings, engine_):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine_}"
        browser.login()
        Session.objects.update(session_data="not decodable")
        cache.clear()
        clock.tick(60)
        assert browser.get("/").status_code == 200
        assert Session.objects.get().session_data == "not decodable"
        assert browser.user == "AnonymousUser"
