"""In place of django-session-security's URL, which its script calls on activity."""

from functools import wraps

from django.urls import path

from session_timeout.browser.views import extend


@wraps(extend)
def ping(request):
    request.method = "POST"
    return extend(request)


urlpatterns = [path("ping/", ping, name="session_security_ping")]
