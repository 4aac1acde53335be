"""The file engine, with files that another request deletes as soon as they are read."""

import os
from typing import Any

from tests.support.engines import file


class SessionStore(file.SessionStore):
    def load(self) -> dict[str, Any]:
        data = super().load()
        os.unlink(self._key_to_file())
        return data
