"""The example site's settings, with what its tests in a browser need besides."""

from shop.limits import CHOICES, Choice
from shop.settings import *  # noqa: F403

CHOICES["months"] = Choice("2 months", 60 * 24 * 60 * 60)
SESSION_COOKIE_AGE = 365 * 24 * 60 * 60

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
