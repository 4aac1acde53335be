"""htmx, with django-htmx's middleware after ours and before it."""

import json
import re

import pytest

RECIPE = "htmx"
HTMX = "django_htmx.middleware.HtmxMiddleware"


@pytest.fixture(params=["after", "before", "without"])
def page(request, visitor, settings):
    """A visitor whose requests htmx makes, and where django-htmx's middleware is."""
    others = [name for name in settings.MIDDLEWARE if name != HTMX]
    orders = {"after": settings.MIDDLEWARE, "before": [HTMX, *others]}
    settings.MIDDLEWARE = orders.get(request.param, others)
    visitor.login()
    return visitor


def test_htmx_is_told_to_load_the_login_page(page, clock):
    clock.tick(1800)
    response = page.get("/page/", HX_Request="true", HX_Current_URL="/read/")
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/login/?next=/read/"


def test_a_boosted_link_comes_back_to_where_it_led(page, clock):
    clock.tick(1800)
    headers = {"HX_Request": "true", "HX_Boosted": "true"}
    response = page.get("/page/", **headers)
    assert response.headers["HX-Redirect"] == "/login/?next=/page/"


def test_polling_with_the_header_of_the_recipe_is_no_activity(visitor, recipe, clock):
    sent = json.loads(re.search(r"hx-headers='(.+?)'", recipe)[1])
    headers = {name.replace("-", "_"): value for name, value in sent.items()}
    visitor.login()
    for _ in range(3):
        clock.tick(590)
        response = visitor.get("/progress/", HX_Request="true", **headers)
        assert response.content == b"42 %"
    clock.tick(30)
    response = visitor.get("/progress/", HX_Request="true", **headers)
    assert response.headers["HX-Redirect"].startswith("/login/")


def test_polling_without_it_is(visitor, clock):
    visitor.login()
    for _ in range(4):
        clock.tick(600)
        response = visitor.get("/progress/", HX_Request="true")
    assert response.content == b"42 %"
