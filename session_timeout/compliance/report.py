"""The report on the effective settings: as text, JSON or Markdown.

OWASP ASVS 5.0, 7.1.1, asks that the limits of a session are documented.
"""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import django
from django.conf import settings

from session_timeout.compliance import effective_settings, evaluation
from session_timeout.compliance.evaluation import Bound, EffectiveSettings, Finding
from session_timeout.compliance.profiles import Profile
from session_timeout.compliance.settings import get_profiles
from session_timeout.conf import Config, find_installed, get_config
from session_timeout.middleware import SessionTimeoutMiddleware

TITLE = "Session timeout policy"
DISTRIBUTION = "django-inactivity-timeout"
# The sections, and what they are called for machines.
KEYS = {
    "Limits": "limits",
    "When a session has ended": "end",
    "In the browser": "browser",
    "Session store": "store",
    "Session cookie": "cookie",
    "This report": "report",
}
PROFILES = "Profiles"
NO_PROFILES = "SESSION_TIMEOUT_PROFILES names none."


class Row(NamedTuple):
    """One fact: its key and its value for machines, its label and text for people."""

    section: str
    key: str
    label: str
    value: Any
    text: str


class Report(NamedTuple):
    rows: list[Row]
    profiles: list[tuple[Profile, list[Finding]]]

    @property
    def missed(self) -> list[str]:
        """The names of the profiles of which a clause is missed."""
        return [
            profile.name
            for profile, found in self.profiles
            if evaluation.summary(found) == "missed"
        ]


def get_report() -> Report:
    """Return the site's policy. Raises ImproperlyConfigured where there is none."""
    config, site = get_config(), effective_settings.get_effective_settings()
    rows = [
        *limit_rows(config, site),
        *end_rows(config),
        *page_rows(config, site),
        *store_rows(site),
        *report_rows(),
    ]
    return Report(
        rows, [(each, evaluation.evaluate(each, site)) for each in get_profiles()]
    )


def limit_rows(config: Config, site: EffectiveSettings) -> Iterator[Row]:
    section = "Limits"
    idle, absolute = callables_of(config)
    yield bound_row(section, "idle", "Idle limit", site.idle, idle)
    yield bound_row(section, "absolute", "Absolute limit", site.absolute, absolute)
    fixed = None if effective_settings.overrides_limits() else config.limits
    grace = config.grace if fixed is None else fixed.grace
    text = "depends on the limits" if grace is None else evaluation.length(grace)
    yield Row(section, "grace", "Grace period", {"seconds": grace, "text": text}, text)
    age = settings.SESSION_COOKIE_AGE
    since = "request" if config.save_every_request else "write to the session"
    text = f"{evaluation.length(age)} after the last {since}"
    label = "Django's own limit"
    yield Row(section, "django", label, {"seconds": age, "text": text}, text)
    for name, label in (("PASSIVE", "Passive"), ("EXEMPT", "Exempt")):
        raw = getattr(settings, f"SESSION_TIMEOUT_{name}_URLS", ())
        urls = sorted(raw)
        text = ", ".join(urls) or "none"
        yield Row(section, name.lower(), f"{label} requests", urls, text)


def callables_of(config: Config) -> tuple[str, str]:
    """Return the paths of the callables that return the idle and the absolute limit."""
    if effective_settings.overrides_limits():
        name = f"{dotted(find_installed(SessionTimeoutMiddleware))}.get_limits"
        return name, name
    limits = (config.idle, config.absolute) if config.from_start else (config.absolute,)
    names = [dotted(limit) for limit in limits if callable(limit)]
    return dotted(config.idle), " and ".join(names)


def bound_row(section: str, key: str, label: str, bound: Bound, who: str) -> Row:
    parts = [] if bound.seconds is None else [evaluation.length(bound.seconds)]
    if bound.per_request:
        parts.append(f"set by {who} for each request")
    text = ", or less: ".join(parts) or "none"
    value = {"seconds": bound.seconds, "callable": bound.per_request, "text": text}
    return Row(section, key, label, value, text)


def end_rows(config: Config) -> Iterator[Row]:
    section = "When a session has ended"
    page = f"the login page ({settings.LOGIN_URL})"
    if config.redirect is not None:
        page = (
            dotted(config.redirect)
            if callable(config.redirect)
            else str(config.redirect)
        )
    yield Row(section, "redirect", "Redirect", page, page)
    yield flag(
        section, "redirect_anonymous", "Anonymous redirected", config.redirect_anonymous
    )
    handler = config.handler and dotted(config.handler)
    yield Row(section, "handler", "Handler", handler, handler or "none")
    message = None if config.message is None else str(config.message)
    yield Row(section, "message", "Message", message, message or "none")
    clear = config.clear_site_data
    yield Row(section, "clear_site_data", "Clear-Site-Data", clear, clear or "none")


def page_rows(config: Config, site: EffectiveSettings) -> Iterator[Row]:
    seconds, per_request = site.warning.seconds, site.warning.per_request
    text = "none: session_timeout.urls is not in the URLconf"
    if seconds is not None:
        most, lead = "at most " if per_request else "", evaluation.length(seconds)
        text = f"{most}{lead} before the end, on pages with the dialog"
    value = {"seconds": seconds, "callable": per_request, "text": text}
    yield Row("In the browser", "warning", "Warning", value, text)
    text = "kept, until somebody clicks"
    if site.kept is not None:
        text = "emptied, with the dialog"
    if site.kept:
        after = f"for {evaluation.length(site.kept)} after the end"
        text = f"covered, with the dialog, {after}; then emptied"
    value = {"seconds": site.kept, "text": text}
    yield Row("In the browser", "kept", "Pages at the end", value, text)


def store_rows(site: EffectiveSettings) -> Iterator[Row]:
    section = "Session store"
    yield Row(section, "engine", "Engine", site.engine, site.engine)
    text = "yes" if site.revocable else "no: a copied cookie cannot be revoked"
    label = "Deleted on the server"
    yield Row(section, "revocable", label, site.revocable, text)
    section = "Session cookie"
    texts = {"NAME": "Name", "PATH": "Path", "DOMAIN": "Domain", "SAMESITE": "SameSite"}
    for name, label in texts.items():
        value = getattr(settings, f"SESSION_COOKIE_{name}")
        text = "none" if value in {None, False} else str(value)
        yield Row(section, name.lower(), label, value, text)
    for name, label in (("SECURE", "Secure"), ("HTTPONLY", "HttpOnly")):
        yield flag(
            section, name.lower(), label, getattr(settings, f"SESSION_COOKIE_{name}")
        )
    closes = settings.SESSION_EXPIRE_AT_BROWSER_CLOSE
    yield flag(section, "at_browser_close", "Ends with the browser", closes)


def report_rows() -> Iterator[Row]:
    """Yield when, and by which versions, the report was made."""
    found = {
        "Date": datetime.now(UTC).date().isoformat(),
        "Package": f"{DISTRIBUTION} {version(DISTRIBUTION)}",
        "Django": django.get_version(),
        "Python": platform.python_version(),
    }
    for label, text in found.items():
        yield Row("This report", label.lower(), label, text, text)


def flag(section: str, key: str, label: str, value: object) -> Row:
    return Row(section, key, label, bool(value), "yes" if value else "no")


def dotted(function: Any) -> str:
    """Return the path of a function or class, or of the class of another callable."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as values that json can write."""
    data: dict[str, Any] = {}
    for row in report.rows:
        data.setdefault(KEYS[row.section], {})[row.key] = row.value
    data["profiles"] = [
        {
            "name": profile.name,
            "title": profile.title,
            "source": profile.source,
            "verdict": str(evaluation.summary(found)),
            "clauses": [
                {
                    "kind": one.kind,
                    "clause": one.clause.name,
                    "word": one.clause.word,
                    "seconds": one.clause.seconds,
                    "demand": one.demand,
                    "found": one.found,
                    "verdict": str(one.verdict),
                }
                for one in found
            ],
        }
        for profile, found in report.profiles
    ]
    return data


def as_text(report: Report) -> str:
    lines, width = [TITLE], max(len(row.label) for row in report.rows)
    for section, rows in groupby(report.rows, attrgetter("section")):
        lines += ["", section]
        lines += [f"  {row.label:{width}}  {row.text}" for row in rows]
    lines += ["", PROFILES]
    for profile, found in report.profiles:
        lines.append(f"  {profile.name}: {evaluation.summary(found)}")
        for one in found:
            lines.append(f"    {one.kind} ({profile.title}, {one.clause.name}):")
            lines.append(f"      {one.verdict}: {one.found}; {one.demand}.")
    if not report.profiles:
        lines.append(f"  {NO_PROFILES}")
    return "\n".join(lines)


def as_markdown(report: Report) -> str:
    lines = [f"# {TITLE}"]
    for section, rows in groupby(report.rows, attrgetter("section")):
        lines += ["", f"## {section}", "", "| | |", "|---|---|"]
        lines += [line(row.label, row.text) for row in rows]
    lines += ["", f"## {PROFILES}", ""]
    if not report.profiles:
        lines.append(NO_PROFILES)
        return "\n".join(lines)
    lines.append("| Profile | Clause | About | It asks | Found | Verdict |")
    lines.append("|---|---|---|---|---|---|")
    for profile, found in report.profiles:
        title = f"[{profile.title}]({profile.source})"
        name = title if profile.source else profile.title
        lines += [
            line(name, one.clause.name, one.kind, one.demand, one.found, one.verdict)
            for one in found
        ]
    return "\n".join(lines)


def line(*cells: str) -> str:
    """Return a row of a table of Markdown."""
    plain = [" ".join(cell.split()).replace("|", r"\|") for cell in cells]
    return f"| {' | '.join(plain)} |"
