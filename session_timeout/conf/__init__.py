"""The settings: their table, their parsers, and get_config()."""

from session_timeout.conf.config import Config, get_config, read_grace, read_setting
from session_timeout.conf.installation import (
    InstallationError,
    find_each,
    find_installed,
    get_session_store,
    listed_middleware,
)
from session_timeout.conf.parsers import (
    Seconds,
    SettingError,
    Urls,
    import_by_path,
    import_function,
    is_web_address,
    parse_seconds,
)
from session_timeout.conf.settings import SETTINGS

__all__ = [
    "SETTINGS",
    "Config",
    "InstallationError",
    "Seconds",
    "SettingError",
    "Urls",
    "find_each",
    "find_installed",
    "get_config",
    "get_session_store",
    "import_by_path",
    "import_function",
    "is_web_address",
    "listed_middleware",
    "parse_seconds",
    "read_grace",
    "read_setting",
]
