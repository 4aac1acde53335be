"""How the session of a request stands."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from session_timeout import store
from session_timeout.conf import config
from session_timeout.copies import EXPIRY_KEY, Copy
from session_timeout.countdown import Countdown, countdown
from session_timeout.engines import engine_of
from session_timeout.policy import Limits, MalformedRecordError, Record, as_of, merge
from session_timeout.steps import Steps
from session_timeout.visit import Visit

SALT = "session_timeout.status"


@dataclass(frozen=True, slots=True)
class Standing:
    """A session that goes on: whose it is, and what is left of it."""

    user_id: str | None
    limits: Limits
    left: Countdown
    tag: str


def visit_of(request: HttpRequest) -> Visit:
    """Return what the middleware knows of the request's session.

    Raises ImproperlyConfigured where it has not seen the request.
    """
    visit: Visit | None = getattr(request, "_session_timeout", None)
    if visit is None:
        raise ImproperlyConfigured(
            "SessionTimeoutMiddleware has not seen this request. Put "
            '"session_timeout.middleware.SessionTimeoutMiddleware" into MIDDLEWARE, '
            'after "django.contrib.sessions.middleware.SessionMiddleware".'
        )
    return visit


def known(
    request: HttpRequest, limits: Limits | None, *, saves: bool, active: bool = False
) -> Standing | None:
    """Return how the session stands, as far as that is known without any I/O.

    saves tells whether Django will save the session with the response, and active
    whether the request's own activity will be stored with it.
    """
    visit, session, now = visit_of(request), request.session, time.time()
    data = store.loaded(session)
    if not data or limits is None:
        return None
    engine = engine_of(session, session.session_key)
    try:
        record = store.find(data)
        if engine.key == visit.key:
            record = merge(record, visit.record, now)
            _, remembered = engine.recall(now, limits.grace)
            record = merge(record, remembered, now)
    except MalformedRecordError:
        return None  # for the next request to find
    record = record or engine.begin(data, now)
    if active:
        record = record._replace(last_activity=now)
    return judge(engine, data, record, limits, now=now, saves=saves)


def stored(visit: Visit, limits: Limits, *, saves: bool) -> Steps[Standing | None]:
    """Return how the session stands by what is stored, which is read anew.

    That is what the next request will find. Raises what the store does.
    """
    session = type(visit.session)(visit.key)
    engine = engine_of(session, visit.key)
    data = yield from store.load(session)
    try:
        own = store.find(data or {})
        latest = yield from engine.latest()
    except MalformedRecordError:
        return None
    now = time.time()
    record = merge(own, latest, now)
    if not data or record is None:
        return None
    return judge(engine, data, record, limits, now=now, saves=saves)


def judge(
    engine: Copy,
    data: store.Data,
    record: Record,
    limits: Limits,
    *,
    now: float,
    saves: bool,
) -> Standing:
    """Return how a session with this record stands."""
    conf, record = config(), as_of(record, now)
    expires_at = engine.expires_at(data, now)
    cookie_age = expires_at - now
    if isinstance(data.get(EXPIRY_KEY), str):  # a moment, not a length of time
        cookie_age = expires_at - record.started_at
    if saves:
        record = record._replace(expires_at=expires_at)
    left = countdown(
        record,
        limits,
        now,
        warning=conf.warning,
        cookie_age=cookie_age,
        slides=conf.save_every_request,
    )
    user_id = store.find_user(data)
    return Standing(user_id, limits, left, tag_of(user_id, record))


def tag_of(user_id: str | None, record: Record) -> str:
    """Return a mark of whose session it is, which tells nothing else of them.

    A user who logs in again keeps it.
    """
    began = f"began {record.started_at!r}"
    owner = began if user_id is None else f"user {user_id}"
    return salted_hmac(SALT, owner, algorithm="sha256").hexdigest()[:32]
