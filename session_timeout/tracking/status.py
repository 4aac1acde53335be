"""The status of a session: how long it lasts."""

import time
from dataclasses import dataclass
from math import inf
from typing import Any

from session_timeout import backends, policy
from session_timeout.backends import EXPIRY_KEY, Backend, SideRecordBackend
from session_timeout.conf import get_config
from session_timeout.flow import Flow
from session_timeout.policy import Limits, MalformedRecordError, Reason, Record


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """The owner of a session that has not ended, and how long the session lasts.

    user_id is a string, or None if nobody is logged in. now is in Unix seconds.
    cookie_age is the length of Django's own limit, in seconds. slides is whether each
    request starts that limit again.
    """

    user_id: str | None
    record: Record
    limits: Limits
    now: float
    cookie_age: float
    slides: bool

    @property
    def expires_in(self) -> float | None:
        """In how many seconds the session ends without activity, or None if never."""
        when, _ = policy.deadline(self.record, self.limits)
        return None if when == inf else max(round(when - self.now, 3), 0.0)

    @property
    def reason(self) -> Reason | None:
        """The limit that ends the session, or None if no limit applies."""
        when, reason = policy.deadline(self.record, self.limits)
        return None if when == inf else reason

    @property
    def can_extend(self) -> bool:
        """Whether activity would let the session last longer."""
        when, _ = policy.deadline(self.record, self.limits)
        last, _ = policy.final_deadline(self.record, self.limits, slides=self.slides)
        return when < last


def get_status(
    session: Any,
    limits: Limits | None,
    *,
    key: str | None,
    known: Record | None,
    active: bool,
) -> SessionStatus | None:
    """Return the status of a session without I/O, or None if it is not known.

    key is the session key of the request's cookie, and known the record that the
    request has found for it. active is whether the response stores the activity of this
    request. The status is not known if there is no session, or if limits is None: then
    nothing has called get_limits() of a subclass yet.
    """
    data, now = backends.get_loaded(session), time.time()
    if not data or limits is None:
        return None
    backend = backends.get_backend(session, session.session_key)
    try:
        record = backends.find_record(data)
    except MalformedRecordError:
        return None  # the next request will end the session
    if session.session_key == key:
        record = policy.merge_records(record, known, now)
        if isinstance(backend, SideRecordBackend):
            recent = backend.recall_side_record(now, limits.grace)
            record = policy.merge_records(
                record, recent.record if recent else None, now
            )
    record = record or backend.new_record(data, now)
    if active:
        record = record._replace(last_activity=now)
    saves = session.modified or get_config().save_every_request
    return build_status(backend, data, record, limits, now=now, saves=saves)


def read_status(
    session: Any, key: str | None, limits: Limits
) -> Flow[SessionStatus | None]:
    """Read the store, and return the status that the next request will find.

    Returns None if there is no session any more. Raises whatever the store raises.
    """
    saves = session.modified or get_config().save_every_request
    session = session.__class__(key)
    backend = backends.get_backend(session, key)
    data = yield from backends.load_quietly(session)
    try:
        own = backends.find_record(data or {})
        stored = yield from backend.read_record()
    except MalformedRecordError:
        return None
    now = time.time()
    record = policy.merge_records(own, stored, now)
    if not data or record is None:
        return None
    return build_status(backend, data, record, limits, now=now, saves=saves)


def build_status(
    backend: Backend,
    data: dict[str, Any],
    record: Record,
    limits: Limits,
    *,
    now: float,
    saves: bool,
) -> SessionStatus:
    """Return the status of a session. saves is whether this response saves it."""
    record, expires_at = policy.clamp_to_now(record, now), backend.expires_at(data, now)
    cookie_age = expires_at - now
    if isinstance(data.get(EXPIRY_KEY), str):  # a point in time, not a length
        cookie_age = expires_at - record.started_at
    if saves:
        record = record._replace(expires_at=expires_at)
    return SessionStatus(
        user_id=backends.find_user_id(data),
        record=record,
        limits=limits,
        now=now,
        cookie_age=cookie_age,
        slides=get_config().save_every_request,
    )
