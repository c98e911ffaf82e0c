"""Where a lot lies: it is put away into a bin of a store room, and may be put into another."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.events.stock import NO_LOT
from domain.supply.events.stock_bins import StockPutAway
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_rules import item_of, known_lot, since_listing


@command("stock_item_id")
class PutStockAway(Command):
    """Say in which bin a lot lies; without a `bin` it lies in none any more."""

    stock_item_id: UUID
    put_away_on: date
    bin: str | None = None
    lot: str = NO_LOT


@stock_item.decides
def put_away(state: StockItem, command: PutStockAway, at: Circumstances) -> Decision:
    item = item_of(state, command.stock_item_id)
    lot, known = known_lot(state, command.lot)
    if lot not in state.lots:
        rule = "is not known here; receive it or count it"
        raise rules.refusal("stock_item.lot_unknown", "lot", lot, rule)
    since_listing(state, "put_away_on", command.put_away_on, at)
    place = rules.optional("stock_item", "bin", command.bin, longest=40)
    if place == known.bin:
        return
    yield StockPutAway(
        **item,
        lot=lot,
        expires_on=known.expires_on,
        bin=place,
        bin_before=known.bin,
        put_away_on=command.put_away_on,
        lot_on_hand=known.on_hand,
    )
