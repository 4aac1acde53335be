"""What standards ask of a session's limits, clause by clause. No Django, no I/O.

A project can add its own: a Profile, or a list of them, in any of its modules.
"""

from dataclasses import dataclass
from math import inf
from typing import Literal

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause asks of one limit.

    seconds is the longest that a limit may be, or the shortest that a warning may be;
    None asks for a limit of any length. word is the word of the clause: if a site
    misses it, the system checks report a "shall" as an error, and a "should" as a
    warning.

    Raises ValueError if seconds is not a positive, finite number, or if word is another
    word.
    """

    name: str
    seconds: float | None = None
    word: Literal["shall", "should"] = "shall"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(
                f"A clause's name must be a non-empty string, not {self.name!r}."
            )
        if self.word not in {"shall", "should"}:
            raise ValueError(f'word must be "shall" or "should", not {self.word!r}.')
        seconds, is_number = self.seconds, type(self.seconds) in {int, float}
        if seconds is not None and not (is_number and 0 < seconds < inf):
            raise ValueError(
                f"seconds must be a positive number or None, not {seconds!r}."
            )


@dataclass(frozen=True, slots=True)
class Profile:
    """What a standard, or a project's own policy, asks of the sessions of a site.

    idle and absolute are the two limits, warning is how long a page gives visitors to
    react, revocation asks that nobody can use a session that has ended, not even with a
    copy of its cookie, and clearing asks that pages are emptied when it has ended. Each
    is a Clause, or None if the standard has no such clause.

    Raises ValueError if the profile has no name, no title, or no clause.
    """

    name: str
    title: str
    source: str = ""
    idle: Clause | None = None
    absolute: Clause | None = None
    warning: Clause | None = None
    revocation: Clause | None = None
    clearing: Clause | None = None

    def __post_init__(self) -> None:
        for field in ("name", "title"):
            value = getattr(self, field)
            if not isinstance(value, str) or not value:
                raise ValueError(
                    f"A profile's {field} must be a non-empty string, not {value!r}."
                )
        for kind in KINDS:
            clause = getattr(self, kind)
            if clause is not None and not isinstance(clause, Clause):
                raise ValueError(
                    f"{kind} of {self.name} must be a Clause, not {clause!r}."
                )
        if not any(getattr(self, kind) for kind in KINDS):
            raise ValueError(
                f"The profile {self.name} has no clause: give it one of "
                f"{', '.join(KINDS)}."
            )


# What a clause may be about, in the order in which it is reported.
KINDS = ("idle", "absolute", "warning", "revocation", "clearing")

NIST_4 = "https://pages.nist.gov/800-63-4/sp800-63b.html"
NIST_3 = "https://pages.nist.gov/800-63-3/sp800-63b.html"
PCI_DSS = "https://www.pcisecuritystandards.org/document_library/"
CHEAT_SHEET = (
    "https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html"
)
ASVS = "https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/0x16-V7-Session-Management.md"
HIPAA = "https://www.ecfr.gov/current/title-45/section-164.312"
HMRC = "https://design.tax.service.gov.uk/hmrc-design-patterns/service-timeout/"

BUILT_IN = {
    profile.name: profile
    for profile in (
        Profile(
            name="nist-800-63b-4-aal1",
            title="NIST SP 800-63B rev. 4, AAL1",
            source=NIST_4,
            absolute=Clause("2.1.3", 30 * DAY, "should"),
        ),
        Profile(
            name="nist-800-63b-4-aal2",
            title="NIST SP 800-63B rev. 4, AAL2",
            source=NIST_4,
            idle=Clause("2.2.3", HOUR, "should"),
            absolute=Clause("2.2.3", 24 * HOUR, "should"),
        ),
        Profile(
            name="nist-800-63b-4-aal3",
            title="NIST SP 800-63B rev. 4, AAL3",
            source=NIST_4,
            idle=Clause("2.3.3", 15 * MINUTE, "should"),
            absolute=Clause("2.3.3", 12 * HOUR),
        ),
        Profile(
            name="nist-800-63b-3-aal2",
            title="NIST SP 800-63B rev. 3, AAL2",
            source=NIST_3,
            idle=Clause("4.2.3", 30 * MINUTE),
            absolute=Clause("4.2.3", 12 * HOUR),
        ),
        Profile(
            name="nist-800-63b-3-aal3",
            title="NIST SP 800-63B rev. 3, AAL3",
            source=NIST_3,
            idle=Clause("4.3.3", 15 * MINUTE),
            absolute=Clause("4.3.3", 12 * HOUR),
        ),
        Profile(
            name="pci-dss-4",
            title="PCI DSS v4",
            source=PCI_DSS,
            idle=Clause("8.2.8", 15 * MINUTE),
        ),
        Profile(
            name="owasp-high-value",
            title="OWASP Session Management Cheat Sheet, high value",
            source=CHEAT_SHEET,
            idle=Clause("Idle Timeout", 5 * MINUTE, "should"),
            absolute=Clause("Absolute Timeout", 8 * HOUR, "should"),
        ),
        Profile(
            name="owasp-low-risk",
            title="OWASP Session Management Cheat Sheet, low risk",
            source=CHEAT_SHEET,
            idle=Clause("Idle Timeout", 30 * MINUTE, "should"),
            absolute=Clause("Absolute Timeout", 8 * HOUR, "should"),
        ),
        Profile(
            name="owasp-asvs-5",
            title="OWASP ASVS 5.0",
            source=ASVS,
            idle=Clause("7.3.1"),
            absolute=Clause("7.3.2"),
            revocation=Clause("7.4.1"),
            clearing=Clause("14.3.1"),
        ),
        Profile(
            name="hipaa",
            title="HIPAA Security Rule",
            source=HIPAA,
            idle=Clause("164.312(a)(2)(iii)"),
        ),
        Profile(
            name="hmrc",
            title="HMRC service timeout pattern",
            source=HMRC,
            idle=Clause("service timeout pattern", 15 * MINUTE, "should"),
            warning=Clause("service timeout pattern", 2 * MINUTE, "should"),
        ),
    )
}
