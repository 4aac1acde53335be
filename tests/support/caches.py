"""Caches that tests look into."""

from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.memcached import PyMemcacheCache
from django.core.cache.backends.redis import RedisCache


class Entries(LocMemCache):
    """A cache that fails for the entries beside sessions, as a test tells it to."""

    calls: ClassVar[list[str]] = []
    refuses: ClassVar[set[str]] = set()

    def _call(self, method: str, key: str, *args: Any, **kwargs: Any) -> Any:
        if key.startswith("session_timeout:"):
            self.calls.append(method)
            if method in self.refuses:
                raise ConnectionError("the cache is down")
        return getattr(super(), method)(key, *args, **kwargs)

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._call("get", key, *args, **kwargs)

    def set(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._call("set", key, *args, **kwargs)

    def delete(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._call("delete", key, *args, **kwargs)


class Recording:
    """A cache on a server that others use too.

    It records its calls, and clear() removes only what was set through it.
    """

    calls: ClassVar[list[str]] = []
    names: ClassVar[set[str]] = set()
    opened: ClassVar[list[Any]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened.append(self)

    @classmethod
    def close_all(cls) -> None:
        """Close the connections of every thread and task.

        Django leaves most of them to the garbage collector, which warns of them.
        """
        while cls.opened:
            cls.opened.pop().close()

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.calls.append("get")
        return super().get(key, *args, **kwargs)

    def set(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.calls.append("set")
        self.names.add(key)
        return super().set(key, *args, **kwargs)

    def add(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.calls.append("add")
        self.names.add(key)
        return super().add(key, *args, **kwargs)

    def delete(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.calls.append("delete")
        return super().delete(key, *args, **kwargs)

    def clear(self) -> None:
        self.delete_many(self.names)
        self.names.clear()


class Redis(Recording, RedisCache):
    def close(self, **kwargs: Any) -> None:
        self._cache.get_client().connection_pool.disconnect()


class Memcached(Recording, PyMemcacheCache):
    pass
