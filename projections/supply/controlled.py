"""What the pharmacies look at of controlled substances: the register with its running balance,
and losses that are to be reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.controlled import (
    ControlledCounted,
    ControlledWasted,
    Form106Submitted,
    LossDiscovered,
    LossKind,
    LossNotified,
    RegisterOpened,
    Schedule,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace

# --- registers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """A stock item under control, and when two people last counted it."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    schedule: Schedule
    opened_on: date
    last_counted_on: date | None
    last_difference: int | None
    wasted: int
    losses: int
    lost: int


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
        wasted=0,
        losses=0,
        lost=0,
    )


@controlled_registers.on(ControlledCounted)
def counted(row: RegisterEntry | None, event: Recorded[ControlledCounted]) -> RegisterEntry | None:
    return row and replace(
        row, last_counted_on=event.fact.counted_on, last_difference=event.fact.difference
    )


@controlled_registers.on(ControlledWasted)
def wasted(row: RegisterEntry | None, event: Recorded[ControlledWasted]) -> RegisterEntry | None:
    return row and replace(row, wasted=row.wasted + event.fact.quantity)


@controlled_registers.on(LossDiscovered)
def discovered(row: RegisterEntry | None, event: Recorded[LossDiscovered]) -> RegisterEntry | None:
    return row and replace(row, losses=event.fact.loss, lost=row.lost + event.fact.quantity)


# --- the register --------------------------------------------------------------------------------


class RegisterAct(StrEnum):
    """What was done by two people, or found missing."""

    COUNTED = "counted"
    WASTED = "wasted"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One line of the register. `balance` is what the books say afterwards: of the lot where it was
    counted, of the item otherwise. Receipts and issues are among the item's movements."""

    register_id: UUID
    entry: int
    facility_id: UUID
    stock_item_id: UUID
    act: RegisterAct
    lot: str
    quantity: int
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
    desk="pharmacies and inspectors: who counted, wasted and witnessed, and what was there then",
)


def _entry(
    event: Recorded[ControlledCounted | ControlledWasted | LossDiscovered],
) -> Key:
    return event.fact.register_id, event.version


@controlled_register_lines.on(ControlledCounted, ControlledWasted, LossDiscovered, key=_entry)
def line(
    row: RegisterLine | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ControlledCounted] | Recorded[ControlledWasted] | Recorded[LossDiscovered],
) -> RegisterLine | None:
    fact = event.fact
    plain = RegisterLine(
        register_id=fact.register_id,
        entry=event.version,
        facility_id=fact.facility_id,
        stock_item_id=fact.stock_item_id,
        act=RegisterAct.LOST,
        lot=fact.lot,
        quantity=0,
        balance=0,
        difference=None,
        done_by=None,
        witnessed_by=None,
        note=None,
        occurred_on=date.min,
        position=event.position,
    )
    match fact:
        case ControlledCounted():
            return replace(
                plain,
                act=RegisterAct.COUNTED,
                quantity=fact.counted,
                balance=fact.expected,
                difference=fact.difference,
                done_by=fact.counted_by,
                witnessed_by=fact.witnessed_by,
                occurred_on=fact.counted_on,
            )
        case ControlledWasted():
            return replace(
                plain,
                act=RegisterAct.WASTED,
                quantity=fact.quantity,
                balance=fact.balance_after,
                done_by=fact.wasted_by,
                witnessed_by=fact.witnessed_by,
                note=fact.reason,
                occurred_on=fact.wasted_on,
            )
        case LossDiscovered():
            return replace(
                plain,
                quantity=fact.quantity,
                balance=fact.balance_after,
                note=fact.circumstances,
                occurred_on=fact.discovered_on,
            )


# --- losses --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LossEntry:
    """A loss, and how far its reporting has come. `due_on` is the next day by which something is
    due; far away where nothing is.
    """

    register_id: UUID
    loss: int
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    quantity: int
    kind: LossKind
    circumstances: str
    discovered_on: date
    notice_due_on: date
    notified_on: date | None
    notice_late: bool
    form_106_due_on: date
    form_106_submitted_on: date | None
    form_106_reference: str | None
    form_106_late: bool
    reported: bool
    due_on: date


controlled_losses = ReadModel(
    "controlled_losses",
    row=LossEntry,
    key=("register_id", "loss"),
    order="due_on",
    indexes=(("reported",),),
    local=True,
    desk="pharmacies and compliance: which losses are to be reported, and by when",
)

NOTHING_DUE = date(9999, 12, 31)


@controlled_losses.on(LossDiscovered)
def loss_discovered(
    row: LossEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[LossDiscovered],
) -> LossEntry | None:
    fact = event.fact
    return LossEntry(
        register_id=fact.register_id,
        loss=fact.loss,
        facility_id=fact.facility_id,
        stock_item_id=fact.stock_item_id,
        lot=fact.lot,
        quantity=fact.quantity,
        kind=fact.kind,
        circumstances=fact.circumstances,
        discovered_on=fact.discovered_on,
        notice_due_on=fact.notice_due_on,
        notified_on=None,
        notice_late=False,
        form_106_due_on=fact.form_106_due_on,
        form_106_submitted_on=None,
        form_106_reference=None,
        form_106_late=False,
        reported=False,
        due_on=fact.notice_due_on,
    )


@controlled_losses.on(LossNotified)
def loss_notified(row: LossEntry | None, event: Recorded[LossNotified]) -> LossEntry | None:
    return row and _due(
        replace(row, notified_on=event.fact.notified_on, notice_late=event.fact.late)
    )


@controlled_losses.on(Form106Submitted)
def form_submitted(row: LossEntry | None, event: Recorded[Form106Submitted]) -> LossEntry | None:
    return row and _due(
        replace(
            row,
            form_106_submitted_on=event.fact.submitted_on,
            form_106_reference=event.fact.reference,
            form_106_late=event.fact.late,
        )
    )


def _due(row: LossEntry) -> LossEntry:
    due = [
        on
        for on, done in (
            (row.notice_due_on, row.notified_on),
            (row.form_106_due_on, row.form_106_submitted_on),
        )
        if done is None
    ]
    return replace(row, reported=not due, due_on=min(due, default=NOTHING_DUE))
