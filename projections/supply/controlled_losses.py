"""What pharmacies and compliance look at of controlled substances that are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.controlled import (
    Form106Submitted,
    LossDiscovered,
    LossKind,
    LossNotified,
    TransitLossDiscovered,
)
from projections.kernel import ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class LossEntry:
    """A loss, and how far its reporting has come. `due_on` is the next day by which something is
    due; far away where nothing is. `transfer_id` is the transfer it was lost on, if any.
    """

    register_id: UUID
    loss: int
    facility_id: UUID
    stock_item_id: UUID
    transfer_id: UUID | None
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


@controlled_losses.on(LossDiscovered, TransitLossDiscovered)
def loss_discovered(
    row: LossEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[LossDiscovered | TransitLossDiscovered],
) -> LossEntry | None:
    fact = event.fact
    return LossEntry(
        register_id=fact.register_id,
        loss=fact.loss,
        facility_id=fact.facility_id,
        stock_item_id=fact.stock_item_id,
        transfer_id=fact.transfer_id if isinstance(fact, TransitLossDiscovered) else None,
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
