"""A legal hold: it is **placed** for a matter, keeps what is in its scope from being erased, and is
**released** once.

(45 CFR 164.530(j) and the Federal Rules of Civil Procedure 37(e): what may be evidence is kept.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.privacy.events import HoldScope, LegalHoldFact, LegalHoldPlaced, LegalHoldReleased


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """What a hold keeps, and whether it still does."""

    facility_id: UUID | None = None
    scope: HoldScope | None = None
    subject_id: UUID | None = None
    placed_on: date = rules.EARLIEST
    in_force: bool = False

    def evolve(self, fact: LegalHoldFact) -> LegalHold:
        match fact:
            case LegalHoldPlaced():
                return LegalHold(
                    facility_id=fact.facility_id,
                    scope=fact.scope,
                    subject_id=fact.subject_id,
                    placed_on=fact.placed_on,
                    in_force=True,
                )
            case LegalHoldReleased():
                return replace(self, in_force=False)
            case _:
                assert_never(fact)

    def keeps(self, person_id: UUID, facility_ids: frozenset[UUID]) -> bool:
        """Whether it keeps what is of a person who is known at these facilities."""
        if not self.in_force:
            return False
        match self.scope:
            case HoldScope.PERSON:
                return self.subject_id == person_id
            case HoldScope.FACILITY:
                return self.facility_id in facility_ids
            case _:
                return True


legal_hold = Aggregate("legal_hold", LegalHold())


@command("hold_id", creates=True)
class PlaceLegalHold(Command):
    """Keep everything in a scope from being erased. A hold on a person names the person, one on a
    facility the facility, one on the system neither."""

    hold_id: UUID
    scope: HoldScope
    matter: str
    custodian: str
    placed_on: date
    subject_id: UUID | None = None
    facility_id: UUID | None = None


@command("hold_id")
class ReleaseLegalHold(Command):
    """Let go of what was held."""

    hold_id: UUID
    released_on: date
    reason: str


@legal_hold.decides
def place(state: LegalHold, command: PlaceLegalHold, at: Circumstances) -> Decision:
    if state.scope is not None:
        raise Refused("legal_hold.already_placed", "This legal hold is placed already.")
    for scope, named, value in (
        (HoldScope.PERSON, "subject_id", command.subject_id),
        (HoldScope.FACILITY, "facility_id", command.facility_id),
    ):
        if (value is not None) != (command.scope is scope):
            raise rules.refusal(
                "legal_hold.scope_unclear",
                named,
                value,
                f"must be given for a hold on a {scope}, and for no other",
            )
    rules.happened("legal_hold", "placed_on", command.placed_on, at)
    yield LegalHoldPlaced(
        hold_id=command.hold_id,
        facility_id=command.facility_id,
        scope=command.scope,
        subject_id=command.subject_id,
        matter=rules.text("legal_hold", "matter", command.matter),
        custodian=rules.text("legal_hold", "custodian", command.custodian),
        placed_on=command.placed_on,
    )


@legal_hold.decides
def release(state: LegalHold, command: ReleaseLegalHold, at: Circumstances) -> Decision:
    if not state.in_force:
        raise Refused("legal_hold.already_released", "This legal hold is released already.")
    rules.happened("legal_hold", "released_on", command.released_on, at)
    rules.in_order("legal_hold", "placed_on", state.placed_on, "released_on", command.released_on)
    yield LegalHoldReleased(
        hold_id=command.hold_id,
        facility_id=state.facility_id,
        released_on=command.released_on,
        reason=rules.text("legal_hold", "reason", command.reason),
    )
