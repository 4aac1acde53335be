"""The file engine."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import (
    VALID_KEY_CHARS,
    CreateError,
    UpdateError,
)
from django.utils.crypto import salted_hmac

from session_timeout.backends.base import EXPIRY_KEY, SideRecordBackend, StoredSession
from session_timeout.backends.session_access import RECORD_KEY, get_loaded, load_quietly
from session_timeout.flow import Flow, IOCall
from session_timeout.policy import Record


class FileBackend(SideRecordBackend):
    """Activity is written to a small file beside the session's.

    The file has the format of a session. So it lives as long as a session that is saved
    at the same time, and clearsessions deletes it.

    A file system cannot delete a file on condition. So delete_unchanged() looks at each
    file again right before it deletes the file. What is written between these two calls
    is lost.
    """

    # Django's file engine never ends a session whose set_expiry() is in seconds.
    include_cookie_age = True
    can_list_sessions = True

    def __init__(self, session: Any, key: Any) -> None:
        super().__init__(session, key)
        self._sides_as_read: dict[str, list[Any]] = {}  # by session key

    def last_write(self, now: float) -> float:
        try:
            return float(self.session._last_modification().timestamp())
        except OSError:  # another request has ended the session meanwhile
            return now

    def side_keys(self, session_key: str) -> list[str]:
        """Return the session keys that the side record may have. They are secret.

        The side record is written under the first. The others are of former values of
        SECRET_KEY.
        """
        salt = "session_timeout.backends.file"
        return [
            salted_hmac(salt, session_key, secret, algorithm="sha256").hexdigest()
            for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ]

    def open_side_records(self) -> list[Any]:
        return [self.session.__class__(key) for key in self.side_keys(self.key)]

    def load_side_record(self) -> Flow[Any]:
        for side in self.open_side_records():
            data = yield from load_quietly(side)
            if data:
                return data.get(RECORD_KEY)
        return None

    def save_side_record(self, record: Record) -> Flow[None]:
        side, data = self.open_side_records()[0], get_loaded(self.session) or {}
        side._session_cache = {RECORD_KEY: record.encode()}
        if EXPIRY_KEY in data:
            side._session_cache[EXPIRY_KEY] = data[EXPIRY_KEY]
        try:
            yield IOCall(side.save, side.asave)
        except UpdateError:  # there is none yet
            # Unless another request has created it in this moment.
            with suppress(CreateError):
                yield IOCall(side.save, side.asave, must_create=True)
        # Django ends a session by the age of its file. If the clock has been set back,
        # the session's file is newer than this one, and would outlive it.
        with suppress(OSError):  # another request has ended the session meanwhile
            path = side._key_to_file()
            modified = os.stat(self.session._key_to_file(self.key)).st_mtime_ns
            if modified > os.stat(path).st_mtime_ns:
                os.utime(path, ns=(modified, modified))

    def delete_side_record(self) -> Flow[None]:
        for side in self.open_side_records():
            yield IOCall(side.delete, side.adelete)

    def list_sessions(self, batch_size: int) -> Iterator[list[StoredSession]]:
        batch: list[StoredSession] = []
        with os.scandir(self.session.storage_path) as entries:
            for key in map(self.session_key_of, entries):
                stored = self.read_file(key) if key else None
                if stored and not is_side_record(stored):
                    batch.append(stored)
                if len(batch) == batch_size:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def session_key_of(self, entry: os.DirEntry[str]) -> str | None:
        """Return the session key in a file's name, or None."""
        prefix, name = self.session.file_prefix, entry.name
        key = name.removeprefix(prefix)
        is_key = name.startswith(prefix) and set(key) <= set(VALID_KEY_CHARS)
        try:
            return key if is_key and entry.is_file() else None
        except OSError:  # read_file() fails too, so that it counts as unreadable
            return key

    def read_file(self, key: str) -> StoredSession | None:
        """Return the session in a file, or None if there is no file.

        A file that cannot be read, such as one of another user, is a session without
        data. Django's own load() would delete an expired session, and create another.
        """
        path = self.session._key_to_file(key)
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                as_read, text = signature(os.fstat(file.fileno())), file.read()
        except FileNotFoundError:
            return None
        except OSError:
            return StoredSession(key, {}, None)
        # Django creates a file before it writes to it.
        data = self.session.decode(text) if text else {}
        return StoredSession(key, data, as_read)

    def read_side_records(self, sessions: list[StoredSession]) -> dict[str, Any]:
        found = {}
        for item in sessions:
            sides = [self.read_file(key) for key in self.side_keys(item.key)]
            self._sides_as_read[item.key] = [side and side.as_read for side in sides]
            stored = [side.data.get(RECORD_KEY) for side in sides if side]
            if records := [record for record in stored if record is not None]:
                found[item.key] = records[0]
        return found

    def delete_unchanged(self, sessions: list[StoredSession]) -> set[str]:
        deleted = set()
        for key, _, as_read in sessions:
            side_keys = self.side_keys(key)
            sides = [self.signature_of(side_key) for side_key in side_keys]
            is_unchanged = self.signature_of(key) == as_read
            if is_unchanged and sides == self._sides_as_read.get(key):
                for name in (key, *side_keys):
                    self.session.delete(name)
                deleted.add(key)
        return {key for key in deleted if not self.session.exists(key)}

    def signature_of(self, key: str) -> Any:
        try:
            return signature(os.stat(self.session._key_to_file(key)))
        except OSError:
            return None


def signature(status: os.stat_result) -> tuple[int, int, int]:
    """Return what changes when a session is saved, since each save makes a new file."""
    return status.st_ino, status.st_mtime_ns, status.st_size


def is_side_record(stored: StoredSession) -> bool:
    """Whether a file is a side record, and not a visitor's session.

    It is deleted together with its session. If one is left over, clearsessions deletes
    it.
    """
    return len(stored.key) == 64 and stored.data.keys() <= {RECORD_KEY, EXPIRY_KEY}
