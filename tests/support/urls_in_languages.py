"""The URLs of a site in several languages."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from tests.support import views


class Farewell(LogoutView):
    """A logout view by another name."""


OWN = path("session-timeout/", include("session_timeout.urls"))
PAGES = [
    path("page/", views.page),
    path("poll/", views.poll),
    path("public/", views.public),
    path("login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("farewell/", Farewell.as_view(), name="farewell"),
    path("admin/", admin.site.urls),
]

urlpatterns = [OWN, *i18n_patterns(*PAGES)]
