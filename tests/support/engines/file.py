"""The file engine, with files that are as old as the (frozen) clock says."""

import os
import time

from django.conf import settings
from django.contrib.sessions.backends import file


class SessionStore(file.SessionStore):
    @classmethod
    def _get_storage_path(cls) -> str:
        return settings.SESSION_FILE_PATH

    def save(self, must_create: bool = False) -> None:
        super().save(must_create)
        now = time.time()
        os.utime(self._key_to_file(), (now, now))
