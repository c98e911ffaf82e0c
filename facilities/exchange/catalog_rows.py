"""Rows of catalogs: what a line of each kind of file says of an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.kernel import Refused
from domain.supply import item_codes
from domain.supply.events.catalog import ControlledSchedule
from domain.supply.item_codes import ItemSystem
from facilities.exchange.parcels import Place
from facilities.exchange.reading import place_of
from facilities.exchange.tables import Row

_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
SCHEDULES = {"": None, **{each.value: each for each in ControlledSchedule}}
_COLD = ("refrigerat", "frozen", "2-8", "2 to 8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row of a catalog. `codes` are what it is known by beside its first code."""

    place: Place
    item_system: ItemSystem
    item_code: str
    description: str
    unit: str = "each"
    unspsc: str | None = None
    manufacturer: str | None = None
    lot_tracked: bool = False
    expiry_tracked: bool = False
    cold_chain: bool = False
    controlled_schedule: ControlledSchedule | None = None
    codes: tuple[tuple[ItemSystem, str], ...] = ()


def gudid(row: Row) -> Listed:
    """A device of the FDA's GUDID, by its primary device identifier. Raises BadRow."""
    system = ItemSystem.GTIN if row.text("issuing_agency") == "GS1" else ItemSystem.UDI_DI
    brand, told = row.text("brand"), row.text("description")
    return Listed(
        place=place_of(row, {"id": "primary_di", "item_code": "primary_di"}),
        item_system=system,
        item_code=code_in(row, "primary_di", system),
        description=": ".join(each for each in (brand, told) if each) or row.required("brand"),
        manufacturer=row.text("company")[:200] or None,
        lot_tracked=row.text("lot_batch") == "true",
        expiry_tracked=row.text("expiration_date") == "true",
        cold_chain=any(each in row.text("storage").lower() for each in _COLD),
    )


def commodity(row: Row) -> Listed:
    """A commodity of the UNSPSC, by its eight digits. Raises BadRow."""
    code = code_in(row, "Commodity", ItemSystem.UNSPSC)
    return Listed(
        place=place_of(row, {"id": "Commodity", "item_code": "Commodity"}),
        item_system=ItemSystem.UNSPSC,
        item_code=code,
        description=row.required("Commodity Title"),
        unspsc=code,
    )


def plain(mapping: Mapping[str, str], row: Row) -> Listed:
    """An item of anybody's list, its columns named as the fields are. Raises BadRow."""
    system = ItemSystem(row.one_of("item_system", [each.value for each in ItemSystem]))
    others = ((ItemSystem.GTIN, "gtin"), (ItemSystem.NDC, "ndc"))
    return Listed(
        place=place_of(row, {"item_code": "item_code", **mapping}),
        item_system=system,
        item_code=code_in(row, "item_code", system),
        description=row.required("description"),
        unit=row.text("unit") or "each",
        unspsc=row.text("unspsc") or None,
        manufacturer=row.text("manufacturer") or None,
        lot_tracked=_YES_NO[row.one_of("lot_tracked", _YES_NO)],
        expiry_tracked=_YES_NO[row.one_of("expiry_tracked", _YES_NO)],
        cold_chain=_YES_NO[row.one_of("cold_chain", _YES_NO)],
        controlled_schedule=SCHEDULES[row.one_of("controlled_schedule", SCHEDULES)],
        codes=tuple((of, code_in(row, column, of)) for of, column in others if row.text(column)),
    )


def code_in(row: Row, column: str, system: ItemSystem) -> str:
    """The code of a cell as it is kept. Raises BadRow, and tells the rule that it breaks."""
    try:
        return item_codes.normal(system, row.required(column))
    except Refused as refused:
        raise row.bad(column, str(refused.details["rule"])) from None
