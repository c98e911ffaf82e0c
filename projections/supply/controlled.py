"""What the pharmacies look at of controlled substances: the register with its running balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.controlled import (
    ControlledCorrected,
    ControlledCounted,
    ControlledDestroyed,
    ControlledIssued,
    ControlledReceived,
    ControlledSent,
    ControlledTakenIn,
    ControlledWasted,
    LossDiscovered,
    RegisterOpened,
    Schedule,
    TransitLossDiscovered,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace

# --- registers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """A stock item under control: its `balance`, which is what was there when the register was
    opened (`opened_with`) and what came and went since, and when two people last counted it.

    `balance` = `opened_with` + `received` + `taken_in` - `issued` - `sent` - `wasted` - `destroyed`
    - `lost` + `corrected`. What is `lost_in_transit` was `sent`, and is no part of what is `lost`.
    A register that was opened before everything went through it tells the balance, and of what came
    and went the part that it saw.
    """

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    schedule: Schedule
    opened_on: date
    last_counted_on: date | None
    last_difference: int | None
    opened_with: int
    received: int
    taken_in: int
    issued: int
    sent: int
    wasted: int
    destroyed: int
    losses: int
    lost: int
    lost_in_transit: int
    corrected: int
    balance: int


controlled_registers = ReadModel(
    "controlled_registers",
    row=RegisterEntry,
    key="register_id",
    order="item_code",
    indexes=(("stock_item_id",),),
    local=True,
    desk="pharmacies: what is under control, and when it was last counted",
)


@controlled_registers.on(RegisterOpened)
def opened(
    row: RegisterEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RegisterOpened],
) -> RegisterEntry | None:
    fact = event.fact
    return RegisterEntry(
        register_id=fact.register_id,
        facility_id=fact.facility_id,
        stock_item_id=fact.stock_item_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        schedule=fact.schedule,
        opened_on=fact.opened_on,
        last_counted_on=None,
        last_difference=None,
        opened_with=fact.balance,
        received=0,
        taken_in=0,
        issued=0,
        sent=0,
        wasted=0,
        destroyed=0,
        losses=0,
        lost=0,
        lost_in_transit=0,
        corrected=0,
        balance=fact.balance,
    )


@controlled_registers.on(ControlledCounted)
def counted(row: RegisterEntry | None, event: Recorded[ControlledCounted]) -> RegisterEntry | None:
    return row and replace(
        row, last_counted_on=event.fact.counted_on, last_difference=event.fact.difference
    )


Moved = (
    ControlledReceived
    | ControlledTakenIn
    | ControlledIssued
    | ControlledSent
    | ControlledWasted
    | ControlledDestroyed
    | LossDiscovered
    | ControlledCorrected
)
"""The facts by which the balance of a register changes."""


@controlled_registers.on(
    ControlledReceived,
    ControlledTakenIn,
    ControlledIssued,
    ControlledSent,
    ControlledWasted,
    ControlledDestroyed,
    LossDiscovered,
    ControlledCorrected,
)
def moved(row: RegisterEntry | None, event: Recorded[Moved]) -> RegisterEntry | None:
    if row is None:
        return None
    fact = event.fact
    row = replace(row, balance=fact.balance_after)
    match fact:
        case ControlledReceived():
            return replace(row, received=row.received + fact.quantity)
        case ControlledTakenIn():
            return replace(row, taken_in=row.taken_in + fact.quantity)
        case ControlledSent():
            return replace(row, sent=row.sent + fact.quantity)
        case ControlledIssued():
            return replace(row, issued=row.issued + fact.quantity)
        case ControlledWasted():
            return replace(row, wasted=row.wasted + fact.quantity)
        case ControlledDestroyed():
            return replace(row, destroyed=row.destroyed + fact.quantity)
        case LossDiscovered():
            return replace(row, losses=fact.loss, lost=row.lost + fact.quantity)
        case ControlledCorrected():
            return replace(row, corrected=row.corrected + fact.change)
        case _:
            assert_never(fact)


@controlled_registers.on(TransitLossDiscovered)
def lost_in_transit(
    row: RegisterEntry | None, event: Recorded[TransitLossDiscovered]
) -> RegisterEntry | None:
    return row and replace(
        row,
        losses=event.fact.loss,
        lost_in_transit=row.lost_in_transit + event.fact.quantity,
    )


# --- the register --------------------------------------------------------------------------------


class RegisterAct(StrEnum):
    """What a line of a register tells."""

    OPENED = "opened"
    RECEIVED = "received"
    TAKEN_IN = "taken_in"
    ISSUED = "issued"
    SENT = "sent"
    COUNTED = "counted"
    WASTED = "wasted"
    DESTROYED = "destroyed"
    LOST = "lost"
    LOST_IN_TRANSIT = "lost_in_transit"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One line of the register: `quantity` is what came or went or was counted, `change` what that
    did to the books, `balance` what they say afterwards: of the lot where it was counted, of the
    item otherwise. `difference` is by how much a count was off.
    """

    register_id: UUID
    entry: int
    facility_id: UUID
    stock_item_id: UUID
    act: RegisterAct
    lot: str
    quantity: int
    change: int
    balance: int
    difference: int | None
    done_by: UUID | None
    witnessed_by: UUID | None
    note: str | None
    occurred_on: date
    position: int


controlled_register_lines = ReadModel(
    "controlled_register_lines",
    row=RegisterLine,
    key=("register_id", "entry"),
    order="occurred_on",
    newest_first=True,
    indexes=(("stock_item_id",),),
    local=True,
    desk="pharmacies and inspectors: what came, went and was counted, by whom and before whom",
)

Line = RegisterOpened | Moved | ControlledCounted | TransitLossDiscovered


def _entry(event: Recorded[Line]) -> Key:
    return event.fact.register_id, event.version


@controlled_register_lines.on(
    RegisterOpened,
    ControlledReceived,
    ControlledIssued,
    ControlledTakenIn,
    ControlledSent,
    ControlledCounted,
    ControlledWasted,
    ControlledDestroyed,
    LossDiscovered,
    TransitLossDiscovered,
    ControlledCorrected,
    key=_entry,
)
def line(
    row: RegisterLine | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[Line],
) -> RegisterLine | None:
    fact = event.fact
    match fact:
        case RegisterOpened():
            act, on = RegisterAct.OPENED, fact.opened_on
            plain = _line(event, act, "", fact.balance, fact.balance, fact.balance, on)
            return replace(plain, change=0)
        case ControlledReceived():
            more, on = fact.quantity, fact.received_on
            plain = _line(event, RegisterAct.RECEIVED, fact.lot, more, more, fact.balance_after, on)
            return replace(plain, note=fact.reference)
        case ControlledTakenIn():
            more, on, act = fact.quantity, fact.taken_in_on, RegisterAct.TAKEN_IN
            plain = _line(event, act, fact.lot, more, more, fact.balance_after, on)
            return _two(plain, fact.taken_in_by, fact.witnessed_by, f"transfer {fact.transfer_id}")
        case ControlledSent():
            less, on = fact.quantity, fact.sent_on
            plain = _line(event, RegisterAct.SENT, fact.lot, less, -less, fact.balance_after, on)
            note = fact.reference or f"transfer {fact.transfer_id}"
            return _two(plain, fact.sent_by, fact.witnessed_by, note)
        case ControlledIssued():
            less, on = fact.quantity, fact.issued_on
            plain = _line(event, RegisterAct.ISSUED, fact.lot, less, -less, fact.balance_after, on)
            return _two(plain, fact.issued_by, fact.witnessed_by, fact.issued_to.value)
        case ControlledCounted():
            found, on = fact.counted, fact.counted_on
            plain = _line(event, RegisterAct.COUNTED, fact.lot, found, 0, fact.expected, on)
            plain = replace(plain, difference=fact.difference)
            return _two(plain, fact.counted_by, fact.witnessed_by, None)
        case ControlledWasted():
            less, on = fact.quantity, fact.wasted_on
            plain = _line(event, RegisterAct.WASTED, fact.lot, less, -less, fact.balance_after, on)
            return _two(plain, fact.wasted_by, fact.witnessed_by, fact.reason)
        case ControlledDestroyed():
            less, on, act = fact.quantity, fact.destroyed_on, RegisterAct.DESTROYED
            plain = _line(event, act, fact.lot, less, -less, fact.balance_after, on)
            return _two(plain, fact.destroyed_by, fact.witnessed_by, fact.why.value)
        case LossDiscovered():
            less, on = fact.quantity, fact.discovered_on
            plain = _line(event, RegisterAct.LOST, fact.lot, less, -less, fact.balance_after, on)
            return replace(plain, note=fact.circumstances)
        case TransitLossDiscovered():
            less, on, act = fact.quantity, fact.discovered_on, RegisterAct.LOST_IN_TRANSIT
            plain = _line(event, act, fact.lot, less, 0, fact.balance, on)
            return replace(plain, note=fact.circumstances)
        case ControlledCorrected():
            change, on, act = fact.change, fact.corrected_on, RegisterAct.CORRECTED
            plain = _line(event, act, fact.lot, abs(change), change, fact.balance_after, on)
            return _two(plain, fact.corrected_by, fact.witnessed_by, fact.explanation)
        case _:
            assert_never(fact)


def _line(
    event: Recorded[Line],
    act: RegisterAct,
    lot: str,
    quantity: int,
    change: int,
    balance: int,
    on: date,
) -> RegisterLine:
    return RegisterLine(
        register_id=event.fact.register_id,
        entry=event.version,
        facility_id=event.fact.facility_id,
        stock_item_id=event.fact.stock_item_id,
        act=act,
        lot=lot,
        quantity=quantity,
        change=change,
        balance=balance,
        difference=None,
        done_by=None,
        witnessed_by=None,
        note=None,
        occurred_on=on,
        position=event.position,
    )


def _two(line: RegisterLine, one: UUID, other: UUID, note: str | None) -> RegisterLine:
    return replace(line, done_by=one, witnessed_by=other, note=note)
