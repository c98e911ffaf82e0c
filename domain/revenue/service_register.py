"""The register of what is billed for a patient at a facility: the scrubber finds in it what another
claim bills already.

A claim is **entered** when it is scrubbed, and again when what it bills has changed; a claim that
is voided bills nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from domain.kernel import Aggregate, Circumstances, Command, Decision, command
from domain.replacing import replace
from domain.revenue.events.service_register import (
    BilledService,
    RegisterStanding,
    ServicesEntered,
    register_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRegister:
    """What each claim bills."""

    facility_id: UUID | None = None
    claims: Mapping[UUID, frozenset[BilledService]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def evolve(self, fact: ServicesEntered) -> ServiceRegister:
        claims = {**self.claims, fact.claim_id: frozenset(fact.services)}
        claims = {each: services for each, services in claims.items() if services}
        return replace(self, facility_id=fact.facility_id, claims=MappingProxyType(claims))


def _standing(state: ServiceRegister, register_id: UUID) -> RegisterStanding:
    return RegisterStanding(
        kind="service_register",
        id=register_id,
        open=True,
        status="kept",
        facility_id=state.facility_id,
        claims=tuple(state.claims.items()),
    )


service_register = Aggregate("service_register", ServiceRegister(), standing=_standing)


@command("register_id", creates=True)
class EnterServices(Command):
    """Enter what a claim bills. A decision on the claim entails it."""

    facility_id: UUID
    patient_id: UUID
    claim_id: UUID
    services: tuple[BilledService, ...]

    @property
    def register_id(self) -> UUID:
        return register_of(self.facility_id, self.patient_id)


@service_register.decides
def enter(
    state: ServiceRegister,
    command: EnterServices,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    if state.claims.get(command.claim_id, frozenset()) != frozenset(command.services):
        yield ServicesEntered(
            register_id=command.register_id,
            facility_id=command.facility_id,
            patient_id=command.patient_id,
            claim_id=command.claim_id,
            services=command.services,
        )
