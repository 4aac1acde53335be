"""Create the race site's database, with a user in it, or drop it."""

import sys

import django
from django.db import connection

django.setup()

if sys.argv[1] == "create":
    from django.contrib.auth.models import User

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    User.objects.create_user("ada")
else:
    connection.creation.destroy_test_db("", verbosity=0)
