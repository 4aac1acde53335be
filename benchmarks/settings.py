"""The settings of the measured site; its stores come from the environment."""

import json
import os

STORE = json.loads(os.environ["BENCHMARK_STORE"])

SECRET_KEY = "not a secret: the benchmark's key"  # noqa: S105
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "benchmarks.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASES = {"default": STORE["database"]}
CACHES = {
    "default": STORE["cache"],
    "counted": {"BACKEND": "benchmarks.counting.CountedCache"},
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
]
MIDDLEWARE: list[str] = []
SESSION_ENGINE = f"django.contrib.sessions.backends.{STORE['engine']}"
SESSION_FILE_PATH = os.path.dirname(str(STORE["database"]["NAME"])) or None

# Ours, and the same for the others.
SESSION_EXPIRE_SECONDS = 1800
SESSION_EXPIRE_AFTER_LAST_ACTIVITY = True
SESSION_TIMEOUT_EXEMPT_URLS = ["^/public/"]
SESSION_SECURITY_EXPIRE_AFTER = 1800
SESSION_SECURITY_WARN_AFTER = 1700
SESSION_SECURITY_INSECURE = True  # the cookie's age as it is for the others
AUTO_LOGOUT = {"IDLE_TIME": 1800}
