"""The story of a prior authorization: asked for, pended, approved or denied, and used by claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, Standing, fact
from domain.revenue.events.claim import Code


@fact("prior_authorization.requested", effective="requested_on", person="patient_id")
class AuthorizationRequested(Fact):
    """A payer is asked beforehand whether it will pay. It must answer by `decide_by`."""

    authorization_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    payer_id: UUID
    procedures: tuple[Code, ...]
    units: int
    expedited: bool
    requested_on: date
    requested_at: datetime
    decide_by: datetime


@fact("prior_authorization.pended", effective="pended_on")
class AuthorizationPended(Fact):
    """The payer does not decide yet, and what it wants."""

    authorization_id: UUID
    facility_id: UUID
    payer_id: UUID
    wanted: str
    pended_on: date


@fact("prior_authorization.approved", effective="approved_on")
class AuthorizationApproved(Fact):
    """The payer will pay for so many units within a period, under a number."""

    authorization_id: UUID
    facility_id: UUID
    payer_id: UUID
    number: str
    units: int
    valid_from: date
    valid_to: date
    approved_on: date


@fact("prior_authorization.denied", effective="denied_on")
class AuthorizationDenied(Fact):
    """The payer will not pay, and says why (CMS-0057-F: a specific reason)."""

    authorization_id: UUID
    facility_id: UUID
    payer_id: UUID
    reason: str
    denied_on: date


@fact("prior_authorization.appealed", effective="appealed_on")
class AuthorizationAppealed(Fact):
    """The payer is asked to think again about its denial."""

    authorization_id: UUID
    facility_id: UUID
    payer_id: UUID
    grounds: str
    appealed_on: date


@fact("prior_authorization.used", effective="used_on")
class AuthorizationUsed(Fact):
    """A claim uses so many units, all that it ever uses; `units_left` stay for others."""

    authorization_id: UUID
    facility_id: UUID
    payer_id: UUID
    claim_id: UUID
    units: int
    units_left: int
    used_on: date


@fact("prior_authorization.given_back", effective="given_back_on")
class AuthorizationGivenBack(Fact):
    """A claim that was voided uses its units no more."""

    authorization_id: UUID
    facility_id: UUID
    payer_id: UUID
    claim_id: UUID
    units: int
    units_left: int
    given_back_on: date


AuthorizationFact = (
    AuthorizationRequested
    | AuthorizationPended
    | AuthorizationApproved
    | AuthorizationDenied
    | AuthorizationAppealed
    | AuthorizationUsed
    | AuthorizationGivenBack
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationStanding(Standing):
    """What a claim may know of an authorization: for whom, for what, how much is left, until when.

    `used` is by how many units each claim has drawn on it.
    """

    patient_id: UUID
    payer_id: UUID
    procedures: tuple[Code, ...]
    number: str | None
    units: int
    valid_from: date | None
    valid_to: date | None
    used: tuple[tuple[UUID, int], ...]

    def left_for(self, claim_id: UUID) -> int:
        """How many units a claim may use, those that it uses already among them."""
        return self.units - sum(units for each, units in self.used if each != claim_id)
