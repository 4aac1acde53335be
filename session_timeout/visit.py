"""One request and its session: what is known, and what is written."""

from __future__ import annotations

import logging
import time
from functools import cached_property
from typing import Any, cast

from django.contrib.sessions.backends.base import UpdateError

from session_timeout import store
from session_timeout.copies import Copy
from session_timeout.engines import engine_of
from session_timeout.glance import Glance
from session_timeout.policy import (
    Expiry,
    Limits,
    MalformedRecordError,
    Reason,
    Record,
    as_of,
    is_due,
    merge,
    reason_to_end,
)
from session_timeout.steps import Steps

logger = logging.getLogger("session_timeout")


class Visit(Glance):
    """A request's session, its record, and the limits that apply to it.

    The methods do their I/O as steps; none of them raises because a store does.
    """

    is_new = False  # the session had no record so far
    expiry: Expiry | None = None  # this request has found the session ended

    @cached_property
    def engine(self) -> Copy:
        return engine_of(self.session, self.key)

    def clean(self) -> Steps[None]:
        """Undo what loading has done besides, where there was nothing to load."""
        try:
            yield from store.clean(self.session, self.key, self.flags)
        except Exception as error:
            self.refuse(error)
            return
        if self.session.modified and not self.flags[1]:
            self.hide()
        self.is_checked = bool(self.data)
        self.is_vacant = self.session.session_key is None

    def check(self, limits: Limits) -> Steps[Reason | None]:
        """Return why the session has ended, or None; note whether a stamp is due."""
        self.limits = limits
        self.now = time.time()
        self.rests_until = self.now + limits.grace
        try:
            self.record = self.find(self.data)
            if self.is_settled(limits):
                return None
            yield from self.look_beside(limits)
            if self.reason_to_end() is not None:
                yield from self.look_again()
        except MalformedRecordError:
            self.record = None
            return Reason.INVALID
        if self.record is None:
            self.is_new = True
            self.record = self.adopt(self.data, self.now)
        self.is_due = self.is_new or is_due(self.record, self.now, limits.grace)
        return self.reason_to_end()

    def find(self, data: store.Data) -> Record | None:
        """Return the session's own record, or what LabD's stamp says."""
        record = store.find(data)
        if record is None and (stamp := store.find_labd(data)) is not None:
            return self.adopt(data, stamp)
        return record

    def adopt(self, data: store.Data, since: float) -> Record:
        """Return the first record of a session that Django has known for longer."""
        written_at = self.engine.written_at(self.now)
        expires_at = self.engine.expires_at(data, written_at)
        return Record(since, since, expires_at)

    def is_settled(self, limits: Limits) -> bool:
        """Whether the session is known to go on, with no stamp due."""
        record = self.record
        if record is None or is_due(record, self.now, limits.grace):
            return False
        return self.reason_to_end() is None

    def reason_to_end(self) -> Reason | None:
        """Return by which limit the session has ended by now, if it has."""
        if self.record is None or self.limits is None:
            return None
        cookie_age = self.engine.enforces_expiry
        return reason_to_end(self.record, self.limits, self.now, cookie_age=cookie_age)

    def look_beside(self, limits: Limits) -> Steps[None]:
        """Learn what is kept beside the session, or remembered of it."""
        known, beside = self.engine.recall(self.now, limits.grace)
        if not known:
            beside = yield from self.engine.beside(self.now)
            self.now = time.time()
        self.record = merge(self.record, beside, self.now)

    def look_again(self) -> Steps[None]:
        """Learn what is stored now, which this request's copy may not show."""
        try:
            latest = yield from self.engine.latest()
        except MalformedRecordError:
            raise
        except Exception:
            logger.warning("A session could not be read again.", exc_info=True)
        else:
            self.record = merge(self.record, latest, self.now)

    def is_ahead(self) -> bool:
        """Whether the record has been stamped in the future."""
        return self.record is not None and as_of(self.record, self.now) != self.record

    def stamp(self, *, forced: bool = False) -> Steps[None]:
        """Store that there was activity now; check() has found the record.

        Forced, not even another stamp within the grace period stands in its way.
        """
        seen, limits = cast("Record", self.record), cast("Limits", self.limits)
        # Asking what counts as activity may have taken its time.
        self.now = now = time.time()
        self.is_due = False
        self.record = Record(min(seen.started_at, now), now, seen.expires_at)
        try:
            grace = 0.0 if forced else limits.grace
            yield from self.engine.stamp(seen, self.record, grace)
        except UpdateError:
            return  # another request has ended the session meanwhile
        except Exception:
            logger.warning("A session could not be stamped.", exc_info=True)
        # A view that saves its copy itself shall not set the record back.
        data = store.loaded(self.session)
        if data:
            data[store.KEY] = self.record.stored()

    def stamp_end(self, is_activity: bool) -> Steps[None]:
        """Stamp the end of a request that has outlasted the grace period."""
        if not is_activity:
            return
        limits = cast("Limits", self.limits)
        try:
            yield from self.look_beside(limits)
        except MalformedRecordError:
            return  # for the next request to find
        if is_due(cast("Record", self.record), self.now, limits.grace):
            yield from self.stamp()

    def ride(self, session: Any, is_activity: bool) -> Steps[None]:
        """Put the record into the session, which Django is about to save."""
        if store.loaded(session) is None:
            try:
                yield from store.load(session)
            except Exception as error:
                store.refuse(session, error)
        data = store.loaded(session)
        if data is None or session.is_empty():
            return
        same = session.session_key == self.key
        try:
            own = self.find(data)
            # A session that has been flushed shares nothing with the one before.
            self.record = merge(own, self.record, self.now) if own or same else None
            if self.key is not None and (own or same) and not is_activity:
                yield from self.look_again()
        except MalformedRecordError:
            return  # for the next request to find
        record = self.record or self.engine.begin(data, self.now)
        record = as_of(record, self.now)
        last_activity = self.now if is_activity else record.last_activity
        expires_at = self.engine.expires_at(data, self.now)
        unchecked = not self.is_checked and same and self.engine.enforces_expiry
        if unchecked and record.expires_at <= self.now:
            expires_at = record.expires_at  # Django's limit has passed before
        record = Record(record.started_at, last_activity, expires_at)
        data[store.KEY] = record.stored()

    def forget(self) -> Steps[None]:
        """Remove what is kept beside a session that is no more."""
        try:
            yield from self.engine.forget()
        except Exception:
            logger.warning("A session's entry could not be removed.", exc_info=True)
