"""What a stock item tells the register of a controlled substance: that some of it came in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.kernel import Command, Entail, command
from domain.supply.lots import NOTHING, StockItem


@command("register_id")
class EnterReceipt(Command):
    """Enter what came in, with what is on hand of the item after it."""

    register_id: UUID
    lot: str
    quantity: int
    reference: str | None
    received_on: date
    on_hand_after: int


def entered_in_its_register(
    state: StockItem, lot: str, quantity: int, on: date, reference: str | None
) -> Iterator[Entail]:
    """The line by which a register learns of a receipt, where the item has one. `state` is what was
    there before it; what was counted on a later day stays as it was counted."""
    if state.register_id is not None:
        counted_since = state.lots.get(lot, NOTHING).card.counted_after(on)
        yield Entail(
            EnterReceipt(
                register_id=state.register_id,
                lot=lot,
                quantity=quantity,
                reference=reference,
                received_on=on,
                on_hand_after=state.on_hand + (0 if counted_since else quantity),
            )
        )
