"""The URLs of the race site."""

from django.urls import path

from tests.support.race_site import views

urlpatterns = [
    path("show/", views.show),
    path("slow/<int:milliseconds>/", views.slow),
    path("write/<slug:key>/", views.write),
    path("login/", views.sign_in),
    path("logout/", views.sign_out),
]
