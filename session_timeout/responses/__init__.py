"""The response to a request whose session has ended."""

from session_timeout.responses.expired import (
    get_expired_response,
    leave_message,
    never_cache,
    protect_expired_response,
    see_other,
)
from session_timeout.responses.next_page import (
    allowed_next,
    own_path,
    path_info_of,
    referring_path,
)
from session_timeout.responses.redirect import (
    login_url,
    name_in_admin,
    named_page,
    redirect_for_page,
)
from session_timeout.responses.requests import (
    is_exempt,
    is_passive,
    is_session_view,
    language_of,
    prefers_json,
)

__all__ = [
    "allowed_next",
    "get_expired_response",
    "is_exempt",
    "is_passive",
    "is_session_view",
    "language_of",
    "leave_message",
    "login_url",
    "name_in_admin",
    "named_page",
    "never_cache",
    "own_path",
    "path_info_of",
    "prefers_json",
    "protect_expired_response",
    "redirect_for_page",
    "referring_path",
    "see_other",
]
