"""The configuration of the manual. It builds offline: no other site is asked."""

import sys
from html import escape
from pathlib import Path
from re import sub
from tomllib import loads
from typing import Any

import django
from django.conf import settings
from docutils import nodes

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))
settings.configure()
django.setup()

project = "django-inactivity-timeout"
release = loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_design",
    "sphinx_sitemap",
    "sphinxext.opengraph",
]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"django-inactivity-timeout {release}"
html_baseurl = "https://django-inactivity-timeout.readthedocs.io/en/latest/"
html_logo = html_favicon = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["manual.css"]
html_js_files = [("manual.js", {"defer": "defer"})]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5fbf"},
    "dark_css_variables": {"color-brand-primary": "#7fb2ff"},
    "navigation_with_keys": True,
}
html_show_copyright = False
html_show_sphinx = False

sitemap_url_scheme = "{link}"
sitemap_excludes = ["genindex.html", "search.html"]
ogp_site_url = html_baseurl
ogp_image = f"{html_baseurl}_images/warning.png"
ogp_image_alt = "A dialog on a page asks: Are you still there?"
ogp_social_cards = {"enable": False}

autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False


def inline_drawings(_app: Any, doctree: nodes.document) -> None:
    """Put each SVG into the page itself, where it takes the colours of the theme."""
    for image in list(doctree.findall(nodes.image)):
        if image["uri"].endswith(".svg"):
            drawing = (HERE / image["uri"]).read_text("utf-8")
            label = escape(image.get("alt", ""))
            html = (
                f'<div class="drawing" role="img" aria-label="{label}">{drawing}</div>'
            )
            image.replace_self(nodes.raw("", html, format="html"))


def mark_answers(_app: Any, doctree: nodes.document) -> None:
    """Give the cells "yes" and "no" of a table a class each, for their colours."""
    for cell in doctree.findall(nodes.entry):
        if cell.astext() in {"yes", "no"}:
            cell["classes"].append(cell.astext())


def keep_units(_app: Any, doctree: nodes.document) -> None:
    """Keep a number of a table and its unit on one line, with a no-break space."""
    for cell in doctree.findall(nodes.entry):
        for text in list(cell.findall(nodes.Text)):
            kept = sub(r"(?<=\d) (?=[%µ])", "\N{NO-BREAK SPACE}", text)
            text.parent.replace(text, nodes.Text(kept))


def setup(app: Any) -> None:
    app.connect("doctree-read", inline_drawings)
    app.connect("doctree-read", mark_answers)
    app.connect("doctree-read", keep_units)
