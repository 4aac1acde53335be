"""The manual as it is built: its links, its search, what it asks other sites for."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.servers import absent

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "docs").glob("*.md"))
NAMES = [source.stem for source in SOURCES]

# The sites that a page may link to, beside the one that the tutorial serves.
SITES = {
    "docs.djangoproject.com",
    "github.com",
    "openid.net",
    "owasp.org",
    "pypi.org",
    "semver.org",
    "www.w3.org",
}
LOCAL = "http://127.0.0.1:8000/"


class Page(HTMLParser):
    """The ids of a page, its links, and what the browser loads for it."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids.add(found.get("id"))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag in {"img", "script"} and "src" in found:
            self.loads.append(found["src"])
        elif tag == "link" and found.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loads.append(found["href"])


@cache
def read(path):
    return Page(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def clock():
    """The real clock."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    missing = [
        name for name in ("sphinx", "furo", "myst_parser") if not find_spec(name)
    ]
    if missing:  # pragma: no cover
        absent(f"no {', '.join(missing)}: pip install --group docs")
    out = tmp_path_factory.mktemp("manual")
    environment = {**os.environ}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-Wqb", "html", ROOT / "docs", out],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("name", NAMES)
def test_links_and_pictures_lead_somewhere(site, name):
    page = read(site / f"{name}.html")
    for url in [*page.links, *page.loads]:
        parts = urlsplit(url)
        if not parts.scheme:
            target = site / name
            path = target.parent / unquote(parts.path or f"{name}.html")
            assert path.exists(), url
            if parts.fragment and path.suffix == ".html":
                assert unquote(parts.fragment) in read(path).ids, url


@pytest.mark.parametrize("name", NAMES)
def test_page_is_read_without_another_site(site, name):
    assert not [
        url for url in read(site / f"{name}.html").loads if urlsplit(url).netloc
    ]


@pytest.mark.parametrize("name", NAMES)
def test_other_sites_are_known_and_asked_by_https(site, name):
    others = {
        urlsplit(url) for url in read(site / f"{name}.html").links if url != LOCAL
    }
    for parts in others:
        assert not parts.netloc or (parts.scheme == "https" and parts.netloc in SITES)


def test_search_finds_words(site):
    text = (site / "searchindex.js").read_text("utf-8")
    index = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", text, re.DOTALL)[1])
    for word, name in (("idl", "settings"), ("token", "faq"), ("timelin", "sessions")):
        numbers = set()
        for terms in (index["terms"], index["titleterms"]):
            found = terms.get(word, [])
            numbers |= set(found if isinstance(found, list) else [found])
        assert name in {index["docnames"][number] for number in numbers}, word
    assert (site / "search.html").is_file()


def test_the_front_page_shows_it_in_a_minute(site):
    text = (site / "index.html").read_text("utf-8")
    words = ("SessionTimeoutMiddleware", "SESSION_EXPIRE_SECONDS", "warning.png")
    assert all(word in text for word in words)


def test_pages_show_the_version_and_have_a_dark_theme(site):
    text = (site / "index.html").read_text("utf-8")
    version = re.search(
        r'^version = "(.+)"$',
        (ROOT / "pyproject.toml").read_text("utf-8"),
        re.MULTILINE,
    )[1]
    assert f"django-inactivity-timeout {version}" in text
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize("name", [name for name in NAMES if name != "index"])
def test_front_page_leads_to_each_page(site, name):
    assert f"{name}.html" in read(site / "index.html").links
