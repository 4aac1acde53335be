"""The URLs of the test project."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404
from django.urls import include, path, register_converter

from tests.support import views

ERRORS = {"nobody": Http404("Nobody of that name."), "broken": RuntimeError("Broken.")}


class Strict:
    """A path converter that raises what is none of Django's ValueError."""

    regex = "nobody|broken"

    def to_python(self, value: str) -> str:
        raise ERRORS[value]


register_converter(Strict, "strict")

back_office = admin.AdminSite(name="back_office")

widgets = [path("poll/", views.still, name="poll"), path("<int:pk>/", views.still)]

urlpatterns = [
    path("", views.still, name="home"),
    path("page/", views.page, name="page"),
    path("write/", views.write, name="write"),
    path("read/", views.read, name="read"),
    path("during/", views.during, name="during"),
    path("passive/during/", views.passive_during),
    path("exempt/during/", views.exempt_during),
    path("async/", views.coroutine),
    path("async/dialog/", views.dialog),
    path("poll/", views.poll, name="poll"),
    path("async/poll/", views.async_poll),
    path("class/poll/", views.PassiveView.as_view()),
    path("public/", views.public, name="public"),
    path("async/public/", views.async_public),
    path("class/public/", views.ExemptView.as_view()),
    path("again/", views.sign_in_again),
    path("timeout/", views.page, name="timeout"),
    path("widgets/", include((widgets, "widgets"), namespace="gadgets")),
    path("login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("people/<strict:name>/", views.still),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("session-timeout/", include("session_timeout.urls")),
    path("admin/", admin.site.urls),
    path("back-office/", back_office.urls),
]
