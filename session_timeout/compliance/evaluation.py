"""Evaluate a site's effective settings by a profile. No Django, no I/O.

All lengths of time are seconds. If in doubt, the evaluation is strict:

- An absolute limit counts from the login, however active the session is. Nothing in
  Django does that: SESSION_COOKIE_AGE counts anew from each write.
- A session cannot be idle for longer than it lasts, so the shorter of the two limits is
  compared with the figure for an idle limit. A clause that only asks for an idle limit
  is not met by an absolute one.
- SESSION_COOKIE_AGE is no idle limit either: passive requests and set_expiry() prolong
  it.
- What a callable returns for each request is unknown, so it neither meets nor misses a
  figure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from session_timeout.compliance.profiles import (
    DAY,
    HOUR,
    KINDS,
    MINUTE,
    Clause,
    Profile,
)


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bound:
    """A length of time, and whether a callable can make it shorter per request."""

    seconds: float | None = None
    per_request: bool = False


@dataclass(frozen=True, slots=True)
class EffectiveSettings:
    """What a site enforces, as far as the settings show it.

    idle counts from the last activity, absolute from the login. warning is how long
    before the end a page with the dialog warns; without seconds, no page can. revocable
    is whether the session engine deletes sessions on the server. kept is how long after
    the end a page with the dialog keeps what is on it; None if no page has the dialog.
    """

    idle: Bound
    absolute: Bound
    warning: Bound
    revocable: bool
    kept: float | None
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one clause. found describes what the site does."""

    profile: Profile
    kind: str
    clause: Clause
    verdict: Verdict
    found: str

    @property
    def demand(self) -> str:
        """What the clause asks for, in the word that it uses."""
        word, seconds = self.clause.word, self.clause.seconds
        if self.kind == "revocation":
            return f"a session that has ended {word} be of no further use"
        if self.kind == "clearing":
            return f"pages {word} be emptied when the session has ended"
        if self.kind == "warning":
            lead = "" if seconds is None else f"at least {length(seconds)} "
            return f"pages {word} warn {lead}before the end"
        if seconds is None:
            return f"there {word} be an {self.kind} limit"
        return f"the {self.kind} limit {word} be at most {length(seconds)}"

    @property
    def sentence(self) -> str:
        clause = f"{self.profile.title}, {self.clause.name}"
        return f"{self.found}. {self.profile.name} ({clause}): {self.demand}."


def evaluate(profile: Profile, site: EffectiveSettings) -> list[Finding]:
    """Return the finding on each clause of the profile, in the order of KINDS."""
    clauses = [(kind, getattr(profile, kind)) for kind in KINDS]
    return [
        Finding(profile, kind, clause, *EVALUATORS[kind](clause, site))
        for kind, clause in clauses
        if clause is not None
    ]


def shortcomings(profile: Profile, site: EffectiveSettings) -> list[Finding]:
    """Return the findings on the clauses that the site misses, or may miss."""
    return [one for one in evaluate(profile, site) if one.verdict is not Verdict.MET]


def summary(found: list[Finding]) -> Verdict:
    """Return the verdict on a profile: the worst of those on its clauses."""
    verdicts = {one.verdict for one in found}
    worst = (Verdict.MISSED, Verdict.UNKNOWN)
    return next((one for one in worst if one in verdicts), Verdict.MET)


def evaluate_idle(clause: Clause, site: EffectiveSettings) -> tuple[Verdict, str]:
    idle, absolute = site.idle, site.absolute
    longest = least(idle.seconds, absolute.seconds)
    has_none = idle == Bound()
    found = describe("idle", idle)
    if longest != idle.seconds or (has_none and absolute.per_request):
        found += f"; {describe('absolute', absolute, 'the')}"
    if clause.seconds is None:
        return verdict(idle.seconds is not None, per_request=idle.per_request), found
    met = longest is not None and longest <= clause.seconds
    return verdict(
        met, per_request=idle.per_request or (has_none and absolute.per_request)
    ), found


def evaluate_absolute(clause: Clause, site: EffectiveSettings) -> tuple[Verdict, str]:
    seconds = site.absolute.seconds
    met = seconds is not None and (clause.seconds is None or seconds <= clause.seconds)
    found = describe("absolute", site.absolute)
    return verdict(met, per_request=site.absolute.per_request), found


def evaluate_warning(clause: Clause, site: EffectiveSettings) -> tuple[Verdict, str]:
    seconds, per_request = site.warning.seconds, site.warning.per_request
    if seconds is None:
        return Verdict.MISSED, "No page warns: session_timeout.urls is not in use"
    most = "at most " if per_request else ""
    found = f"Pages warn {most}{length(seconds)} before the end"
    if clause.seconds is None:
        return Verdict.MET, found
    # Pages warn later if the limit is short, which only a callable knows.
    enough = seconds >= clause.seconds
    return verdict(enough and not per_request, per_request=enough), found


def evaluate_revocation(clause: Clause, site: EffectiveSettings) -> tuple[Verdict, str]:
    if site.revocable:
        return Verdict.MET, "A session that has ended is deleted on the server"
    found = f"{site.engine} keeps the session in the cookie, and a copied cookie"
    return Verdict.MISSED, f"{found} cannot be revoked"


def evaluate_clearing(clause: Clause, site: EffectiveSettings) -> tuple[Verdict, str]:
    if site.kept is None:
        return Verdict.MISSED, "No page is emptied: session_timeout.urls is not in use"
    if not site.kept:
        return Verdict.MET, "Pages with the dialog are emptied at the end"
    found = "Pages keep what is on them, covered, for their user to sign in again"
    return Verdict.MISSED, f"{found}: {length(site.kept)}"


EVALUATORS: dict[str, Callable[[Clause, EffectiveSettings], tuple[Verdict, str]]] = {
    "idle": evaluate_idle,
    "absolute": evaluate_absolute,
    "warning": evaluate_warning,
    "revocation": evaluate_revocation,
    "clearing": evaluate_clearing,
}


def verdict(met: bool, *, per_request: bool) -> Verdict:
    if met:
        return Verdict.MET
    return Verdict.UNKNOWN if per_request else Verdict.MISSED


def least(*lengths: float | None) -> float | None:
    return min((each for each in lengths if each is not None), default=None)


def describe(kind: str, bound: Bound, article: str = "The") -> str:
    """Return what a limit is, in words."""
    if bound.per_request:
        rest = "" if bound.seconds is None else f", and at most {length(bound.seconds)}"
        return f"{article} {kind} limit is set by a callable for each request{rest}"
    if bound.seconds is None:
        return f"There is no {kind} limit"
    return f"{article} {kind} limit is {length(bound.seconds)}"


def length(seconds: float) -> str:
    """Return a length of time in words, and in seconds where that says more."""
    words = humanise(seconds)
    return words if seconds < MINUTE else f"{words} ({seconds:.12g} s)"


def humanise(seconds: float) -> str:
    """Return a length of time as days, hours, minutes and seconds.

    Below two days it is in hours, as in the standards: 24 hours, 36 hours.
    """
    parts, rest = [], seconds
    units = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
    for unit, name in units if seconds >= 2 * DAY else units[1:]:
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count:.12g} {name}{'' if count == 1 else 's'}")
    if rest or not parts:
        parts.append(f"{rest:.12g} second{'' if rest == 1 else 's'}")
    return " ".join(parts)
