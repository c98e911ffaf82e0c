"""Part of the story of supply: in which bin of a store room a lot lies."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact


@fact("stock_item.put_away", effective="put_away_on")
class StockPutAway(Fact):
    """What there is of a lot lies in a `bin` from now on; None: in none. A lot lies in one."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    bin: str | None
    bin_before: str | None
    put_away_on: date
    lot_on_hand: int


StockBinFact = StockPutAway
