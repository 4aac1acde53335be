"""Profiles of standards, and how a site's settings compare with them.

Nothing more is imported here, because a settings file may import this to define a
Profile.
"""

from session_timeout.compliance.profiles import Clause, Profile

__all__ = ["Clause", "Profile"]
