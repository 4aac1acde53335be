"""The URLs of a site without users."""

from django.urls import path

from tests.support import views

urlpatterns = [
    path("write/", views.write),
    path("read/", views.read),
    path("login/", views.still, name="bare-login"),
    path("bare/during/", views.during),
    path("bare/poll/", views.poll),
    path("bare/logout/", views.still, name="bare-logout"),
]
