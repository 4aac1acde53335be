"""The settings of the site that the race tests visit; the rest comes from a test."""

import json
import os

# PyMySQL takes the place of mysqlclient there.
from tests.support import servers

assert servers

SECRET_KEY = "not a secret: the race site's key"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.support.race_site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
SESSION_EXPIRE_SECONDS = 1800
SESSION_TIMEOUT_EXEMPT_URLS = ["^/show/"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

globals().update(json.loads(os.environ["RACE_SITE"]))
