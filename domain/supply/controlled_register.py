"""The register of a controlled substance: one stock item's, kept by two people at a time.

Its life: it is **opened** with the item's schedule, and from then on the item moves by it: what is
**received** is entered in the same append; what is **issued**, **wasted**, **destroyed** or
**corrected** is done by one and seen by another (`controlled_acts`), who **count** together, too;
likewise what is **sent** to another facility or **taken in** from one (`controlled_transfers`); a
**loss** is discovered and reported (`controlled_losses`). Every line tells the balance after it,
which is what is on hand of the item. Records are kept for two years at least (21 CFR 1304.04(a));
the ledger keeps them for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    Reserve,
    command,
)
from domain.supply.events.controlled import (
    ControlledCorrected,
    ControlledCounted,
    ControlledDestroyed,
    ControlledIssued,
    ControlledReceived,
    ControlledSent,
    ControlledTakenIn,
    ControlledWasted,
    Form106Submitted,
    LossDiscovered,
    LossNotified,
    RegisterFact,
    RegisterOpened,
    Schedule,
    TransitLossDiscovered,
)
from domain.supply.lots import StockStanding
from domain.supply.register_receipt import EnterReceipt
from domain.supply.standing import NOT_YET, stocked
from domain.supply.stock_control import PutUnderControl

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss, and by when it is to be reported."""

    notice_due_on: date
    form_106_due_on: date
    discovered_on: date
    notified: bool = False
    submitted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledRegister:
    """What a register has become: its `balance` as the last line tells it, losses by number."""

    facility_id: UUID | None = None
    stock_item_id: UUID = NOT_YET
    opened_on: date = rules.EARLIEST
    balance: int = 0
    losses: Mapping[int, Loss] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: RegisterFact) -> ControlledRegister:
        match fact:
            case RegisterOpened():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    stock_item_id=fact.stock_item_id,
                    opened_on=fact.opened_on,
                    balance=fact.balance,
                )
            case ControlledCounted():
                return self
            case (
                ControlledReceived()
                | ControlledIssued()
                | ControlledWasted()
                | ControlledDestroyed()
                | ControlledSent()
                | ControlledTakenIn()
                | ControlledCorrected()
            ):
                return replace(self, balance=fact.balance_after)
            case LossDiscovered():
                return replace(self, balance=fact.balance_after)._with(fact.loss, _due(fact))
            case TransitLossDiscovered():
                return self._with(fact.loss, _due(fact))
            case LossNotified():
                return self._with(fact.loss, replace(self.losses[fact.loss], notified=True))
            case Form106Submitted():
                return self._with(fact.loss, replace(self.losses[fact.loss], submitted=True))
            case _:
                assert_never(fact)

    def _with(self, number: int, loss: Loss) -> ControlledRegister:
        return replace(self, losses=MappingProxyType({**self.losses, number: loss}))


def _due(fact: LossDiscovered | TransitLossDiscovered) -> Loss:
    return Loss(
        notice_due_on=fact.notice_due_on,
        form_106_due_on=fact.form_106_due_on,
        discovered_on=fact.discovered_on,
    )


controlled_register = Aggregate("controlled_register", ControlledRegister())


@command("register_id", creates=True)
class OpenRegister(Command):
    """Put a stock item under control: it moves by its register from now on."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    schedule: Schedule
    opened_on: date


# --- decisions ---------------------------------------------------------------------------------


@controlled_register.decides
def open_register(state: ControlledRegister, command: OpenRegister, at: Circumstances) -> Decision:
    """A stock item has one register, which begins when its books have been counted last."""
    if state.facility_id is not None:
        raise Refused("controlled_register.already_opened", "The item is under control.")
    at.open("facility", command.facility_id)
    item = stocked(at, command.stock_item_id, within=command.facility_id)
    rules.happened("controlled_register", "opened_on", command.opened_on, at)
    if item.schedule is not None and item.schedule != f"C{command.schedule.upper()}":
        rule = f"must be that of the catalog, {item.schedule}"
        raise rules.refusal("controlled_register.schedule", "schedule", command.schedule, rule)
    since = [each.card.counted_after(command.opened_on) for each in item.lots.values()]
    if counted := [each for each in since if each is not None]:
        rule = f"must not lie before a count of the item, which was on {max(counted)}"
        value = command.opened_on.isoformat()
        raise rules.refusal("controlled_register.counted_since", "opened_on", value, rule)
    key = str(command.stock_item_id)
    yield Reserve("controlled_register", key, "controlled_register.already_opened")
    yield RegisterOpened(
        register_id=command.register_id,
        facility_id=command.facility_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        schedule=command.schedule,
        opened_on=command.opened_on,
        balance=item.on_hand,
    )
    yield Entail(
        PutUnderControl(
            stock_item_id=command.stock_item_id,
            register_id=command.register_id,
            controlled_on=command.opened_on,
        )
    )


@controlled_register.decides
def enter_receipt(state: ControlledRegister, command: EnterReceipt, at: Circumstances) -> Decision:
    assert state.facility_id is not None, "a register begins when it is opened"
    since(state, "received_on", command.received_on, at)
    yield ControlledReceived(
        register_id=command.register_id,
        facility_id=state.facility_id,
        stock_item_id=state.stock_item_id,
        lot=command.lot,
        quantity=command.quantity,
        reference=command.reference,
        received_on=command.received_on,
        balance_after=command.on_hand_after,
    )


# --- what the decisions about it have in common ------------------------------------------------


def the_item(state: ControlledRegister, command: Any) -> list[UUID]:  # noqa: ARG001
    """Whom a decision consults that looks at the item only."""
    return [state.stock_item_id]


def under_control(state: ControlledRegister, at: Circumstances) -> tuple[UUID, StockStanding]:
    """Whose register it is, and the item as it is."""
    assert state.facility_id is not None, "a register begins when it is opened"
    return state.facility_id, stocked(at, state.stock_item_id, within=state.facility_id)


def since(state: ControlledRegister, named: str, when: date, at: Circumstances) -> None:
    """Refuses a day to come, and one before the register was opened."""
    rules.happened("controlled_register", named, when, at)
    rules.in_order("controlled_register", "opened_on", state.opened_on, named, when)


class ByTwo(Protocol):
    """A command by which one acts and another sees it. `by` is the field that names who acts."""

    by: ClassVar[str]

    @property
    def witnessed_by(self) -> UUID: ...


def the_item_and_two_people(state: ControlledRegister, command: Any) -> list[UUID]:
    """Whom a decision consults by which one acts and another sees it."""
    return [state.stock_item_id, getattr(command, command.by), command.witnessed_by]


def two_people(at: Circumstances, command: ByTwo) -> None:
    """Two members of staff, and not the same."""
    one, other = getattr(command, command.by), command.witnessed_by
    at.open("staff_member", one, named=command.by)
    at.open("staff_member", other, named="witnessed_by")
    if one == other:
        rule = "must be somebody else"
        raise rules.refusal("controlled_register.witness", "witnessed_by", other, rule)


def moves(
    state: ControlledRegister, register_id: UUID, item: StockStanding, move: Command
) -> Iterator[Entail]:
    """What the register's own line entails. An item whose register was opened before items knew of
    theirs learns of it with the next line."""
    if item.register_id is None:
        yield Entail(
            PutUnderControl(
                stock_item_id=state.stock_item_id,
                register_id=register_id,
                controlled_on=state.opened_on,
            )
        )
    yield Entail(move)
