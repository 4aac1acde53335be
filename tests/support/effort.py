"""How long the tests try what they try at random, or many times."""

import os


def attempts(usually: int, thoroughly: int) -> int:
    """Return how often, unless SESSION_TIMEOUT_TESTS_THOROUGH is set, as CI sets it."""
    return thoroughly if os.environ.get("SESSION_TIMEOUT_TESTS_THOROUGH") else usually
