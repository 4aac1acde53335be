"""The cache engine."""

from typing import Any, ClassVar

from session_timeout.backends.base import SideRecordBackend
from session_timeout.backends.session_access import get_loaded
from session_timeout.flow import Flow, IOCall
from session_timeout.policy import Record


class CacheBackend(SideRecordBackend):
    """Activity is written to a small cache entry beside the session's own."""

    include_cookie_age = False
    cleanup_needless: ClassVar[str | None] = (
        "the cache deletes expired sessions by itself."
    )

    def cache_key(self, session_key: str) -> str:
        """Return the cache key of a session's side record."""
        # No session's own cache key can be made to look like this one.
        return f"session_timeout:{self.session.cache_key_prefix}{session_key}"

    def load_side_record(self) -> Flow[Any]:
        cache = self.session._cache
        return (yield IOCall(cache.get, cache.aget, self.cache_key(self.key)))

    def save_side_record(self, record: Record) -> Flow[None]:
        cache, now = self.session._cache, record.last_activity
        # As long as a session that is saved now, and as long as this session, which may
        # live longer: if the clock has been set back, or SESSION_COOKIE_AGE lowered.
        end = self.expires_at(get_loaded(self.session) or {}, now)
        timeout = max(end, record.expires_at) - now
        yield IOCall(
            cache.set, cache.aset, self.cache_key(self.key), record.encode(), timeout
        )

    def delete_side_record(self) -> Flow[None]:
        cache = self.session._cache
        yield IOCall(cache.delete, cache.adelete, self.cache_key(self.key))
