from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from shop import views

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", views.account, name="account"),
    path("cart/", views.cart, name="cart"),
    path("notes/", views.notes, name="notes"),
    path("polling/", views.polling, name="polling"),
    path("polling/status/", views.status, name="status"),
    path("fetch/", views.fetch, name="fetch"),
    path("fetch/data/", views.data, name="data"),
    path("htmx/", views.htmx, name="htmx"),
    path("htmx/fragment/", views.fragment, name="fragment"),
    path("async/", views.asynchronous, name="async"),
    path("websocket/", views.websocket, name="websocket"),
    path("switch/", views.switch, name="switch"),
    path("idle/", views.idle, name="idle"),
    path("log/", views.log, name="log"),
    path("language/", include("django.conf.urls.i18n")),
    path("session-timeout/", include("session_timeout.urls")),
    path("admin/", admin.site.urls),
]
