"""A lot under a recall: nothing of it leaves the quarantine for use while the recall is in force.

A facility's response to the recall says so to the stock item in the append that sets the lot
apart. It holds for all that is in quarantine of the lot, also for what was set apart before and for
another reason, and ends when the recall is terminated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Circumstances, Command, Decision, Refused, Standing, command
from domain.supply.events.stock_holds import StockRecalled
from domain.supply.lots import Lot, StockItem, stock_item
from domain.supply.stock_rules import item_of, known_lot


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallStanding(Standing):
    """What a stock item may know of a recall: whether it is in force, and its number."""

    number: str


@command("stock_item_id")
class RecallLot(Command):
    """Let a lot be under a recall. A recall response's command."""

    stock_item_id: UUID
    lot: str
    recall_id: UUID
    number: str
    recalled_on: date


@stock_item.decides
def recall_lot(state: StockItem, command: RecallLot, at: Circumstances) -> Decision:  # noqa: ARG001
    number, before = known_lot(state, command.lot)
    if command.recall_id not in before.recalls:
        yield StockRecalled(
            **item_of(state, command.stock_item_id),
            lot=number,
            expires_on=before.expires_on,
            recall_id=command.recall_id,
            number=command.number,
            recalled_on=command.recalled_on,
            lot_on_hand=before.on_hand,
        )


def not_recalled(lot: Lot, number: str, at: Circumstances) -> None:
    """Refuses with ``stock_item.recalled`` a lot that a recall in force is about. Whoever decides
    consults its recalls."""
    for recall_id in lot.recalls:
        recall = at.standings[recall_id]
        assert isinstance(recall, RecallStanding)
        if recall.open:
            raise Refused(
                "stock_item.recalled",
                f"The lot is under recall {recall.number}, which is in force.",
                field="lot",
                value=number,
                recall_id=recall_id,
            )
