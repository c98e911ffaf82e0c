"""A recall response: what one facility did about a recall.

Its life: the facility is **notified**, and what the books say it has of the recalled lots is
**found** and set apart in the same append; somebody looks at the shelves and **acknowledges**;
what was not there is **accounted** for; and it is **completed** when that is so of every unit.
What arrives later opens it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Entail, Refused, command
from domain.supply.events.recall import (
    Disposition,
    RecallAcknowledged,
    RecallClass,
    RecalledLotFound,
    RecalledUnitsAccounted,
    RecallNotified,
    RecallResponseCompleted,
    RecallResponseFact,
)
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.lots import Lot
from domain.supply.standing import NOT_YET, stocked
from domain.supply.stock_holds import QuarantineStock
from domain.supply.stock_recall import RecallLot


class ResponseStatus(StrEnum):
    """How far a facility has come with a recall."""

    ABSENT = "absent"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallResponse:
    """What a response has become: `held` is what the books said was here, `accounted` of how much
    of it somebody has said where it is.
    """

    facility_id: UUID | None = None
    recall_id: UUID = NOT_YET
    status: ResponseStatus = ResponseStatus.ABSENT
    notified_on: date = rules.EARLIEST
    held: int = 0
    on_the_shelves: int = 0
    accounted: int = 0

    @property
    def unaccounted(self) -> int:
        return max(0, self.held - self.on_the_shelves - self.accounted)

    def evolve(self, fact: RecallResponseFact) -> RecallResponse:
        match fact:
            case RecallNotified():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    recall_id=fact.recall_id,
                    status=ResponseStatus.NOTIFIED,
                    notified_on=fact.notified_on,
                )
            case RecalledLotFound():
                return replace(self, status=ResponseStatus.NOTIFIED, held=fact.held_after)
            case RecallAcknowledged():
                return replace(
                    self,
                    status=ResponseStatus.ACKNOWLEDGED,
                    on_the_shelves=fact.on_the_shelves,
                )
            case RecalledUnitsAccounted():
                return replace(self, accounted=self.accounted + fact.quantity)
            case RecallResponseCompleted():
                return replace(self, status=ResponseStatus.COMPLETED)
            case _:
                assert_never(fact)


recall_response = Aggregate("recall_response", RecallResponse())


@command("recall_response_id", creates=True)
class NotifyOfRecall(Command):
    """Tell a facility that it has, or had, a recalled lot, and set apart what is there of it.

    `set_apart`: of several recalls of a lot each is told what has come in, and the last one told
    sets it apart.
    """

    recall_response_id: UUID
    facility_id: UUID
    recall_id: UUID
    number: str
    recall_class: RecallClass
    item_system: str
    item_code: str
    respond_by: date
    stock_item_id: UUID
    lot: str
    notified_on: date
    set_apart: bool = True


@command("recall_response_id")
class AcknowledgeRecall(Command):
    """Say how many recalled units are on the shelves, set apart. Said again, the later counts."""

    recall_response_id: UUID
    on_the_shelves: int
    acknowledged_on: date


@command("recall_response_id")
class AccountForUnits(Command):
    """Say what became of units that were not on the shelves."""

    recall_response_id: UUID
    quantity: int
    disposition: Disposition
    finding: str
    accounted_on: date


@recall_response.decides
def notify(state: RecallResponse, command: NotifyOfRecall, at: Circumstances) -> Decision:
    """Found is at first all that is there of a lot, also what is in quarantine for another reason:
    it is recalled all the same, and stays there. Later it is what has come in since."""
    item = stocked(at, command.stock_item_id, within=command.facility_id)
    if first := state.status is ResponseStatus.ABSENT:
        yield RecallNotified(
            recall_response_id=command.recall_response_id,
            facility_id=command.facility_id,
            recall_id=command.recall_id,
            number=command.number,
            recall_class=command.recall_class,
            item_system=command.item_system,
            item_code=command.item_code,
            respond_by=command.respond_by,
            notified_on=command.notified_on,
        )
    lot = item.lots.get(command.lot, Lot())
    recalled = command.recall_id in lot.recalls
    loose = lot.on_hand - lot.quarantined
    there = loose if recalled else lot.on_hand
    if there > 0:
        yield RecalledLotFound(
            recall_response_id=command.recall_response_id,
            facility_id=command.facility_id,
            recall_id=command.recall_id,
            stock_item_id=command.stock_item_id,
            lot=command.lot,
            quantity=there,
            found_on=command.notified_on,
            held_after=state.held + there,
        )
    if not recalled and command.lot in item.lots and (there > 0 or first):
        yield Entail(
            RecallLot(
                stock_item_id=command.stock_item_id,
                lot=command.lot,
                recall_id=command.recall_id,
                number=command.number,
                recalled_on=command.notified_on,
            )
        )
    if there > 0 and command.set_apart:
        # Of what is in quarantine already there is nothing to be set apart, and that records none.
        yield Entail(
            QuarantineStock(
                stock_item_id=command.stock_item_id,
                why=QuarantineReason.RECALL,
                quarantined_on=command.notified_on,
                lot=command.lot,
                recall_id=command.recall_id,
                note=command.number,
            )
        )


@recall_response.decides
def acknowledge(state: RecallResponse, command: AcknowledgeRecall, at: Circumstances) -> Decision:
    facility_id = _notified(state)
    _since(state, "acknowledged_on", command.acknowledged_on, at)
    named = "on_the_shelves"
    there = rules.quantity("recall_response", named, command.on_the_shelves, zero_allowed=True)
    if there > state.held - state.accounted:
        rule = f"must be at most {state.held - state.accounted}, which is what can be there"
        raise rules.refusal("recall_response.more_than_held", named, there, rule)
    unaccounted = state.held - state.accounted - there
    yield RecallAcknowledged(
        recall_response_id=command.recall_response_id,
        facility_id=facility_id,
        recall_id=state.recall_id,
        on_the_shelves=there,
        acknowledged_on=command.acknowledged_on,
        unaccounted_after=unaccounted,
    )
    if not unaccounted:
        yield _completed(state, command.recall_response_id, facility_id, command.acknowledged_on)


@recall_response.decides
def account(state: RecallResponse, command: AccountForUnits, at: Circumstances) -> Decision:
    facility_id = _notified(state)
    if state.status is not ResponseStatus.ACKNOWLEDGED:
        raise Refused(
            "recall_response.not_now",
            "What is not on the shelves is known when somebody has looked.",
            status=state.status,
        )
    _since(state, "accounted_on", command.accounted_on, at)
    quantity = rules.quantity("recall_response", "quantity", command.quantity)
    if quantity > state.unaccounted:
        rule = f"must be at most {state.unaccounted}, which is what is not accounted for"
        raise rules.refusal("recall_response.more_than_held", "quantity", quantity, rule)
    yield RecalledUnitsAccounted(
        recall_response_id=command.recall_response_id,
        facility_id=facility_id,
        recall_id=state.recall_id,
        quantity=quantity,
        disposition=command.disposition,
        finding=rules.text("recall_response", "finding", command.finding),
        accounted_on=command.accounted_on,
        unaccounted_after=state.unaccounted - quantity,
    )
    if quantity == state.unaccounted:
        yield _completed(state, command.recall_response_id, facility_id, command.accounted_on)


def _notified(state: RecallResponse) -> UUID:
    assert state.facility_id is not None, "a response begins with its notification"
    return state.facility_id


def _since(state: RecallResponse, named: str, when: date, at: Circumstances) -> None:
    rules.happened("recall_response", named, when, at)
    rules.in_order("recall_response", "notified_on", state.notified_on, named, when)


def _completed(
    state: RecallResponse, recall_response_id: UUID, facility_id: UUID, on: date
) -> RecallResponseCompleted:
    return RecallResponseCompleted(
        recall_response_id=recall_response_id,
        facility_id=facility_id,
        recall_id=state.recall_id,
        held=state.held,
        completed_on=on,
    )
