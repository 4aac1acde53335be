"""Real stores, each with a database and a cache prefix of its own."""

from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests.support import servers
from tests.support.stores import ALIAS, STORES, parameters


@pytest.fixture(scope="module", params=parameters(STORES))
def store(request, django_db_blocker, tmp_path_factory):
    """A site with this store, without the transaction of a test around it."""
    store, directory = request.param, tmp_path_factory.mktemp("store")
    for server in servers.PORTS:
        if server in {store.database, store.cache}:
            servers.require(server)
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(store.settings(directory))
        stack.enter_context(store.own_database(directory))
        User.objects.create_user("ada", password="secret")
        yield store


@pytest.fixture
def connect_with(store):
    """Gives the site's connection other options, until the test has ended."""
    connection = connections[ALIAS]
    before = connection.settings_dict["OPTIONS"]

    def connect(options):
        connection.settings_dict["OPTIONS"] = options
        connection.close()

    yield connect
    connect(before)
