"""A lot under a recall: while that is in force nothing of it is used, promised or sent, and nothing
leaves the quarantine but by being written off.

A facility's response to the recall says so to the stock item in the append that sets the lot
apart. It holds for all that is there of the lot, also for what was set apart before and for another
reason, and for what comes in later; and ends when the recall is terminated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.kernel import Circumstances, Command, Decision, Refused, Standing, command
from domain.supply.events.stock_holds import StockRecalled
from domain.supply.lots import StockItem, stock_item
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


def recalls_of(state: StockItem, command: Any) -> set[UUID]:  # noqa: ARG001
    """Whom a decision consults that takes some of an item, or lets some of it be used."""
    return {recall_id for lot in state.lots.values() for recall_id in lot.recalls}


def under_recall(state: StockItem, at: Circumstances, lot: str | None = None) -> frozenset[str]:
    """The lots of which nothing is taken, because a recall in force is about them: also of what has
    come in since, and nobody has set apart yet.

    Refuses with ``stock_item.recalled`` where the lot that is asked for is one of them.
    """
    found = set()
    for number, known in state.lots.items():
        for recall_id in known.recalls:
            recall = at.standings[recall_id]
            assert isinstance(recall, RecallStanding)
            if not recall.open:
                continue
            found.add(number)
            if lot is not None and lot.strip() == number:
                raise Refused(
                    "stock_item.recalled",
                    f"The lot is under recall {recall.number}, which is in force.",
                    field="lot",
                    value=number,
                    recall_id=recall_id,
                )
    return frozenset(found)
