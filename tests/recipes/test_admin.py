"""The admin, on a site whose own login page is another."""

RECIPE = "The admin"
LOGIN = {"username": "ada", "password": "secret"}


def test_an_expired_visitor_comes_back_from_the_admins_login_page(visitor, clock):
    visitor.post("/admin/login/", LOGIN)
    assert visitor.get("/admin/auth/user/").status_code == 200
    clock.tick(1800)
    ended = visitor.get("/admin/auth/user/")
    assert ended.url == "/admin/login/?next=/admin/auth/user/"
    assert visitor.get(ended.url).status_code == 200
    assert visitor.post(ended.url, LOGIN).url == "/admin/auth/user/"
    assert visitor.get("/admin/auth/user/").status_code == 200
