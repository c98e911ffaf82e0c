"""What the store rooms and the supply chain look at: items, lots, movements, what is held back."""

from projections.supply.catalog import catalog, item_codes
from projections.supply.closings import stock_closings
from projections.supply.effective import effective_stock
from projections.supply.exceptions import unrecorded_receipts
from projections.supply.held import stock_in_quarantine, stock_reservations
from projections.supply.items import LotOnHand, stock_items
from projections.supply.lots import stock_lots
from projections.supply.moved import MovementKind
from projections.supply.movements import stock_movements
from projections.supply.on_hand import stock_on_hand
from projections.supply.use import stock_outs, stock_use

__all__ = [
    "LotOnHand",
    "MovementKind",
    "catalog",
    "effective_stock",
    "item_codes",
    "stock_closings",
    "stock_in_quarantine",
    "stock_items",
    "stock_lots",
    "stock_movements",
    "stock_on_hand",
    "stock_outs",
    "stock_reservations",
    "stock_use",
    "unrecorded_receipts",
]
