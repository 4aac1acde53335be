"""The URLs that a page asks, for include("session_timeout.urls")."""

from django.urls import path

from session_timeout import views

app_name = "session_timeout"
urlpatterns = [
    path("status/", views.status, name="status"),
    path("extend/", views.extend, name="extend"),
]
