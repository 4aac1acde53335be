"""Seconds left in each response."""

RECIPE = "Seconds left in each response"
HEADER = "Session-Expires-In"


def test_each_response_tells_how_long_the_session_lasts(visitor, clock):
    visitor.login()
    assert visitor.get("/page/").headers[HEADER] == "1800"
    clock.tick(10)
    assert visitor.get("/poll/").headers[HEADER] == "1790"
    assert visitor.get("/page/").headers[HEADER] == "1790"  # in the grace period
    clock.tick(60)
    assert visitor.get("/page/").headers[HEADER] == "1800"


def test_a_visitor_without_a_session_is_told_nothing(visitor):
    assert HEADER not in visitor.get("/page/").headers


def test_the_response_after_the_end_has_none(visitor, clock):
    visitor.login()
    clock.tick(1800)
    assert HEADER not in visitor.get("/page/").headers
