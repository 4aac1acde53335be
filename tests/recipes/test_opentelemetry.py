"""OpenTelemetry."""

import pytest
from django.core.management import call_command
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from session_timeout.signals import session_cleared, session_expired
from tests.support.client import Browser

RECIPE = "OpenTelemetry"


@pytest.fixture
def reader(monkeypatch):
    """What the site's meters have measured."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    monkeypatch.setattr(metrics, "get_meter", provider.get_meter)
    yield reader
    provider.shutdown()
    for signal in (session_expired, session_cleared):
        signal.disconnect(dispatch_uid="shop.telemetry")


def test_each_end_is_counted_by_its_reason_and_by_who_found_it(reader, visitor, clock):
    visitor.login()
    clock.tick(1800)
    visitor.get("/page/")
    for _ in range(2):
        Browser("sync").login()
    clock.tick(1800)
    call_command("clear_idle_sessions", verbosity=0)
    (resource,) = reader.get_metrics_data().resource_metrics
    (scope,) = resource.scope_metrics
    (counter,) = scope.metrics
    assert counter.name == "sessions.ended"
    points = [({**p.attributes}, p.value) for p in counter.data.data_points]
    assert points == [
        ({"reason": "idle", "found_by": "request"}, 1),
        ({"reason": "idle", "found_by": "cleanup"}, 2),
    ]
