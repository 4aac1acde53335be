"""What each message of a system check has."""

MANUAL = "https://django-inactivity-timeout.readthedocs.io/en/latest/"


def link(check_id):
    """Return the line of a hint that leads to the check's section of the manual."""
    anchor = check_id.replace("session_timeout.", "session-timeout-").lower()
    return f"\n\tSee {MANUAL}checks.html#{anchor}"


def ids_of(messages):
    """Return the ids of the messages, each of which has to link to the manual."""
    for message in messages:
        hint = message.hint.removesuffix(link(message.id))
        assert hint not in {"", "None", message.hint}
    return [message.id for message in messages]
