"""The signals that the package sends."""

from django.dispatch import Signal

#: Sent before an expired session is emptied, so that its data can still be read.
#:
#: The sender is the class of the middleware. Arguments: request; reason ("idle",
#: "absolute", "cookie_age" or "invalid"); user_id (a string, or None if nobody was
#: logged in); started_at and last_activity (Unix seconds, or None if the record was
#: malformed).
session_expired = Signal()

#: Sent after the command clear_idle_sessions has deleted a session.
#:
#: The sender is the class of the session. The arguments are reason, user_id, started_at
#: and last_activity, as for session_expired. There is no request.
session_cleared = Signal()
