"""The tables of an OpenLMIS export: what its CSV files say of stock cards and their lines.

One file a table, reference data and stock management (https://github.com/OpenLMIS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from domain.organization.events import FacilityKind
from domain.supply.events.stock import NO_LOT, AdjustmentReason
from facilities.exchange.parcels import Place
from facilities.exchange.reading import Reading, place_of
from facilities.exchange.report import Progress, Rejected
from facilities.exchange.tables import Row, Table

REFERENCE, STOCK = "referencedata", "stockmanagement"

CARDS = f"{STOCK}.stock_cards.csv"
LINES = f"{STOCK}.stock_card_line_items.csv"
REASONS = f"{STOCK}.stock_card_line_item_reasons.csv"

COLUMNS = {
    f"{REFERENCE}.facility_types.csv": ("id", "code"),
    f"{REFERENCE}.facilities.csv": ("id", "name", "typeid"),
    f"{REFERENCE}.orderables.csv": ("id", "code", "fullproductname"),
    f"{REFERENCE}.lots.csv": ("id", "lotcode", "expirationdate"),
    f"{REFERENCE}.programs.csv": ("id", "code"),
    REASONS: ("id", "name", "reasontype"),
    CARDS: ("id", "facilityId", "lotId", "orderableId", "programId"),
    LINES: (
        "id",
        "occurredDate",
        "processedDate",
        "destinationId",
        "reasonId",
        "quantity",
        "sourceId",
        "stockCardId",
    ),
}
"""The files there must be, and the columns that are read, in the order they are read."""

CREDIT, DEBIT = "CREDIT", "DEBIT"

CORE_REASONS = {
    "e3fc3cf3-da18-44b0-a220-77c985202e06": ("Transfer In", CREDIT),
    "313f2f5f-0c22-4626-8c49-3554ef763de3": ("", CREDIT),
    "b5c27da7-bdda-4790-925a-9484c5dfb594": ("", DEBIT),
}
"""Reasons that OpenLMIS brings along itself, without a row in the file."""

REASON_NAMES = {
    "Transfer In": AdjustmentReason.TRANSFERRED,
    "Transfer Out": AdjustmentReason.TRANSFERRED,
    "Facility return": AdjustmentReason.RETURNED,
    "Damage": AdjustmentReason.DAMAGED,
    "Expired": AdjustmentReason.EXPIRED,
    "Stolen": AdjustmentReason.STOLEN,
    "Lost": AdjustmentReason.LOST,
    "Passed open-vial time limit": AdjustmentReason.OPEN_VIAL,
    "Cold chain failure": AdjustmentReason.TEMPERATURE,
}
"""What their reasons are called here; what is not among them is ``other``."""

FACILITY_TYPES = {
    "health_center": FacilityKind.CLINIC,
    "dist_hosp": FacilityKind.HOSPITAL,
    "dist_store": FacilityKind.WAREHOUSE,
    "prov_store": FacilityKind.WAREHOUSE,
}
"""What their types of facility are here; of others the name tells."""

_FIELDS = {
    "id": "id",
    "quantity": "quantity",
    "counted": "quantity",
    "change": "quantity",
    "listed_on": "occurredDate",
    "opened_on": "occurredDate",
    "received_on": "occurredDate",
    "adjusted_on": "occurredDate",
    "counted_on": "occurredDate",
}


@dataclass(frozen=True, slots=True)
class StockCard:
    """A row of stock_cards.csv, and what its lines say."""

    id: str
    place: Place
    facility: str
    orderable: str
    program: str
    lot: str
    expires_on: date | None
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of stock_card_line_items.csv: a quantity, and why it moved. What has neither a source
    nor a reason was counted.
    """

    id: str
    place: Place
    on: date
    processed: datetime
    quantity: int
    source: str | None
    reason: tuple[AdjustmentReason, int] | None


class CardTables:
    """A folder of OpenLMIS tables: what was read of it, every file to its end."""

    def __init__(self, folder: Path) -> None:
        self.reading = Reading()
        self.facilities: dict[str, tuple[Place, str, str]] = {}
        """A facility's row, its name, and the code of its type."""
        self.orderables: dict[str, tuple[str, str]] = {}
        """An orderable's code and name."""
        self.programs: dict[str, str] = {}
        """A program's code."""
        self._folder = folder
        self._types: dict[str, str] = {}
        self._lots: dict[str, tuple[str, date | None]] = {}
        self._reasons = dict(CORE_REASONS)
        self._cards: dict[str, StockCard] = {}

    def cards(self) -> list[StockCard]:
        """The cards that were not turned away."""
        refused = self.reading.refusals.things
        return [each for each in self._cards.values() if ("card", each.id) not in refused]

    def read(self, progress: Progress) -> None:
        """Read every file to its end."""
        readers = {
            f"{REFERENCE}.facility_types.csv": ("facility type", self._read_type),
            f"{REFERENCE}.facilities.csv": ("facility", self._read_facility),
            # An orderable has a row for each of its versions: what the last one says holds.
            f"{REFERENCE}.orderables.csv": (None, self._read_orderable),
            f"{REFERENCE}.lots.csv": ("lot", self._read_lot),
            f"{REFERENCE}.programs.csv": ("program", self._read_program),
            REASONS: ("reason", self._read_reason),
            CARDS: ("card", self._read_card),
            LINES: ("line", self._read_line),
        }
        for number, (name, (kind, read)) in enumerate(readers.items()):
            progress("reading", number, len(readers))
            if self.reading.unreadable:
                break
            table = Table(self._folder / name, COLUMNS[name])
            blame = self._blame if name == LINES else None
            column = "id" if kind else None
            for _ in self.reading.rows(table, kind or name, column, read, blame=blame):
                pass
        progress("reading", len(readers), len(readers))

    def _read_type(self, row: Row) -> None:
        self._types[row.uuid("id")] = row.text("code")

    def _read_facility(self, row: Row) -> None:
        kind = self._types.get(row.text("typeid").lower(), "")
        self.facilities[row.uuid("id")] = (
            place_of(row, {"id": "id", "legal_name": "name"}),
            row.text("name"),
            kind,
        )

    def _read_orderable(self, row: Row) -> None:
        self.orderables[row.uuid("id")] = (row.text("code"), row.text("fullproductname"))

    def _read_lot(self, row: Row) -> None:
        expires_on = row.day("expirationdate", UTC) if row.text("expirationdate") else None
        self._lots[row.uuid("id")] = (row.required("lotcode"), expires_on)

    def _read_program(self, row: Row) -> None:
        self.programs[row.uuid("id")] = row.text("code")

    def _read_reason(self, row: Row) -> None:
        kind = row.one_of("reasontype", (CREDIT, DEBIT))
        self._reasons[row.uuid("id")] = (row.text("name"), kind)

    def _read_card(self, row: Row) -> None:
        facility = _known(row, "facilityId", "facility", self.facilities)
        orderable = _known(row, "orderableId", "orderable", self.orderables)
        program = _known(row, "programId", "program", self.programs)
        lot, expires_on = NO_LOT, None
        if row.text("lotId"):
            lot, expires_on = self._lots[_known(row, "lotId", "lot", self._lots)]
        card = StockCard(
            id=row.uuid("id"),
            place=place_of(row, _FIELDS),
            facility=facility,
            orderable=orderable,
            program=program,
            lot=lot,
            expires_on=expires_on,
        )
        self._cards[card.id] = card

    def _read_line(self, row: Row) -> None:
        card = self._cards.get(row.uuid("stockCardId"))
        if card is None:
            raise row.bad("stockCardId", f"names no card of {CARDS}")
        source, destination = row.text("sourceId") or None, row.text("destinationId") or None
        reason = None
        if source is None and destination is not None:
            reason = (AdjustmentReason.TRANSFERRED, -1)
        elif source is None and row.text("reasonId"):
            name, kind = self._reasons[_known(row, "reasonId", "reason", self._reasons)]
            of = REASON_NAMES.get(name, AdjustmentReason.OTHER)
            reason = (of, 1 if kind == CREDIT else -1)
        counted = source is None and reason is None
        card.lines.append(
            Line(
                id=row.uuid("id"),
                place=place_of(row, _FIELDS),
                on=row.day("occurredDate", UTC),
                processed=_processed(row),
                quantity=0 if row.text("quantity") == "0" and counted else row.quantity("quantity"),
                source=source,
                reason=reason,
            )
        )

    def _blame(self, row: Row, rejected: Rejected) -> None:
        """A card with a line that is turned away is turned away with it."""
        card = self._cards.get(row.text("stockCardId").lower())
        if card is not None and ("card", card.id) not in self.reading.refusals.things:
            rule = f"its line in line {rejected.line} of {rejected.file} was rejected"
            self.reading.refusals.add(card.place.rejected(rule, "id", card.id), ("card", card.id))


def _known(row: Row, column: str, kind: str, there: Mapping[str, object]) -> str:
    name = row.uuid(column)
    if name not in there:
        raise row.bad(column, f"names no {kind} of the folder")
    return name


def _processed(row: Row) -> datetime:
    try:
        at = datetime.fromisoformat(row.text("processedDate"))
    except ValueError:
        raise row.bad("processedDate", "must be an instant such as 2017-05-26T04:44:51") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
