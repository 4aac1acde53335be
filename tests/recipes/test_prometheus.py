"""Prometheus."""

import re
import sys

import pytest
from prometheus_client import REGISTRY

from session_timeout.policy import Reason
from session_timeout.signals import session_expired

RECIPE = "Prometheus"


@pytest.fixture(autouse=True)
def counter(recipe):
    yield
    REGISTRY.unregister(sys.modules["shop.metrics"].ENDED)
    session_expired.disconnect(dispatch_uid="shop.metrics")


def counted(reason):
    return REGISTRY.get_sample_value("sessions_ended_total", {"reason": reason})


def test_each_end_is_counted_by_its_reason(visitor, clock):
    for _ in range(2):
        visitor.login()
        clock.tick(1800)
        visitor.get("/page/")
    visitor.login()
    visitor.set(_session_timeout="junk")
    visitor.get("/page/")
    assert (counted("idle"), counted("invalid")) == (2, 1)


def test_each_reason_is_there_before_its_first_end(recipe):
    assert [counted(reason) for reason in Reason] == [0.0] * len(Reason)


def test_the_alerts_ask_for_what_is_counted(visitor, clock, recipe):
    visitor.login()
    clock.tick(1800)
    visitor.get("/page/")
    names = {sample.name for metric in REGISTRY.collect() for sample in metric.samples}
    asked = set(re.findall(r"\w+_total", recipe))
    assert asked == {"sessions_ended_total"}
    assert asked <= names
