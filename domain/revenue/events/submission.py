"""The story of a claim on its way: the payer takes it in, turns it back, or lets it wait.

What the payer says of a claim before it pays is told by an X12 277CA (claim acknowledgment) or 277
(claim status): a category (code list 507, ``A2``), a status (code list 508, ``20``) and whom it is
about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatusCode:
    """What a payer says of a claim (X12 277, STC01): category, status, and of whom (entity)."""

    category: str
    status: str | None = None
    entity: str | None = None


@fact("claim.accepted", effective="accepted_on")
class ClaimAccepted(Fact):
    """The payer has taken the claim in and is going to decide on it.

    `payer_control_number` is what the payer calls it from now on.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    payer_control_number: str | None
    said: ClaimStatusCode | None
    accepted_on: date


@fact("claim.rejected", effective="rejected_on")
class ClaimRejected(Fact):
    """The claim is turned back undecided: it is corrected and sent again, not appealed."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    said: tuple[ClaimStatusCode, ...]
    message: str | None
    rejected_on: date


@fact("claim.pended", effective="pended_on")
class ClaimPended(Fact):
    """The payer has the claim and does not decide yet: it wants something, or to look again."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    said: ClaimStatusCode | None
    wanted: str | None
    pended_on: date


@fact("claim.status_reported", effective="reported_on")
class ClaimStatusReported(Fact):
    """The payer answered where the claim stands (X12 277), and that moves it nowhere: it is decided
    on (F), is not found (D), or the question was wrong (E)."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    payer_control_number: str | None
    said: tuple[ClaimStatusCode, ...]
    reported_on: date


SubmissionFact = ClaimAccepted | ClaimRejected | ClaimPended | ClaimStatusReported
