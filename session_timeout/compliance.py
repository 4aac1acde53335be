"""What a site's policy is, held against a profile. Rules only: no Django, no I/O.

All lengths of time are seconds. The rules are the cautious ones:

- The absolute limit is what counts from the login, however active the session is.
  Nothing of Django's is one: SESSION_COOKIE_AGE counts anew with each write.
- A session cannot be idle for longer than it lasts, so that the lesser of the two
  limits is held against the figure of an idle limit. A clause that only asks for an
  idle limit is not met by an absolute one.
- SESSION_COOKIE_AGE is no idle limit either: a request that is no activity, and a
  set_expiry(), prolong it.
- What a callable tells for each request is not known before there is one. Neither
  is it taken for granted, nor is it called wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from session_timeout.profiles import DAY, HOUR, KINDS, MINUTE, Clause, Profile


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bound:
    """A length of time: the one that is fixed, and whether a callable has a say."""

    seconds: float | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site enforces, as far as it is known before any request.

    idle counts from the last activity, absolute from the login. warning is how long
    before the end a page warns, if it has the dialog; without seconds, none can.
    revocable tells whether the engine deletes a session on the server.
    """

    idle: Bound
    absolute: Bound
    warning: Bound
    revocable: bool
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one clause; found says in words what the site does."""

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
        if seconds is None:
            return f"there {word} be one"
        most = "at least" if self.kind == "warning" else "at most"
        return f"it {word} be {most} {length(seconds)}"

    @property
    def sentence(self) -> str:
        clause = f"{self.profile.title}, {self.clause.name}"
        return f"{self.found}. {self.profile.name} ({clause}): {self.demand}."


def assess(profile: Profile, policy: Policy) -> list[Finding]:
    """Return what becomes of each clause of the profile, in the order of KINDS."""
    clauses = [(kind, getattr(profile, kind)) for kind in KINDS]
    return [
        Finding(profile, kind, clause, *JUDGES[kind](clause, policy))
        for kind, clause in clauses
        if clause is not None
    ]


def findings(profile: Profile, policy: Policy) -> list[Finding]:
    """Return the clauses that the policy misses, or may miss."""
    return [one for one in assess(profile, policy) if one.verdict is not Verdict.MET]


def summary(found: list[Finding]) -> Verdict:
    """Return the verdict on a profile: the worst of those on its clauses."""
    verdicts = {one.verdict for one in found}
    worst = (Verdict.MISSED, Verdict.UNKNOWN)
    return next((one for one in worst if one in verdicts), Verdict.MET)


def judge_idle(clause: Clause, policy: Policy) -> tuple[Verdict, str]:
    idle, absolute = policy.idle, policy.absolute
    longest = least(idle.seconds, absolute.seconds)
    has_none = idle == Bound()
    found = describe("idle", idle)
    if longest != idle.seconds or (has_none and absolute.asked):
        found += f"; {describe('absolute', absolute, 'the')}"
    if clause.seconds is None:
        return verdict(idle.seconds is not None, asked=idle.asked), found
    met = longest is not None and longest <= clause.seconds
    return verdict(met, asked=idle.asked or (has_none and absolute.asked)), found


def judge_absolute(clause: Clause, policy: Policy) -> tuple[Verdict, str]:
    seconds = policy.absolute.seconds
    met = seconds is not None and (clause.seconds is None or seconds <= clause.seconds)
    found = describe("absolute", policy.absolute)
    return verdict(met, asked=policy.absolute.asked), found


def judge_warning(clause: Clause, policy: Policy) -> tuple[Verdict, str]:
    seconds, asked = policy.warning.seconds, policy.warning.asked
    if seconds is None:
        return Verdict.MISSED, "No page warns: session_timeout.urls is not in use"
    found = f"Pages warn {'at most ' if asked else ''}{length(seconds)} before the end"
    if clause.seconds is None:
        return Verdict.MET, found
    # They warn later where the limit is short, and that only a callable knows.
    enough = seconds >= clause.seconds
    return verdict(enough and not asked, asked=enough), found


def judge_revocation(clause: Clause, policy: Policy) -> tuple[Verdict, str]:
    if policy.revocable:
        return Verdict.MET, "A session that has ended is deleted on the server"
    found = f"{policy.engine} keeps the session in the cookie, of which a copy"
    return Verdict.MISSED, f"{found} cannot be revoked"


JUDGES: dict[str, Callable[[Clause, Policy], tuple[Verdict, str]]] = {
    "idle": judge_idle,
    "absolute": judge_absolute,
    "warning": judge_warning,
    "revocation": judge_revocation,
}


def verdict(met: bool, *, asked: bool) -> Verdict:
    if met:
        return Verdict.MET
    return Verdict.UNKNOWN if asked else Verdict.MISSED


def least(*lengths: float | None) -> float | None:
    return min((each for each in lengths if each is not None), default=None)


def describe(kind: str, bound: Bound, article: str = "The") -> str:
    """Return what a limit is, in words."""
    if bound.asked:
        rest = "" if bound.seconds is None else f", and at most {length(bound.seconds)}"
        return f"{article} {kind} limit is told by a callable for each request{rest}"
    if bound.seconds is None:
        return f"There is no {kind} limit"
    return f"{article} {kind} limit is {length(bound.seconds)}"


def length(seconds: float) -> str:
    """Return a length of time in words, and in seconds where that says more."""
    words = humanise(seconds)
    return words if seconds < MINUTE else f"{words} ({seconds:.12g} s)"


def humanise(seconds: float) -> str:
    """Return a length of time as days, hours, minutes and seconds.

    Up to two days it is told in hours, as the standards do: 24 hours, 36 hours.
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
