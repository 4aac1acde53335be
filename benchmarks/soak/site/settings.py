"""The settings of the site; its contestant and its stores come from the environment."""

import json
import os

from benchmarks.contestants import AUTH, NAME, OURS, SESSIONS
from benchmarks.soak.times import GRACE, LIMIT

SITE = json.loads(os.environ["SOAK_SITE"])
HAS_TIMEOUT = SITE["contestant"] == NAME

SECRET_KEY = "not a secret: the soak's key"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.soak.site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASES = {"default": SITE["database"]}
CACHES = {"default": SITE["cache"]}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    *(["session_timeout"] if HAS_TIMEOUT else []),
]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    SESSIONS,
    *([OURS] if HAS_TIMEOUT else []),
    AUTH,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Not a line for each 403.
    "loggers": {"django.request": {"level": "ERROR"}},
}
LOGIN_URL = "/login/"
SESSION_EXPIRE_SECONDS = LIMIT
SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = GRACE
SESSION_TIMEOUT_PASSIVE_URLS = ["^/poll/"]
