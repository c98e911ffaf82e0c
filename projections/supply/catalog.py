"""What buyers and store rooms look things up in: every item the system knows, and its codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.catalog import (
    AbcClass,
    CatalogItemClassed,
    CatalogItemIdentified,
    CatalogItemListed,
    CatalogItemRetired,
    CatalogItemRevised,
    CatalogItemSubstitutesNamed,
    ControlledSchedule,
    ItemCode,
    Pack,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace


class CatalogStatus(StrEnum):
    """Whether an item is still bought."""

    LISTED = "listed"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """An item of the catalog. `packs` are what it comes in, in numbers of its smallest `unit`."""

    catalog_item_id: UUID
    item_system: str
    item_code: str
    description: str
    status: CatalogStatus
    unit: str
    packs: tuple[Pack, ...]
    codes: tuple[ItemCode, ...]
    unspsc: str | None
    manufacturer: str | None
    lot_tracked: bool
    expiry_tracked: bool
    cold_chain: bool
    controlled_schedule: ControlledSchedule | None
    abc_class: AbcClass | None
    substitutes: tuple[UUID, ...]
    listed_on: date
    retired_on: date | None


catalog = ReadModel(
    "catalog",
    row=CatalogEntry,
    key="catalog_item_id",
    order="description",
    indexes=(("item_system", "item_code"), ("unspsc",), ("controlled_schedule",)),
    desk="buyers and store rooms: what the system knows of every item, and how it is handled",
)


@catalog.on(CatalogItemListed)
def listed(
    row: CatalogEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[CatalogItemListed],
) -> CatalogEntry | None:
    fact = event.fact
    return CatalogEntry(
        catalog_item_id=fact.catalog_item_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        description=fact.description,
        status=CatalogStatus.LISTED,
        unit=fact.unit,
        packs=fact.packs,
        codes=(ItemCode(system=fact.item_system, code=fact.item_code),),
        unspsc=fact.unspsc,
        manufacturer=fact.manufacturer,
        lot_tracked=fact.lot_tracked,
        expiry_tracked=fact.expiry_tracked,
        cold_chain=fact.cold_chain,
        controlled_schedule=fact.controlled_schedule,
        abc_class=None,
        substitutes=(),
        listed_on=fact.listed_on,
        retired_on=None,
    )


@catalog.on(CatalogItemRevised)
def revised(row: CatalogEntry | None, event: Recorded[CatalogItemRevised]) -> CatalogEntry | None:
    fact = event.fact
    return row and replace(
        row,
        description=fact.description,
        unit=fact.unit,
        packs=fact.packs,
        unspsc=fact.unspsc,
        manufacturer=fact.manufacturer,
        lot_tracked=fact.lot_tracked,
        expiry_tracked=fact.expiry_tracked,
        cold_chain=fact.cold_chain,
        controlled_schedule=fact.controlled_schedule,
    )


@catalog.on(CatalogItemIdentified)
def identified(
    row: CatalogEntry | None, event: Recorded[CatalogItemIdentified]
) -> CatalogEntry | None:
    return row and replace(row, codes=event.fact.codes_after)


@catalog.on(CatalogItemClassed)
def classed(row: CatalogEntry | None, event: Recorded[CatalogItemClassed]) -> CatalogEntry | None:
    return row and replace(row, abc_class=event.fact.abc_class)


@catalog.on(CatalogItemSubstitutesNamed)
def substitutes_named(
    row: CatalogEntry | None, event: Recorded[CatalogItemSubstitutesNamed]
) -> CatalogEntry | None:
    return row and replace(row, substitutes=event.fact.substitutes)


@catalog.on(CatalogItemRetired)
def retired(row: CatalogEntry | None, event: Recorded[CatalogItemRetired]) -> CatalogEntry | None:
    return row and replace(row, status=CatalogStatus.RETIRED, retired_on=event.fact.retired_on)


# --- codes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """A code, and the item it means; that of a pack means `quantity` of its smallest unit."""

    system: str
    code: str
    catalog_item_id: UUID
    quantity: int


item_codes = ReadModel(
    "item_codes",
    row=CodeEntry,
    key=("system", "code", "catalog_item_id"),
    order=("system", "code"),
    indexes=(("code",),),
    desk="store rooms: which item a code on a label means",
)


def _code(event: Recorded[CatalogItemListed]) -> Key:
    fact = event.fact
    return fact.item_system, fact.item_code, fact.catalog_item_id


def _codes(event: Recorded[CatalogItemListed | CatalogItemRevised]) -> Iterable[Key]:
    fact = event.fact
    for pack in fact.packs:
        if pack.gtin is not None:
            yield "GTIN", pack.gtin, fact.catalog_item_id


def _other(event: Recorded[CatalogItemIdentified]) -> Key:
    return event.fact.system, event.fact.code, event.fact.catalog_item_id


@item_codes.on(CatalogItemListed, key=_code, key_aware=True)
def known_first(
    row: CodeEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[CatalogItemListed],  # noqa: ARG001 - the key tells it
    key: Key,
) -> CodeEntry | None:
    return _entry(key, 1)


@item_codes.on(CatalogItemIdentified, key=_other, key_aware=True)
def known_too(
    row: CodeEntry | None,  # noqa: ARG001
    event: Recorded[CatalogItemIdentified],  # noqa: ARG001
    key: Key,
) -> CodeEntry | None:
    return _entry(key, 1)


@item_codes.on(CatalogItemListed, CatalogItemRevised, key=_codes, key_aware=True)
def packed(
    row: CodeEntry | None,  # noqa: ARG001 - a label of a pack that is no more means what it meant
    event: Recorded[CatalogItemListed] | Recorded[CatalogItemRevised],
    key: Key,
) -> CodeEntry | None:
    quantities = {each.gtin: each.quantity for each in event.fact.packs}
    return _entry(key, quantities[key[1]])


def _entry(key: Key, quantity: int) -> CodeEntry:
    system, code, catalog_item_id = key
    return CodeEntry(system=system, code=code, catalog_item_id=catalog_item_id, quantity=quantity)
