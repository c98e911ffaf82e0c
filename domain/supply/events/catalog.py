"""The story of the catalog: which items the whole system knows, and how each is to be handled.

A catalog item belongs to no facility. What is kept of it at a facility is a stock item, which names
it by one of its codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact


class ControlledSchedule(StrEnum):
    """The schedule of a controlled substance (21 CFR 1308)."""

    CI = "CI"
    CII = "CII"
    CIII = "CIII"
    CIV = "CIV"
    CV = "CV"


class AbcClass(StrEnum):
    """How much an item counts: A the few that most is spent on, C the many that little is."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What an item also comes in: `quantity` of its smallest unit, perhaps with its own GTIN."""

    unit: str
    quantity: int
    gtin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCode:
    """A code an item is known by, as it is kept (14 digits, 5-4-2)."""

    system: str
    code: str


@fact("catalog_item.listed", effective="listed_on")
class CatalogItemListed(Fact):
    """The system begins to know an item. `unit` is the smallest it is counted in."""

    catalog_item_id: UUID
    item_system: str
    item_code: str
    description: str
    unit: str
    packs: tuple[Pack, ...]
    unspsc: str | None
    manufacturer: str | None
    lot_tracked: bool
    expiry_tracked: bool
    cold_chain: bool
    controlled_schedule: ControlledSchedule | None
    listed_on: date


@fact("catalog_item.revised", effective="revised_on")
class CatalogItemRevised(Fact):
    """An item is described or to be handled otherwise from a day on; this is what holds now."""

    catalog_item_id: UUID
    item_system: str
    item_code: str
    description: str
    unit: str
    packs: tuple[Pack, ...]
    unspsc: str | None
    manufacturer: str | None
    lot_tracked: bool
    expiry_tracked: bool
    cold_chain: bool
    controlled_schedule: ControlledSchedule | None
    revised_on: date


@fact("catalog_item.identified", effective="identified_on")
class CatalogItemIdentified(Fact):
    """An item is known by one more code. `codes_after` are all of them."""

    catalog_item_id: UUID
    item_system: str
    item_code: str
    system: str
    code: str
    identified_on: date
    codes_after: tuple[ItemCode, ...]


@fact("catalog_item.classed", effective="classed_on")
class CatalogItemClassed(Fact):
    """How much an item counts was found out."""

    catalog_item_id: UUID
    item_system: str
    item_code: str
    abc_class: AbcClass
    classed_on: date


@fact("catalog_item.substitutes_named", effective="named_on")
class CatalogItemSubstitutesNamed(Fact):
    """Which items may be used in place of this one, the best first; none where there are none."""

    catalog_item_id: UUID
    item_system: str
    item_code: str
    substitutes: tuple[UUID, ...]
    named_on: date


@fact("catalog_item.retired", effective="retired_on")
class CatalogItemRetired(Fact):
    """An item is bought no more. What is on hand of it may be used up."""

    catalog_item_id: UUID
    item_system: str
    item_code: str
    reason: str
    retired_on: date


CatalogItemFact = (
    CatalogItemListed
    | CatalogItemRevised
    | CatalogItemIdentified
    | CatalogItemClassed
    | CatalogItemSubstitutesNamed
    | CatalogItemRetired
)
