"""The measured views, in the form that the run asks for."""

import os

from django.urls import include, path

from benchmarks import views

views = views.AsyncViews if os.environ["BENCHMARK_MODE"] == "async" else views.Views

urlpatterns = [
    path("user/", views.user),
    path("plain/", views.plain),
    path("public/", views.plain),
    path("slow/", views.slow),
    path("write/<str:key>/", views.write),
    path("keys/", views.keys),
    path("session_security/", include("session_security.urls")),
]
