"""The story of supply: a facility begins to stock an item, its books are opened, and lots of it are
received, issued, adjusted and counted. What is reserved, in quarantine or on the road is told in
`stock_holds`.

A stock item is one item at one facility; its lots are inside. A movement is of one lot (or of the
stock without a lot number) and carries what is on hand afterwards, of the lot and of the item.
Quantities are whole numbers of the item's smallest unit.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact, upcaster
from domain.supply.events.stock_bins import StockBinFact
from domain.supply.events.stock_closing import StockClosingFact
from domain.supply.events.stock_control import StockControlFact
from domain.supply.events.stock_exceptions import StockExceptionFact
from domain.supply.events.stock_holds import StockHoldFact, StockTransferFact
from domain.supply.events.stock_par import StockParFact

NO_LOT = ""
"""The lot number of stock that is kept without one."""


class IssuedTo(StrEnum):
    """What stock is issued for."""

    PATIENT = "patient"
    DEPARTMENT = "department"


class AdjustmentReason(StrEnum):
    """Why the books change without a receipt, an issue or a count.

    What is `transferred` went to, or came from, a place whose stock is not kept here; an
    `open_vial` was open for too long, and what was kept at a wrong `temperature` is lost by it.
    """

    DAMAGED = "damaged"
    EXPIRED = "expired"
    LOST = "lost"
    STOLEN = "stolen"
    FOUND = "found"
    RETURNED = "returned"
    UNPACKED = "unpacked"
    DONATED = "donated"
    ENTRY_ERROR = "entry_error"
    OPEN_VIAL = "open_vial"
    TEMPERATURE = "temperature"
    TRANSFERRED = "transferred"
    OTHER = "other"


@fact("stock_item.listed", effective="listed_on")
class StockItemListed(Fact):
    """A facility begins to keep an item. Nothing is on hand yet.

    `item_system` and `item_code` say what it is (GTIN, NDC, UNSPSC, SNOMED-CT); `unit` is the
    smallest unit it is counted in.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    description: str
    unit: str
    lot_tracked: bool
    listed_on: date


@fact("stock_item.books_opened", version=2, effective="opened_on")
class StockBooksOpened(Fact):
    """What was on hand when the books were opened, and what this figure rests on (`basis`).

    `card` is what the lot's card is called where it was kept before.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    opened_on: date
    basis: str
    card: str | None
    lot_on_hand_after: int
    on_hand_after: int


@upcaster(StockBooksOpened, from_version=1)
def _without_a_card(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell where the books were kept before."""
    return {**content, "card": None}


@fact("stock_item.received", effective="received_on")
class StockReceived(Fact):
    """Stock comes in. `unit_cost` is in the facility's currency; `reference` names the paper."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    unit_cost: Decimal | None
    reference: str | None
    received_on: date
    lot_on_hand_after: int
    on_hand_after: int


@fact("stock_item.issued", effective="issued_on", person="patient_id")
class StockIssued(Fact):
    """Stock goes out to a patient's care or to a department. One fact for each lot it came from."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    issued_to: IssuedTo
    patient_id: Annotated[UUID | None, PERSONAL]
    department_id: UUID | None
    encounter_id: UUID | None
    issued_on: date
    lot_on_hand_after: int
    on_hand_after: int


@fact("stock_item.adjusted", effective="adjusted_on")
class StockAdjusted(Fact):
    """The books are put right. `change` is more (positive) or less (negative) than they said."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    change: int
    reason: AdjustmentReason
    adjusted_on: date
    lot_on_hand_after: int
    on_hand_after: int


@fact("stock_item.counted", effective="counted_on")
class StockCounted(Fact):
    """Someone counted a lot; the books now say so. `difference` is what they gained by it."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    counted: int
    difference: int
    counted_on: date
    lot_on_hand_after: int
    on_hand_after: int


@fact("stock_item.count_restated", effective="counted_on")
class StockCountRestated(Fact):
    """A count turns out to have differed from the books by `change` more: something that happened
    on a day before it (`because_of`) was entered late. What is on hand stays what was counted.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    change: int
    counted_on: date
    because_of: date
    lot_on_hand_after: int
    on_hand_after: int


StockItemFact = (
    StockItemListed
    | StockBooksOpened
    | StockReceived
    | StockIssued
    | StockAdjusted
    | StockCounted
    | StockCountRestated
    | StockHoldFact
    | StockExceptionFact
    | StockTransferFact
    | StockParFact
    | StockControlFact
    | StockBinFact
    | StockClosingFact
)
