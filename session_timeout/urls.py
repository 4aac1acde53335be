"""The URLs of the dialog's views, for include("session_timeout.urls")."""

from django.urls import path

from session_timeout.browser import views

app_name = "session_timeout"
urlpatterns = [
    path("status/", views.status, name="status"),
    path("extend/", views.extend, name="extend"),
    path("resumed/", views.resumed, name="resumed"),
]
