"""What a rule of the scrubber is, and how a claim is held against all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from domain.kernel import Circumstances
from domain.revenue.claim import Claim
from domain.revenue.events.authorization import AuthorizationStanding
from domain.revenue.events.claim import SELF_PAY, ClaimType
from domain.revenue.events.contract import TermsVersion
from domain.revenue.events.preparation import ClaimFinding, Severity
from domain.revenue.service_line import ServiceLine
from domain.revenue.terms import terms_of

RULES_VERSION = 2
"""Goes up with every rule that is added, changed or taken out: a finding tells by which version."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A claim as the rules look at it."""

    claim_id: UUID
    claim: Claim
    at: Circumstances

    @property
    def lines(self) -> tuple[ServiceLine, ...]:
        return self.claim.billed_lines

    @property
    def professional(self) -> bool:
        return self.claim.claim_type is ClaimType.PROFESSIONAL

    @property
    def insured(self) -> bool:
        return self.claim.payer_id != SELF_PAY

    @property
    def terms(self) -> TermsVersion | None:
        return terms_of(self.claim, self.at)

    @property
    def authorization(self) -> AuthorizationStanding | None:
        if self.claim.authorization_id is None:
            return None
        standing = self.at.standings.get(self.claim.authorization_id)
        return standing if isinstance(standing, AuthorizationStanding) else None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a rule says of a field: of a line's, or of the claim's as a whole."""

    field: str
    message: str
    line: int | None = None


Check = Callable[[Reviewed], Iterable[Wrong]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `code` never changes, `source` is where it comes from."""

    code: str
    severity: Severity
    source: str
    check: Check

    @property
    def meaning(self) -> str:
        """What the rule asks for, in a sentence."""
        return (self.check.__doc__ or "").strip()


RULES: dict[str, Rule] = {}
"""Every rule, by code."""


def rule(
    code: str, *, source: str, severity: Severity = Severity.ERROR
) -> Callable[[Check], Check]:
    """Declare a rule under a code that never changes."""

    def declare(check: Check) -> Check:
        RULES[code] = Rule(code, severity, source, check)
        return check

    return declare


def findings(reviewed: Reviewed) -> tuple[ClaimFinding, ...]:
    """What the rules find, but for those that the payer does not ask for."""
    return tuple(_findings(reviewed))


def _findings(reviewed: Reviewed) -> Iterator[ClaimFinding]:
    terms = reviewed.terms
    off = frozenset[str]() if terms is None else frozenset(terms.terms.rules_off)
    for each in RULES.values():
        if each.code not in off:
            for wrong in each.check(reviewed):
                yield ClaimFinding(
                    rule=each.code,
                    severity=each.severity,
                    line=wrong.line,
                    field=wrong.field,
                    message=wrong.message,
                    source=each.source,
                )
