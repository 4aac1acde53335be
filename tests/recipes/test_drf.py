"""Django REST framework with SessionAuthentication."""

import psycopg  # noqa: F401 - REST framework does, and must not find time standing still
import pytest

RECIPE = "Django REST framework"
PAGE = {"Referer": "http://testserver/page/"}
SCRIPTS = [
    {"Accept": "application/json"},
    {"Accept": "*/*", "Sec_Fetch_Mode": "cors"},
    {"X_Requested_With": "XMLHttpRequest"},
]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("headers", SCRIPTS)
def test_a_script_with_an_expired_session_gets_401_and_json(
    visitor, clock, method, headers
):
    visitor.login()
    clock.tick(1800)
    response = getattr(visitor, method)("/api/orders/", **PAGE, **headers)
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {
        "detail": "Your session has ended.",
        "reason": "idle",
        "redirect": "/login/?next=/page/",
    }


def test_a_script_that_asks_again_gets_what_visitors_get(visitor, clock):
    visitor.login()
    clock.tick(1800)
    statuses = [
        visitor.get("/api/orders/", Accept="application/json").status_code
        for _ in range(3)
    ]
    assert statuses == [401, 403, 403]


def test_a_person_in_the_browsable_api_goes_to_the_login_page(visitor, clock):
    visitor.login()
    clock.tick(1800)
    response = visitor.get("/api/orders/", Accept="text/html,*/*;q=0.8")
    assert response.status_code == 302
    assert response.url == "/login/?next=/api/orders/"


def test_requests_to_the_api_keep_the_session_alive(visitor, clock):
    visitor.login()
    for _ in range(3):
        clock.tick(1000)
        response = visitor.get("/api/orders/", Accept="application/json")
        assert response.json() == {"user": "ada"}


def test_polling_does_not_keep_the_session_alive(visitor, clock):
    visitor.login()
    clock.tick(1000)
    assert visitor.get("/api/progress/").json() == {"percent": 42}
    clock.tick(800)
    polled = visitor.get("/api/progress/", Accept="application/json")
    assert polled.status_code == 401
