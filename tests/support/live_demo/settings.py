"""The example site's settings, with what its tests in a browser need besides."""

import os

from shop.settings import *  # noqa: F403

# A page of the site on another port, which is another origin.
OTHER_ORIGIN = "http://127.0.0.1:18999"
INSTALLED_APPS = [*INSTALLED_APPS, "corsheaders", "tests.support.live_demo"]  # noqa: F405
MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *MIDDLEWARE]  # noqa: F405
CORS_ALLOWED_ORIGINS = CSRF_TRUSTED_ORIGINS = [OTHER_ORIGIN]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = ["accept", "content-type", "x-session-passive"]

ROOT_URLCONF = "tests.support.live_demo.urls"

if "LIVE_REAUTHENTICATE" in os.environ:
    SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = int(os.environ["LIVE_REAUTHENTICATE"])
    CSRF_USE_SESSIONS = os.environ.get("LIVE_CSRF") == "session"
    LOGIN_URL = os.environ.get("LIVE_LOGIN_URL", "login")
    INSTALLED_APPS += ["allauth", "allauth.account"]
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
    AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ]

SESSION_COOKIE_AGE = 365 * 24 * 60 * 60

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
