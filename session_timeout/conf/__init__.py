"""The settings: their table, their parsers, and get_config()."""

from session_timeout.conf.config import Config, get_config, read_grace, read_setting
from session_timeout.conf.installation import (
    InstallationError,
    find_each,
    find_installed,
)
from session_timeout.conf.parsers import Seconds, SettingError, Urls, import_function
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
    "import_function",
    "read_grace",
    "read_setting",
]
