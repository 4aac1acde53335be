"""Inertia, with inertia-django's middleware after ours and before it."""

import pytest

RECIPE = "Inertia"
MIDDLEWARE = "inertia.middleware.InertiaMiddleware"
HEADERS = {
    "X_Inertia": "true",
    "X_Inertia_Version": "1.0",
    "X_Requested_With": "XMLHttpRequest",
    "Accept": "text/html, application/xhtml+xml",
}


@pytest.fixture(params=["after", "before"])
def page(request, visitor, settings):
    """A visitor whose requests Inertia makes, and where its middleware is."""
    others = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
    if request.param == "before":
        settings.MIDDLEWARE = [MIDDLEWARE, *others]
    visitor.login()
    return visitor


def test_inertia_is_told_to_load_the_login_page(page, clock):
    visit = page.get("/orders/?tab=2", **HEADERS)
    assert visit.headers["X-Inertia"] == "true"
    assert visit.json()["props"]["user"] == "ada"
    clock.tick(1800)
    response = page.get("/orders/?tab=2", **HEADERS)
    assert response.status_code == 409
    location = response.headers["X-Inertia-Location"]
    assert location == "/login/?next=/orders/%3Ftab%3D2"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_form_is_told_too(page, clock, method):
    clock.tick(1800)
    headers = {**HEADERS, "Referer": "http://testserver/orders/"}
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    response = page._call(page.client.generic, method, "/orders/", headers=dashed)
    assert response.status_code == 409
    assert response.headers["X-Inertia-Location"] == "/login/?next=/orders/"
