"""The yearly closing of a stock item's books.

When a calendar year is over, its books are **closed**: what was on hand of each lot at its end is
put on record, and everything that the item has become is carried over. What is entered late for a
closed year counts on its day all the same, and is told beside the balances it comes after. It
leaves alone what was counted until the year's end, as any late entry does; only counts of a closed
year cannot be entered any more, because it is not known what they would have differed by.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.events.stock_closing import ClosedLot, DaySince, HeldOfALot, StockYearClosed
from domain.supply.lots import Lot, StockItem, stock_item
from domain.supply.stock_rules import item_of


@command("stock_item_id")
class CloseStockYear(Command):
    """Close the books of a calendar year, and of those before it that are still open."""

    stock_item_id: UUID
    year: int
    closed_on: date


@stock_item.decides
def close_year(state: StockItem, command: CloseStockYear, at: Circumstances) -> Decision:
    item = item_of(state, command.stock_item_id)
    rules.happened("stock_item", "closed_on", command.closed_on, at)
    year, first = command.year, state.listed_on.year
    if not first <= year < command.closed_on.year:
        rule = f"must be a year that is over on {command.closed_on}, and not before {first}"
        raise rules.refusal("stock_item.year", "year", year, rule)
    through = date(year, 12, 31)
    if state.closed_through is not None and through <= state.closed_through:
        return
    for number, lot in state.lots.items():
        if lot.unrecorded:
            rule = f"cannot be closed: lot {number!r} has a receipt that is not recorded"
            raise rules.refusal("stock_item.year_unsettled", "year", year, rule)
    lots = tuple(_closed(number, lot, through) for number, lot in state.lots.items())
    yield StockYearClosed(
        **item,
        lot_tracked=state.lot_tracked,
        listed_on=state.listed_on,
        par=state.par,
        schedule=state.schedule,
        register_id=state.register_id,
        year=year,
        through=through,
        closed_on=command.closed_on,
        balance=sum(each.balance for each in lots),
        on_hand=state.on_hand,
        lots=lots,
        reservations=tuple(
            HeldOfALot(reservation_id=its_id, lot=lot, quantity=quantity)
            for (its_id, lot), quantity in state.reservations.items()
        ),
    )


def _closed(number: str, lot: Lot, through: date) -> ClosedLot:
    card = lot.card.closed(through)
    end, *since = card.days
    return ClosedLot(
        lot=number,
        expires_on=lot.expires_on,
        balance=end.change,
        counted_on=card.counted_on,
        on_hand=lot.on_hand,
        reserved=lot.reserved,
        quarantined=lot.quarantined,
        bin=lot.bin,
        since=tuple(
            DaySince(on=each.on, change=each.change, counted=each.counted) for each in since
        ),
        recalls=tuple(sorted(lot.recalls)),
    )
