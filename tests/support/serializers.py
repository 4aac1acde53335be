"""A serializer other than JSON, as old sites have it."""

import pickle
from typing import Any


class PickleSerializer:
    def dumps(self, obj: Any) -> bytes:
        return pickle.dumps(obj, pickle.HIGHEST_PROTOCOL)

    def loads(self, data: bytes) -> Any:
        return pickle.loads(data)
