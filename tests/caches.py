"""A cache that fails for the entries beside sessions, as a test tells it to."""

from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache


class Entries(LocMemCache):
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
