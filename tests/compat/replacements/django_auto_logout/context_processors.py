"""In place of django-auto-logout's context processor."""


def auto_logout_client(request):
    return {}
