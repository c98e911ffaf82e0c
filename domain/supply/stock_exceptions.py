"""The named exception by which a stock item may be negative: an unrecorded receipt.

What is on the shelf and not in the books can be used all the same, when somebody says that it came
in: the exception is **opened** for a lot and a quantity. It is **closed** by what brings the books
up to it (the receipt, an adjustment up, a count), or withdrawn where nothing was taken. While a lot
is negative it stays open, and is on the list of those who must see to it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.supply.events.stock import NO_LOT
from domain.supply.events.stock_exceptions import ExceptionEnd, UnrecordedReceiptOpened
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_rules import (
    by_its_register,
    closing,
    item_of,
    known_lot,
    lot_of,
    since_listing,
)


@command("stock_item_id")
class OpenUnrecordedReceipt(Command):
    """Let so much of a lot be handed out, which is said to be there without a receipt.

    `said_by` is who saw it come in, `why` tells why there is no receipt.
    """

    stock_item_id: UUID
    quantity: int
    said_by: str
    why: str
    opened_on: date
    lot: str = NO_LOT
    expires_on: date | None = None


@command("stock_item_id")
class WithdrawUnrecordedReceipt(Command):
    """Close the exception where nothing of the lot is negative."""

    stock_item_id: UUID
    closed_on: date
    lot: str = NO_LOT


@stock_item.decides
def open_unrecorded_receipt(
    state: StockItem, command: OpenUnrecordedReceipt, at: Circumstances
) -> Decision:
    by_its_register(state, command)
    item = item_of(state, command.stock_item_id)
    at.open("facility", item["facility_id"])
    lot, before = lot_of(state, command.lot, command.expires_on)
    since_listing(state, "opened_on", command.opened_on, at)
    quantity = rules.quantity("stock_item", "quantity", command.quantity)
    if before.unrecorded:
        rule = f"has an unrecorded receipt of {before.unrecorded} already"
        raise rules.refusal("stock_item.unrecorded_receipt_open", "lot", lot, rule)
    yield UnrecordedReceiptOpened(
        **item,
        lot=lot,
        expires_on=before.expires_on,
        quantity=quantity,
        said_by=rules.text("stock_item", "said_by", command.said_by),
        why=rules.text("stock_item", "why", command.why),
        opened_on=command.opened_on,
        lot_on_hand=before.on_hand,
    )


@stock_item.decides
def withdraw_unrecorded_receipt(
    state: StockItem, command: WithdrawUnrecordedReceipt, at: Circumstances
) -> Decision:
    lot, before = known_lot(state, command.lot)
    since_listing(state, "closed_on", command.closed_on, at)
    if before.available < 0:
        raise Refused(
            "stock_item.still_negative",
            "More is handed out or held than is in the books; record the receipt, or adjust.",
            field="lot",
            value=lot,
            on_hand=before.on_hand,
        )
    yield from closing(state, command.stock_item_id, lot, command.closed_on, ExceptionEnd.WITHDRAWN)
