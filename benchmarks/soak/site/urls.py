"""The URLs of the site. Django alone has no status: a poll takes its place."""

from django.urls import include, path

from benchmarks.soak.site import views
from benchmarks.soak.site.settings import HAS_TIMEOUT

urlpatterns = [
    path("login/", views.sign_in),
    path("logout/", views.sign_out),
    path("click/", views.read),
    path("slow/", views.read_slowly),
    path("poll/", views.read),
    path("write/<str:number>/", views.write),
    path("timeout/", include("session_timeout.urls"))
    if HAS_TIMEOUT
    else path("timeout/status/", views.read),
]
