"""A supplier: whom facilities order from.

Its life: it is **registered** once for the whole health system, other terms are **agreed**, it
may be **suspended** and **reinstated**, and is **retired** when nothing is ordered from it any
more. Orders that were placed stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Reserve,
    Standing,
    command,
)
from domain.supply.events.ordering import (
    SupplierFact,
    SupplierRegistered,
    SupplierReinstated,
    SupplierRetired,
    SupplierSuspended,
    SupplierTermsAgreed,
)

LONGEST_LEAD_TIME = 730
"""Days within which anything that is ordered comes (c)."""

# --- state -------------------------------------------------------------------------------------


class SupplierStatus(StrEnum):
    """Whether facilities order from a supplier."""

    ABSENT = "absent"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """What a supplier has become. It belongs to no facility."""

    facility_id: UUID | None = None
    status: SupplierStatus = SupplierStatus.ABSENT
    lead_time_days: int = 0
    registered_on: date = rules.EARLIEST

    def evolve(self, fact: SupplierFact) -> Supplier:
        match fact:
            case SupplierRegistered():
                return replace(
                    self,
                    status=SupplierStatus.ACTIVE,
                    lead_time_days=fact.lead_time_days,
                    registered_on=fact.registered_on,
                )
            case SupplierTermsAgreed():
                return replace(self, lead_time_days=fact.lead_time_days)
            case SupplierSuspended():
                return replace(self, status=SupplierStatus.SUSPENDED)
            case SupplierReinstated():
                return replace(self, status=SupplierStatus.ACTIVE)
            case SupplierRetired():
                return replace(self, status=SupplierStatus.RETIRED)
            case _:
                assert_never(fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierStanding(Standing):
    """What an order may know of its supplier: also how long it takes."""

    lead_time_days: int


def _standing(state: Supplier, supplier_id: UUID) -> SupplierStanding:
    return SupplierStanding(
        kind="supplier",
        id=supplier_id,
        open=state.status is SupplierStatus.ACTIVE,
        status=state.status,
        lead_time_days=state.lead_time_days,
    )


supplier = Aggregate("supplier", Supplier(), standing=_standing, referred_to_as=("supplier_id",))


# --- commands ----------------------------------------------------------------------------------


@command("supplier_id", creates=True)
class RegisterSupplier(Command):
    """Make a supplier known. `identifier` is its number among suppliers (a GLN, a DUNS number)."""

    supplier_id: UUID
    legal_name: str
    lead_time_days: int
    registered_on: date
    identifier: str | None = None
    phone: str | None = None


@command("supplier_id")
class AgreeSupplierTerms(Command):
    """Agree on another lead time, in days from placing an order to receiving it."""

    supplier_id: UUID
    lead_time_days: int
    agreed_on: date


@command("supplier_id")
class SuspendSupplier(Command):
    """Order nothing from a supplier for now."""

    supplier_id: UUID
    suspended_on: date
    reason: str


@command("supplier_id")
class ReinstateSupplier(Command):
    """Order from a supplier again."""

    supplier_id: UUID
    reinstated_on: date


@command("supplier_id")
class RetireSupplier(Command):
    """Order nothing from a supplier any more."""

    supplier_id: UUID
    retired_on: date
    reason: str


# --- decisions ---------------------------------------------------------------------------------


@supplier.decides
def register(state: Supplier, command: RegisterSupplier, at: Circumstances) -> Decision:
    if state.status is not SupplierStatus.ABSENT:
        raise Refused("supplier.already_registered", "This supplier exists.")
    rules.happened("supplier", "registered_on", command.registered_on, at)
    identifier = rules.optional("supplier", "identifier", command.identifier, longest=80)
    if identifier is not None:
        yield Reserve("supplier_identifier", identifier, "supplier.identifier_in_use")
    yield SupplierRegistered(
        supplier_id=command.supplier_id,
        legal_name=rules.text("supplier", "legal_name", command.legal_name),
        identifier=identifier,
        lead_time_days=_lead_time(command.lead_time_days),
        phone=rules.optional("supplier", "phone", command.phone, longest=40),
        registered_on=command.registered_on,
    )


@supplier.decides
def agree_terms(state: Supplier, command: AgreeSupplierTerms, at: Circumstances) -> Decision:
    _not_retired(state)
    _since_registration(state, "agreed_on", command.agreed_on, at)
    lead_time_days = _lead_time(command.lead_time_days)
    if lead_time_days != state.lead_time_days:
        yield SupplierTermsAgreed(
            supplier_id=command.supplier_id,
            lead_time_days=lead_time_days,
            agreed_on=command.agreed_on,
        )


@supplier.decides
def suspend(state: Supplier, command: SuspendSupplier, at: Circumstances) -> Decision:
    _not_retired(state)
    _since_registration(state, "suspended_on", command.suspended_on, at)
    reason = rules.text("supplier", "reason", command.reason)
    if state.status is SupplierStatus.ACTIVE:
        yield SupplierSuspended(
            supplier_id=command.supplier_id, suspended_on=command.suspended_on, reason=reason
        )


@supplier.decides
def reinstate(state: Supplier, command: ReinstateSupplier, at: Circumstances) -> Decision:
    _not_retired(state)
    _since_registration(state, "reinstated_on", command.reinstated_on, at)
    if state.status is SupplierStatus.SUSPENDED:
        yield SupplierReinstated(
            supplier_id=command.supplier_id, reinstated_on=command.reinstated_on
        )


@supplier.decides
def retire(state: Supplier, command: RetireSupplier, at: Circumstances) -> Decision:
    _since_registration(state, "retired_on", command.retired_on, at)
    reason = rules.text("supplier", "reason", command.reason)
    if state.status is not SupplierStatus.RETIRED:
        yield SupplierRetired(
            supplier_id=command.supplier_id, retired_on=command.retired_on, reason=reason
        )


# --- rules -------------------------------------------------------------------------------------


def _lead_time(days: int) -> int:
    if not 0 <= days <= LONGEST_LEAD_TIME:
        rule = f"must be 0 to {LONGEST_LEAD_TIME} days"
        raise rules.refusal("supplier.lead_time", "lead_time_days", days, rule)
    return days


def _not_retired(state: Supplier) -> None:
    if state.status is SupplierStatus.RETIRED:
        raise Refused("supplier.retired", "The supplier is retired.")


def _since_registration(state: Supplier, named: str, when: date, at: Circumstances) -> None:
    rules.happened("supplier", named, when, at)
    rules.in_order("supplier", "registered_on", state.registered_on, named, when)
