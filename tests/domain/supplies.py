"""What the tests of ordering, transfers, counts and recalls are about: gloves at two facilities."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from domain.supply.events.catalog import ControlledSchedule
from domain.supply.lots import Held, Lot, StockStanding
from domain.supply.supplier import SupplierStanding
from tests.domain.places import RIVERSIDE, THE_ITEM

ACME = UUID("018f0000-0000-7000-8000-000000000071")
THE_REQUISITION = UUID("018f0000-0000-7000-8000-000000000072")
THE_ORDER = UUID("018f0000-0000-7000-8000-000000000073")
ANOTHER_ITEM = UUID("018f0000-0000-7000-8000-000000000062")
GLOVES: dict[str, Any] = {"item_system": "GTIN", "item_code": "00812345678901"}
NO_LOTS: Mapping[str, Lot] = MappingProxyType({})
NOTHING_HELD: Held = MappingProxyType({})


def the_supplier_is(status: str = "active", lead_time_days: int = 7) -> SupplierStanding:
    return SupplierStanding(
        kind="supplier",
        id=ACME,
        open=status == "active",
        status=status,
        lead_time_days=lead_time_days,
    )


def gloves_are_kept(
    stock_item_id: UUID = THE_ITEM,
    facility_id: UUID = RIVERSIDE,
    *,
    lots: Mapping[str, Lot] = NO_LOTS,
    reservations: Held = NOTHING_HELD,
    item_code: str = "00812345678901",
    schedule: ControlledSchedule | None = None,
    register_id: UUID | None = None,
) -> StockStanding:
    return StockStanding(
        kind="stock_item",
        id=stock_item_id,
        open=True,
        status="listed",
        facility_id=facility_id,
        item_system="GTIN",
        item_code=item_code,
        lot_tracked=bool(lots),
        on_hand=sum(lot.on_hand for lot in lots.values()),
        available=sum(lot.available for lot in lots.values()),
        lots=lots,
        reservations=reservations,
        schedule=schedule,
        register_id=register_id,
    )
