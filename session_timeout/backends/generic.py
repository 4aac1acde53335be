"""The fallback for session engines that no other backend knows."""

from session_timeout.backends import session_access
from session_timeout.backends.base import Backend
from session_timeout.backends.session_access import RECORD_KEY
from session_timeout.flow import Flow, IOCall
from session_timeout.policy import Record, resolve_concurrent_write


class GenericBackend(Backend):
    """Activity is written to a freshly loaded copy of the session, saved at once.

    What another request writes between that load and that save is lost. Saving extends
    Django's own limit, so the middleware enforces that limit by the record's
    expires_at.
    """

    def read_record(self) -> Flow[Record | None]:
        copy = session_access.copy_unloaded(self.session, self.key)
        data = yield from session_access.load_quietly(copy)
        return session_access.find_record(data) if data else None

    def write_activity(self, seen: Record, written: Record, grace: float) -> Flow[bool]:
        copy = session_access.copy_unloaded(self.session, self.key)
        data = yield from session_access.load_quietly(copy)
        record = data and resolve_concurrent_write(
            session_access.find_record(data), seen, written, grace
        )
        if not data or not record:
            return False
        data[RECORD_KEY] = record.encode()
        yield IOCall(copy.save, copy.asave)
        return True
