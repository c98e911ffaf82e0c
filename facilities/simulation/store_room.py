"""What a store room that never was keeps, beside the shelves of `stock`, and its days of work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from domain.kernel import Command
from domain.supply.stock_item import ReceiveStock
from domain.supply.stock_listing import ListStockItem
from facilities.simulation.places import Site
from facilities.simulation.run import DAY

SYSTEM = "HOUSE-CATALOG"
SALINE, NEBULIZER, INFUSION, FENTANYL = "SKU-2001", "SKU-2002", "SKU-2003", "SKU-2004"
CALLED = {
    SALINE: "Sodium chloride 0.9 %, 1 l", NEBULIZER: "Nebulizer, reusable",
    INFUSION: "Infusion set", FENTANYL: "Fentanyl 0.1 mg, ampoule",
}  # fmt: skip


def kept(site: Site, code: str, quantity: int, lot: str, unit: str = "each") -> Iterator[Command]:
    """An item is listed, and the first of it comes in."""
    today = site.run.first_day
    item = item_of(site, code)
    yield ListStockItem(
        stock_item_id=item,
        facility_id=site.facility_id,
        item_system=SYSTEM,
        item_code=code,
        description=CALLED[code],
        listed_on=today,
        unit=unit,
        lot_tracked=True,
    )
    yield ReceiveStock(
        stock_item_id=item,
        quantity=quantity,
        received_on=today,
        lot=lot,
        expires_on=expiry(today),
    )


def item_of(site: Site, code: str) -> UUID:
    """The stock item of a code at a site."""
    return site.run.id("store room", site.index, code)


def expiry(since: date) -> date:
    """When what is delivered expires."""
    return since + timedelta(days=900)


def day_of_work(today: date, *sites: Site) -> date:
    """The day, or the first one after it on which all of them work."""
    while not all(each.works_on(today) for each in sites):
        today += DAY
    return today
