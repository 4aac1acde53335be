"""The configuration of the manual. It builds offline: no other site is asked."""

import sys
from pathlib import Path
from tomllib import loads

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
settings.configure()
django.setup()

project = "django-inactivity-timeout"
release = loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["deflist"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"django-inactivity-timeout {release}"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5fbf"},
    "dark_css_variables": {"color-brand-primary": "#7fb2ff"},
    "navigation_with_keys": True,
}
html_show_copyright = False
html_show_sphinx = False
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False
