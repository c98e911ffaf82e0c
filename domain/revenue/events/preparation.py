"""The story of a claim before it goes out: authorized, scrubbed, and what is expected for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact


class Severity(StrEnum):
    """Whether a finding keeps a claim from being clean."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFinding:
    """What a rule of the scrubber found: on which line (or the claim as a whole), in which field.

    `source` is where the rule comes from: a regulation, an implementation guide, a code set.
    """

    rule: str
    severity: Severity
    line: int | None
    field: str
    message: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """What the payer's schedule allows for a line; None where it has no fee for it."""

    line: int
    allowed: Decimal | None


@fact("claim.authorized", effective="authorized_on")
class ClaimAuthorized(Fact):
    """The claim rests on a prior authorization; its units are drawn when the claim is sent."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    authorization_id: UUID
    number: str
    authorized_on: date


@fact("claim.scrubbed")
class ClaimScrubbed(Fact):
    """The claim was held against the rules of the scrubber, in their version.

    `times` counts from 1: a claim that is clean the first time passed untouched.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    rules_version: int
    times: int
    clean: bool
    findings: tuple[ClaimFinding, ...]


@fact("claim.priced", effective="priced_on")
class ClaimPriced(Fact):
    """What the payer is expected to allow, by the contract in force on the day of the service.

    `terms_version` (0: the payer's own terms, built in) and `fee_schedule` are those it is worked
    out by; `file_by` is the last day on which the claim may be filed. `expected` is the sum of the
    lines, None where the schedule lacks one of them.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    terms_version: int | None
    fee_schedule: str | None
    lines: tuple[ExpectedLine, ...]
    expected: Decimal | None
    tolerance: Decimal
    file_by: date | None
    priced_on: date


PreparationFact = ClaimAuthorized | ClaimScrubbed | ClaimPriced
