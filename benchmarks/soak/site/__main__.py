"""Create the site's tables, and so many users."""

import sys

import django
from django.core.management import call_command

django.setup()

from django.contrib.auth.models import User  # noqa: E402

call_command("migrate", verbosity=0)
User.objects.bulk_create(User(username=f"user-{n}") for n in range(int(sys.argv[1])))
