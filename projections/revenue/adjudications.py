"""What payers decided, claim by claim and line by line, and why they paid no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import Party
from domain.revenue.events.remittance import (
    AdjudicatedLine,
    AdjudicationOutcome,
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
)
from projections.kernel import Key, Minor, ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicationEntry:
    """A payer's decision on a claim. `charge` = `paid` + `adjusted` + `patient_responsibility`.

    `adjusted` are the groups CO, OA and PI. `denied` is what of it denies rather than prices. A
    decision `pays` where it paid more than nothing.
    `reversed_on` is when the payer took the decision back, and `days` is how long it took to decide
    since the claim was sent.
    """

    claim_id: UUID
    adjudication: int
    facility_id: UUID
    payer_id: UUID
    remittance_id: UUID
    place: int
    decided_by: Party
    status_code: str
    payer_control_number: str | None
    outcome: AdjudicationOutcome
    submitted_on: date | None
    adjudicated_on: date
    days: int | None
    currency: str
    charge: Minor
    paid: Minor
    adjusted: Minor
    patient_responsibility: Minor
    denied: Minor
    pays: bool
    lines: int
    reversed_on: date | None = None


adjudication_list = ReadModel(
    "adjudication_list",
    row=AdjudicationEntry,
    key=("claim_id", "adjudication"),
    order="adjudicated_on",
    newest_first=True,
    indexes=(("remittance_id",), ("payer_control_number",), ("outcome",)),
    local=True,
    desk="payment posting: what payers decided on which claims",
)


@adjudication_list.on(ClaimAdjudicated)
def adjudicated(
    row: AdjudicationEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ClaimAdjudicated],
) -> AdjudicationEntry | None:
    fact = event.fact
    currency = fact.currency
    return AdjudicationEntry(
        claim_id=fact.claim_id,
        adjudication=fact.adjudication,
        facility_id=fact.facility_id,
        payer_id=fact.payer_id,
        remittance_id=fact.remittance_id,
        place=fact.place,
        decided_by=fact.decided_by,
        status_code=fact.status_code,
        payer_control_number=fact.payer_control_number,
        outcome=fact.outcome,
        submitted_on=fact.submitted_on,
        adjudicated_on=fact.adjudicated_on,
        days=days_to_decide(fact),
        currency=currency,
        charge=minor_units(fact.charge, currency),
        paid=minor_units(fact.paid, currency),
        adjusted=minor_units(fact.adjusted, currency),
        patient_responsibility=minor_units(fact.patient_responsibility, currency),
        denied=minor_units(fact.denied, currency),
        pays=fact.paid > 0,
        lines=len(fact.lines),
    )


def days_to_decide(fact: ClaimAdjudicated) -> int | None:
    """How long a payer took to decide; None where it is not known when the claim was sent."""
    return None if fact.submitted_on is None else (fact.adjudicated_on - fact.submitted_on).days


@adjudication_list.on(ClaimAdjudicationReversed)
def taken_back(
    row: AdjudicationEntry | None, event: Recorded[ClaimAdjudicationReversed]
) -> AdjudicationEntry | None:
    return row and replace(row, reversed_on=event.fact.reversed_on)


# --- line by line --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicatedLineEntry:
    """What a payer decided on one line. `number` is its place in what the payer says, and 0 is what
    was decided of the claim as a whole beyond its lines. `line` is the claim's, where there is one.

    `adjustments` are as in the CAS segment: ``CO 45 12.30``. `remarks` are remark codes.
    """

    claim_id: UUID
    adjudication: int
    number: int
    facility_id: UUID
    payer_id: UUID
    remittance_id: UUID
    line: int | None
    procedure_system: str | None
    procedure_code: str | None
    outcome: AdjudicationOutcome
    currency: str
    charge: Minor
    paid: Minor
    patient_responsibility: Minor
    denied: Minor
    adjustments: tuple[str, ...]
    remarks: tuple[str, ...]
    adjudicated_on: date


adjudication_lines = ReadModel(
    "adjudication_lines",
    row=AdjudicatedLineEntry,
    key=("claim_id", "adjudication", "number"),
    order=("claim_id", "adjudication", "number"),
    indexes=(("outcome",), ("procedure_code",)),
    local=True,
    desk="payment posting and denials: what was paid for each line, and why not more",
)


def _numbers(event: Recorded[ClaimAdjudicated]) -> Iterator[Key]:
    fact = event.fact
    for number in range(0 if fact.adjustments or not fact.lines else 1, len(fact.lines) + 1):
        yield fact.claim_id, fact.adjudication, number


@adjudication_lines.on(ClaimAdjudicated, key=_numbers, key_aware=True)
def line_adjudicated(
    row: AdjudicatedLineEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ClaimAdjudicated],
    key: Key,
) -> AdjudicatedLineEntry | None:
    fact = event.fact
    currency = fact.currency
    number = key[2]
    told = fact.lines[number - 1] if number else _rest(fact)
    procedure = told.procedure
    return AdjudicatedLineEntry(
        claim_id=fact.claim_id,
        adjudication=fact.adjudication,
        number=number,
        facility_id=fact.facility_id,
        payer_id=fact.payer_id,
        remittance_id=fact.remittance_id,
        line=told.line,
        procedure_system=procedure.system if procedure else None,
        procedure_code=procedure.value if procedure else None,
        outcome=told.outcome,
        currency=currency,
        charge=minor_units(told.charge, currency),
        paid=minor_units(told.paid, currency),
        patient_responsibility=minor_units(told.patient_responsibility, currency),
        denied=minor_units(told.denied, currency),
        adjustments=tuple(f"{e.group} {e.reason_code} {e.amount}" for e in told.adjustments),
        remarks=told.remarks,
        adjudicated_on=fact.adjudicated_on,
    )


def _rest(fact: ClaimAdjudicated) -> AdjudicatedLine:
    """What is decided of the claim as a whole, beyond its lines: their rows come to the claim's."""

    def beyond(figure: Callable[[ClaimAdjudicated | AdjudicatedLine], Decimal]) -> Decimal:
        return figure(fact) - sum((figure(each) for each in fact.lines), Decimal(0))

    return AdjudicatedLine(
        line=None,
        procedure=None,
        charge=beyond(lambda told: told.charge),
        paid=beyond(lambda told: told.paid),
        patient_responsibility=beyond(lambda told: told.patient_responsibility),
        denied=beyond(lambda told: told.denied),
        outcome=fact.outcome,
        adjustments=fact.adjustments,
        remarks=(),
    )
