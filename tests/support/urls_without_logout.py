"""The URLs of a site where nobody can log out."""

from django.urls import include, path

from tests.support import views

urlpatterns = [
    path("during/", views.during),
    path("session-timeout/", include("session_timeout.urls")),
]
