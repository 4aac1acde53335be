"""Where the repository is, and dotted paths of middleware as settings name them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
OURS = "session_timeout.middleware.SessionTimeoutMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
MESSAGES = "django.contrib.messages.middleware.MessageMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"
MEANWHILE = "tests.support.middleware.meanwhile_inside"
LOCALE = "django.middleware.locale.LocaleMiddleware"
