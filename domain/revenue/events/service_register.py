"""The story of what was done for a patient at a facility, by all of the claims that bill it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, Standing, fact, foreign_id


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledService:
    """Something that is billed once: what makes a line the same as another."""

    service_on: date
    procedure: str
    modifiers: tuple[str, ...]
    rendering_npi: str | None


def register_of(facility_id: UUID, patient_id: UUID) -> UUID:
    """The stream of what is billed for a patient at a facility."""
    return foreign_id("service_register", facility_id, patient_id)


@fact("service_register.entered", person="patient_id")
class ServicesEntered(Fact):
    """What a claim bills, when it was held against the scrubber's rules; nothing, once it is void.

    It takes the place of what was entered for the claim before.
    """

    register_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    claim_id: UUID
    services: tuple[BilledService, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStanding(Standing):
    """What is billed for a patient, by claim."""

    claims: tuple[tuple[UUID, frozenset[BilledService]], ...] = ()

    def beside(self, claim_id: UUID) -> dict[BilledService, UUID]:
        """What other claims bill, and which of them does."""
        return {
            service: other
            for other, services in self.claims
            if other != claim_id
            for service in services
        }
