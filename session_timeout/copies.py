"""Stamps within the session: in a copy of it, in its cookie, in its row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.signing import b62_decode
from django.db import router

from session_timeout.policy import Record, advance
from session_timeout.steps import Call, Steps
from session_timeout.store import KEY, Data, find, load

ATTEMPTS = 3
EXPIRY_KEY = "_session_expiry"  # what set_expiry() leaves in a session


class Copy:
    """Any engine: a freshly loaded copy, saved at once, never the request's own.

    Saving moves Django's own limit, which the record's expires_at makes good. What
    another request writes between that load and that save is lost.
    """

    enforces_expiry = True
    in_response = False

    def __init__(self, session: Any, key: Any) -> None:
        self.session = session
        self.key = key

    def begin(self, data: Data, now: float) -> Record:
        """Return the record of a session that begins now."""
        return Record(now, now, self.expires_at(data, now))

    def written_at(self, now: float) -> float:
        """Return when the session was last written, as far as the engine knows."""
        return now

    def expires_at(self, data: Data, written_at: float) -> float:
        """Return when Django ends a session last written at written_at."""
        timezone, expiry = UTC if settings.USE_TZ else None, data.get(EXPIRY_KEY)
        modified = datetime.fromtimestamp(written_at, timezone)
        try:
            age = self.session.get_expiry_age(modification=modified, expiry=expiry)
            return written_at + float(age)
        except (TypeError, ValueError):  # a junk set_expiry(); saving it would fail
            return written_at + settings.SESSION_COOKIE_AGE

    def recall(self, now: float, grace: float) -> tuple[bool, Record | None]:
        """Return whether this process knows the entry beside the session, and it."""
        return True, None

    def beside(self, now: float) -> Steps[Record | None]:
        """Return the entry beside the session. Raises MalformedRecordError."""
        return None
        yield

    def latest(self) -> Steps[Record | None]:
        """Return the record as it is stored now. Raises MalformedRecordError."""
        data = yield from load(type(self.session)(self.key))
        return find(data) if data else None

    def stamp(self, seen: Record, stamp: Record, grace: float) -> Steps[bool]:
        """Store the stamp, decided upon the record seen; return whether it was."""
        copy = type(self.session)(self.key)
        data = yield from load(copy)
        record = data and advance(find(data), seen, stamp, grace)
        if not data or not record:
            return False
        data[KEY] = record.stored()
        yield Call(copy.save, copy.asave)
        return True

    def forget(self) -> Steps[None]:
        """Remove the entry beside a session that has ended."""
        return
        yield


class Cookie(Copy):
    """Engines whose cookie is the store: Django sends it with the response.

    The record goes into the request's session: there is no other.
    """

    in_response = True

    def written_at(self, now: float) -> float:
        try:
            return float(b62_decode(self.key.rsplit(":", 2)[1]))
        except (IndexError, ValueError):  # another engine's format
            return now

    def expires_at(self, data: Data, written_at: float) -> float:
        # Whatever set_expiry() says: https://code.djangoproject.com/ticket/19201
        limit = written_at + settings.SESSION_COOKIE_AGE
        return min(limit, super().expires_at(data, written_at))

    def latest(self) -> Steps[Record | None]:
        return None
        yield

    def stamp(self, seen: Record, stamp: Record, grace: float) -> Steps[bool]:
        self.session[KEY] = stamp.stored()
        return True
        yield


class Row(Copy):
    """The db engine and its subclasses: compare-and-set on the row's data alone.

    What another request writes between the read and the update makes the update
    match nothing, and the stamp is tried anew on top of it. expire_date is Django's.
    """

    enforces_expiry = False

    def rows(self) -> Any:
        using = router.db_for_write(self.session.model)
        return self.session.model.objects.using(using).filter(session_key=self.key)

    def latest(self) -> Steps[Record | None]:
        rows = self.rows().values_list("session_data")
        row = yield Call(rows.first, rows.afirst)
        return find(self.session.decode(row[0])) if row else None

    def stamp(self, seen: Record, stamp: Record, grace: float) -> Steps[bool]:
        rows = self.rows()
        values = rows.values_list("session_data", "expire_date")
        for _ in range(ATTEMPTS):
            row = yield Call(values.first, values.afirst)
            data = self.session.decode(row[0]) if row else {}
            # Data that cannot be decoded reads as {}: it is not ours to overwrite.
            record = data and advance(find(data), seen, stamp, grace)
            if not record:
                return False
            data[KEY] = record._replace(expires_at=row[1].timestamp()).stored()
            unchanged = rows.filter(session_data=row[0])
            written = {"session_data": self.session.encode(data)}
            if (yield Call(unchanged.update, unchanged.aupdate, **written)):
                return True
        return False
