"""A module with a profile that asks for nothing: it cannot be imported."""

from session_timeout.compliance import Profile

empty = Profile("empty", "Empty")
