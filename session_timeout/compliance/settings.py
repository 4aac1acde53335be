"""SESSION_TIMEOUT_PROFILES: from names and dotted paths to profiles."""

from django.utils.module_loading import import_string

from session_timeout.compliance.profiles import BUILT_IN, Profile
from session_timeout.conf import SettingError, read_setting

NAME = "SESSION_TIMEOUT_PROFILES"
HINT = f"Write a list of dotted paths and of these names: {', '.join(BUILT_IN)}."


def get_profiles() -> tuple[Profile, ...]:
    """Return the profiles that the setting names, in its order, each once.

    Raises SettingError if the setting is wrong.
    """
    profiles: dict[str, Profile] = {}
    for item in read_setting(NAME):
        for profile in find_profiles(item):
            if profiles.setdefault(profile.name, profile) != profile:
                problem = f"contains two profiles with the name {profile.name!r}"
                raise SettingError(NAME, problem, "Give each its own name.")
    return tuple(profiles.values())


def find_profiles(item: object) -> list[Profile]:
    """Return the profile of that name, or those at the dotted path."""
    if isinstance(item, Profile):
        return [item]
    if not isinstance(item, str) or ("." not in item and item not in BUILT_IN):
        raise SettingError(NAME, f"contains {item!r}, which is not a profile", HINT)
    if item in BUILT_IN:
        return [BUILT_IN[item]]
    try:
        found = import_string(item)
    except (ImportError, TypeError, ValueError) as error:
        problem = f"contains {item!r}, which cannot be imported: {error}"
        raise SettingError(NAME, problem, HINT) from None
    profiles = [*found] if isinstance(found, list | tuple) else [found]
    if profiles and all(isinstance(each, Profile) for each in profiles):
        return profiles
    problem = f"contains {item!r}, which is {found!r} and not a Profile"
    hint = "Write the dotted path of a Profile, or of a list of them."
    raise SettingError(NAME, problem, hint)
