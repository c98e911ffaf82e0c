"""What patients are told beforehand that care will cost, by when, and whether it came to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.money import minor_units
from domain.revenue.events.estimate import (
    EstimateCompared,
    EstimatedService,
    EstimateGiven,
    EstimateRequested,
    EstimateWithdrawn,
)
from projections.kernel import Minor, ReadModel
from projections.revenue.posting import payer_or_none
from projections.rows import replace


class EstimateStatus(StrEnum):
    """How far an estimate has come."""

    REQUESTED = "requested"
    GIVEN = "given"
    COMPARED = "compared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateEntry:
    """An estimate. Without a `payer_id` the patient pays for themselves.

    `give_by` is by when it must be given (45 CFR 149.610), `late` one that was given afterwards.
    `responsibility` is the patient's part of `allowed`, or of `charges` where that is not known.
    `excess` is what the claim was charged beyond it; `dispute_by` until when that may be reviewed.
    """

    estimate_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    payer_id: UUID | None
    status: EstimateStatus
    requested_on: date
    give_by: date | None
    service_on: date | None
    given_on: date | None
    late: bool
    revision: int
    services: tuple[EstimatedService, ...]
    currency: str
    charges: Minor
    fee_schedule: str | None
    allowed: Minor | None
    responsibility: Minor | None
    claim_id: UUID | None
    billed: Minor
    excess: Minor
    dispute_by: date | None


estimate_list = ReadModel(
    "estimate_list",
    row=EstimateEntry,
    key="estimate_id",
    order="requested_on",
    newest_first=True,
    indexes=(("status", "give_by"), ("dispute_by",), ("payer_id",)),
    local=True,
    desk="patient accounts: who is to be told what care will cost, and whose bill went beyond it",
)


@estimate_list.on(EstimateRequested)
def requested(
    row: EstimateEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[EstimateRequested],
) -> EstimateEntry | None:
    fact = event.fact
    return EstimateEntry(
        estimate_id=fact.estimate_id,
        facility_id=fact.facility_id,
        patient_id=fact.patient_id,
        payer_id=payer_or_none(fact.payer_id),
        status=EstimateStatus.REQUESTED,
        requested_on=fact.requested_on,
        give_by=fact.give_by,
        service_on=fact.service_on,
        given_on=None,
        late=False,
        revision=0,
        services=(),
        currency=fact.currency,
        charges=0,
        fee_schedule=None,
        allowed=None,
        responsibility=None,
        claim_id=None,
        billed=0,
        excess=0,
        dispute_by=None,
    )


@estimate_list.on(EstimateGiven)
def given(row: EstimateEntry | None, event: Recorded[EstimateGiven]) -> EstimateEntry | None:
    fact = event.fact
    allowed, part = fact.allowed, fact.responsibility
    return row and replace(
        row,
        status=EstimateStatus.GIVEN,
        service_on=fact.service_on,
        given_on=fact.given_on,
        late=row.late or fact.late,
        revision=fact.revision,
        services=fact.services,
        charges=minor_units(fact.charges, fact.currency),
        fee_schedule=fact.fee_schedule,
        allowed=None if allowed is None else minor_units(allowed, fact.currency),
        responsibility=None if part is None else minor_units(part, fact.currency),
    )


@estimate_list.on(EstimateCompared)
def compared(row: EstimateEntry | None, event: Recorded[EstimateCompared]) -> EstimateEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=EstimateStatus.COMPARED,
        claim_id=fact.claim_id,
        billed=minor_units(fact.billed, fact.currency),
        excess=minor_units(fact.excess, fact.currency),
        dispute_by=fact.dispute_by,
    )


@estimate_list.on(EstimateWithdrawn)
def withdrawn(
    row: EstimateEntry | None,
    event: Recorded[EstimateWithdrawn],  # noqa: ARG001
) -> EstimateEntry | None:
    return row and replace(row, status=EstimateStatus.WITHDRAWN)
