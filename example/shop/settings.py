"""The settings of the example site. It is for this machine only."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent

# What the package needs: the middleware, after SessionMiddleware, and the limit.
MIDDLEWARE = [
    "shop.middleware.ContentSecurityPolicyMiddleware",
    "shop.middleware.JournalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "session_timeout.middleware.SessionTimeoutMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SESSION_EXPIRE_SECONDS = "shop.switches.idle_limit"

# What this site asks for besides. The grace period is short, so that the log shows
# recorded activity for nearly every request.
SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD = 1
SESSION_EXPIRE_ABSOLUTE_SECONDS = "shop.switches.absolute_limit"
SESSION_TIMEOUT_WARNING_SECONDS = int(os.environ.get("DEMO_WARNING", "20"))
SESSION_TIMEOUT_MESSAGE = "Your session has ended. Please sign in again."
SESSION_TIMEOUT_PASSIVE_URLS = ["status"]
SESSION_TIMEOUT_EXEMPT_URLS = ["^/about/$"]

INSTALLED_APPS = [
    "shop",
    "session_timeout",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.pages.context",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DEMO_DB", ROOT / "db.sqlite3"),
        # A transaction waits for another one, instead of failing at its first write.
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}

# The idle limit of visitors who have chosen none, in seconds.
DEMO_LIMIT = int(os.environ.get("DEMO_LIMIT", "60"))
# Whether every page shows the log, or the first page alone.
DEMO_LIVE = os.environ.get("DEMO_LIVE", "1") == "1"

# The package's line on each session that ends, in the terminal too.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"session_timeout": {"handlers": ["console"], "level": "INFO"}},
}

DEBUG = True
SECRET_KEY = "for the demo only: everybody can read this key"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "shop.urls"
STATIC_URL = "static/"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
LANGUAGES = [  # those of the package
    ("ar", "العربية"),
    ("cs", "Čeština"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt-br", "Português (Brasil)"),
    ("sv", "Svenska"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("zh-hans", "简体中文"),
]
TIME_ZONE = "UTC"
USE_TZ = True
