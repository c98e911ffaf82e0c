"""What the commands of a health system in which anything may happen refer to: of what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.supply.inbound_receipt import LotReceived

if TYPE_CHECKING:
    from tests.projections.health_system import HealthSystem

NOBODY = UUID(int=0)
PATIENTS = (UUID(int=901), UUID(int=902))
"""Whom claims and authorizations are for: few, so that they meet."""

REFERRED_TO = (
    "facility",
    "department",
    "staff",
    "payer",
    "supplier",
    "stock_item",
    "account",
    "remittance",
    "authorization",
    "claim",
)
"""What a field can refer to, by what is in its name."""

CALLED = {"staff": "staff_member", "authorization": "prior_authorization"}
"""The aggregates that fields call by another name."""

SEEN_BY = ("counted_by", "wasted_by", "dispatched_by", "taken_in_by", "witnessed_by")
"""Fields that name one of the two people a controlled substance takes."""


def referred_to(system: HealthSystem, name: str, chosen: Mapping[str, Any]) -> UUID:
    """One of those the field can mean, or someone unknown: patients and encounters are."""
    if name == "reservation_id" and "stock_item_id" in chosen and system.random.random() < 0.7:
        held = [each for each, _ in system.states[chosen["stock_item_id"]][1].reservations]
        return system.random.choice(held) if held else system.new_id()
    if name == "stock_item_id" and (lines := _lines_of(system, chosen) or _kept(system, chosen)):
        return system.random.choice(lines)
    if name in SEEN_BY and system.all("staff_member"):
        return system.random.choice(list(system.all("staff_member")))
    if name == "from_facility_id":
        return system.random.choice(_having(system, chosen["facility_id"]))
    if name == "patient_id":
        return system.random.choice(PATIENTS)
    for kind in REFERRED_TO:
        if kind in name:
            there = system.all(CALLED.get(kind, kind))
            within = facility_of(system, chosen)
            if kind in ("department", "stock_item") and within is not None:
                there = {each: of for each, of in there.items() if of.facility_id == within}
            return system.random.choice(list(there)) if there else system.new_id()
    return system.new_id()


def _lines_of(system: HealthSystem, chosen: Mapping[str, Any]) -> list[UUID]:
    """The items of the order or requisition that a command is mostly about."""
    states = [system.states[each][1] for each in chosen.values() if each in system.states]
    lines = [each for state in states for each in getattr(state, "lines", ())]
    return [each for each in lines if isinstance(each, UUID) and system.random.random() < 0.8]


def _having(system: HealthSystem, facility_id: UUID) -> list[UUID]:
    """The facilities that have some of what a facility keeps; where there are none, all."""
    kept = system.all("stock_item").values()
    here = {of.item_code for of in kept if of.facility_id == facility_id}
    have = [of.facility_id for of in kept if of.available and of.item_code in here]
    others = [each for each in have if each != facility_id]
    return others or [each for each in system.all("facility") if each != facility_id]


def _kept(system: HealthSystem, chosen: Mapping[str, Any]) -> list[UUID]:
    """The items at a facility that a transfer can be about: those that both sides keep."""
    its_id = chosen.get("transfer_id") or chosen.get("from_facility_id")
    if its_id is None:
        return []
    kept = system.all("stock_item")
    there = {of.item_code for of in kept.values() if of.facility_id == its_id and of.available}
    there |= {getattr(system.states[its_id][1], "item_code", "")}
    here = facility_of(system, chosen)
    return [each for each, of in kept.items() if of.facility_id == here and of.item_code in there]


def under_control(system: HealthSystem, chosen: Mapping[str, Any]) -> UUID:
    """The stock item of a controlled substance's register."""
    return UUID(str(system.states[chosen["register_id"]][1].stock_item_id))


def arrivals(system: HealthSystem, chosen: Mapping[str, Any]) -> tuple[LotReceived, ...]:
    """What comes of a transfer: all of it, or some of it fit and some damaged."""
    state = system.states[chosen["inbound_transfer_id"]][1]
    return tuple(
        LotReceived(lot=each, fit=system.random.randint(0, of.quantity), damaged=0)
        for each, of in state.lots.items()
        if system.random.random() < 0.5
    )


def facility_of(system: HealthSystem, chosen: Mapping[str, Any]) -> UUID | None:
    """Where a command is about to happen."""
    if "facility_id" in chosen:
        return UUID(str(chosen["facility_id"]))
    states = [system.states[each][1] for each in chosen.values() if each in system.states]
    return states[0].facility_id if states else None
