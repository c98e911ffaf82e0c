"""A service line: one thing that was done, how often, and what is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.revenue.events.claim import ClaimCharged, Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """A line of a claim, as an 837 has it in its loop 2400. `charged` is units times unit amount.

    A line whose charge was taken back is `taken_back`: it keeps its number, and is not billed.
    """

    number: int
    procedure: Code
    modifiers: tuple[str, ...]
    diagnosis_pointers: tuple[int, ...]
    units: int
    charged: Decimal
    service_on: date
    description: str | None = None
    revenue_code: str | None = None
    place_of_service: str | None = None
    rendering_npi: str | None = None
    rendering_staff_id: UUID | None = None
    department_id: UUID | None = None
    taken_back: bool = False


def line_of(fact: ClaimCharged) -> ServiceLine:
    """The line that a charge makes."""
    return ServiceLine(
        number=fact.line,
        procedure=fact.procedure,
        modifiers=fact.modifiers,
        diagnosis_pointers=fact.diagnosis_pointers,
        units=fact.units,
        charged=fact.amount,
        service_on=fact.service_on,
        description=fact.description,
        revenue_code=fact.revenue_code,
        place_of_service=fact.place_of_service,
        rendering_npi=fact.rendering_npi,
        rendering_staff_id=fact.rendering_staff_id,
        department_id=fact.department_id,
    )
