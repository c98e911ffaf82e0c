"""The story of a good faith estimate: asked for, given beforehand, and held against the bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact
from domain.revenue.events.claim import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedService:
    """A service that is expected: `charge` is what is expected to be asked for all its units."""

    procedure: Code
    charge: Decimal
    units: int = 1
    modifiers: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSharing:
    """What a patient pays under their policy, as the payer says (X12 271, EB).

    `coinsurance` is a percentage of what is allowed beyond the deductible. Without
    `out_of_pocket_left` there is no limit.
    """

    copay: Decimal = Decimal(0)
    deductible_left: Decimal = Decimal(0)
    coinsurance: Decimal = Decimal(0)
    out_of_pocket_left: Decimal | None = None


@fact("estimate.requested", effective="requested_on", person="patient_id")
class EstimateRequested(Fact):
    """Care was scheduled (for `service_on`), or a patient asked what it would cost. The estimate is
    to be given by `give_by`; None where nothing says by when."""

    estimate_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    payer_id: UUID
    currency: str
    service_on: date | None
    give_by: date | None
    requested_on: date


@fact("estimate.given", effective="given_on", person="patient_id")
class EstimateGiven(Fact):
    """The patient is told what care is expected to cost. `revision` counts from 1.

    `charges` is the sum of the services. `allowed` is what the payer's schedule in force then
    (`fee_schedule`) allows for them, None where it lacks one. `responsibility` is the patient's
    part: all of it where they pay for themselves, None where nothing is known of their policy.
    `late` is an estimate that was given after it had to be.
    """

    estimate_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    payer_id: UUID
    currency: str
    revision: int
    services: tuple[EstimatedService, ...]
    charges: Decimal
    fee_schedule: str | None
    allowed: Decimal | None
    sharing: CostSharing | None
    responsibility: Decimal | None
    service_on: date | None
    late: bool
    given_on: date


@fact("estimate.compared", effective="compared_on")
class EstimateCompared(Fact):
    """The estimate is held against a claim of the patient. `excess` is what was charged beyond it;
    below zero it cost less. Where the patient may have it reviewed, `dispute_by` is until when."""

    estimate_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    claim_id: UUID
    estimated: Decimal
    billed: Decimal
    excess: Decimal
    dispute_by: date | None
    billed_on: date
    compared_on: date


@fact("estimate.withdrawn", effective="withdrawn_on")
class EstimateWithdrawn(Fact):
    """The care is not given, or nobody wants to know any more."""

    estimate_id: UUID
    facility_id: UUID
    payer_id: UUID
    why: str
    withdrawn_on: date


EstimateFact = EstimateRequested | EstimateGiven | EstimateCompared | EstimateWithdrawn
