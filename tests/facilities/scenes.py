"""What happens at Riverside before a test begins: commands, and who gives them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import Command
from domain.organization.department import OpenDepartment
from domain.organization.events import FacilityKind
from domain.organization.facility import CloseFacility, OpenFacility
from domain.revenue.drafting import ChargeClaim, DraftClaim
from domain.revenue.events.claim import Code
from domain.revenue.payer import RegisterPayer
from domain.workforce.staff_member import RegisterStaffMember
from facilities.scope import Actor, Role, Scope
from facilities.service import Context, new_id
from tests.domain.places import (
    A_PATIENT,
    AETHER_HEALTH,
    CARDIOLOGY,
    DR_ADEYEMI,
    FEBRUARY_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
)

ADMINISTRATOR = Actor("administrator", Role.SYSTEM_ADMINISTRATOR)
AUDITOR = Actor("auditor", Role.AUDITOR)


def manager_of(*facilities: UUID) -> Actor:
    """Who manages these facilities and no other."""
    return Actor("manager", Role.FACILITY_MANAGER, Scope(frozenset(facilities)))


def said_by(actor: Actor = ADMINISTRATOR, **context: Any) -> Context:
    """A command of this actor's, with an id of its own unless one is given."""
    return Context(actor=actor, **context)


def again(context: Context, **changed: Any) -> Context:
    """The same request, sent once more."""
    return replace(context, **changed)


def keyed(actor: Actor = ADMINISTRATOR, **context: Any) -> Context:
    """A request whose sender chose its id, and may send it again."""
    return Context(actor=actor, command_id=new_id(), keyed=True, **context)


def opening(facility_id: UUID = RIVERSIDE, legal_name: str = "Riverside") -> OpenFacility:
    return OpenFacility(
        facility_id=facility_id,
        legal_name=legal_name,
        kind=FacilityKind.CLINIC,
        zone="America/New_York",
        opened_on=NEW_YEAR,
    )


def closing(facility_id: UUID = RIVERSIDE) -> CloseFacility:
    return CloseFacility(facility_id=facility_id, closed_on=FEBRUARY_1, reason="the lease ended")


def a_department(
    department_id: UUID = CARDIOLOGY, facility_id: UUID = RIVERSIDE, code: str = "10"
) -> OpenDepartment:
    return OpenDepartment(
        department_id=department_id,
        facility_id=facility_id,
        code=code,
        title="Cardiology",
        opened_on=NEW_YEAR,
    )


def a_physician(
    staff_id: UUID = DR_ADEYEMI, npi: str | None = None, facility_id: UUID = RIVERSIDE
) -> RegisterStaffMember:
    return RegisterStaffMember(
        staff_id=staff_id,
        facility_id=facility_id,
        full_name="Kessandra Molnefer",
        job="physician",
        npi=npi,
        registered_on=NEW_YEAR,
    )


def a_payer(payer_id: UUID = AETHER_HEALTH, identifier: str | None = None) -> RegisterPayer:
    return RegisterPayer(payer_id=payer_id, legal_name="Aether Health", identifier=identifier)


def a_claim(claim_id: UUID = THE_CLAIM, **fields: Any) -> DraftClaim:
    stated: dict[str, Any] = {
        "facility_id": RIVERSIDE,
        "patient_id": A_PATIENT,
        "service_on": FEBRUARY_1,
        **fields,
    }
    return DraftClaim(claim_id=claim_id, **stated)


def a_charge(amount: str = "10.00", claim_id: UUID = THE_CLAIM) -> ChargeClaim:
    return ChargeClaim(
        claim_id=claim_id,
        procedure=Code(system="CPT", value="99213"),
        unit_amount=Decimal(amount),
        service_on=FEBRUARY_1,
    )


THE_DAY_BEGINS: tuple[Command, ...] = (opening(), a_payer(), a_claim())
"""Riverside is open, a payer is known, and a claim is drafted."""
