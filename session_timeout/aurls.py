"""The URLs of urls.py with coroutine functions as their views, for ASGI."""

from django.urls import path

from session_timeout import views

app_name = "session_timeout"
urlpatterns = [
    path("status/", views.astatus, name="status"),
    path("extend/", views.aextend, name="extend"),
]
