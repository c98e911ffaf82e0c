"""The mailroom's desk for OpenLMIS: its folder of CSV files becomes facilities and stock cards
(https://github.com/OpenLMIS, reference data and stock management, one file a table).

A stock card is one lot of an orderable at a facility in a program; here, a lot of a stock item:

1. An orderable that a facility has cards of is listed as an item of system ``OpenLMIS``, known by
   its code, on the day of the first line. It is tracked by lot where one of its cards names a lot;
   its card that names none is kept under the lot `NO_LOT_STATED`.
2. The books of each card are opened with nothing on the day of its first line. `card` is its id.
3. Its lines follow in the order of the day they occurred, then of when they were processed: with a
   source a receipt; with a destination, or with a reason, an adjustment up or down; with none of
   these a physical count.

Reading, rehearsing and sending go as in `synthea`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from domain.kernel import Command
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from domain.supply.events.stock import NO_LOT, AdjustmentReason
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    ListStockItem,
    OpenStockBooks,
    ReceiveStock,
)
from facilities.bulk import unhurried_collector
from facilities.exchange.delivery import Stage, deliver_by
from facilities.exchange.parcels import Draft, Letter, Need, Parcel, Place, Sender
from facilities.exchange.reading import Reading, place_of
from facilities.exchange.report import Progress, Rejected, in_silence
from facilities.exchange.synthea_places import facility_kind
from facilities.exchange.tables import Row, Table
from facilities.exchange.tally import Load
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

NO_LOT_STATED = "not stated"
"""The lot of a card that names none, of an item whose other cards do."""

BASIS = "OpenLMIS stock card"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCardsReport:
    """What the cards came to. `movements` are their lines that are no `counts`."""

    cards: int = 0
    movements: int = 0
    counts: int = 0
    events_appended: int = 0
    rejected: tuple[Rejected, ...] = ()

    @property
    def came_to_something(self) -> bool:
        return self.cards > 0

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "rejected": [asdict(each) for each in self.rejected]}


def import_openlmis(
    folder: Path,
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    zone: str = "UTC",
    currency: str = "USD",
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = in_silence,
) -> StockCardsReport:
    """Import a folder of OpenLMIS tables: the facilities that have stock cards, and their cards.

    `zone` and `currency` are those of the facilities, which the files do not tell. `dry_run`,
    `skip_bad` and what is raised: as for `import_synthea`.
    """
    cards = StockCards(folder, Sender("openlmis", actor), zone, currency)
    with unhurried_collector():
        cards.read(progress)
        return deliver_by(
            partial(CardTally, cards.of_item),
            cards.stages(ledger.load),
            cards.reading,
            service,
            ledger,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )


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


class StockCards:
    """A folder of OpenLMIS tables: what was read of it, and the stages it is sent in."""

    def __init__(self, folder: Path, sender: Sender, zone: str, currency: str) -> None:
        self.reading = Reading()
        self.of_item: dict[UUID, int] = {}
        """How many cards became lots of a stock item."""
        self._folder, self._sender, self._zone, self._currency = folder, sender, zone, currency
        self._types: dict[str, str] = {}
        self._facilities: dict[str, tuple[Place, str, str]] = {}
        self._orderables: dict[str, tuple[str, str]] = {}
        self._lots: dict[str, tuple[str, date | None]] = {}
        self._programs: dict[str, str] = {}
        self._reasons = dict(CORE_REASONS)
        self._cards: dict[str, StockCard] = {}

    # --- reading ---------------------------------------------------------------------------------

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
        self._facilities[row.uuid("id")] = (
            place_of(row, {"id": "id", "legal_name": "name"}),
            row.text("name"),
            kind,
        )

    def _read_orderable(self, row: Row) -> None:
        self._orderables[row.uuid("id")] = (row.text("code"), row.text("fullproductname"))

    def _read_lot(self, row: Row) -> None:
        expires_on = row.day("expirationdate", UTC) if row.text("expirationdate") else None
        self._lots[row.uuid("id")] = (row.required("lotcode"), expires_on)

    def _read_program(self, row: Row) -> None:
        self._programs[row.uuid("id")] = row.text("code")

    def _read_reason(self, row: Row) -> None:
        kind = row.one_of("reasontype", (CREDIT, DEBIT))
        self._reasons[row.uuid("id")] = (row.text("name"), kind)

    def _read_card(self, row: Row) -> None:
        facility = _known(row, "facilityId", "facility", self._facilities)
        orderable = _known(row, "orderableId", "orderable", self._orderables)
        program = _known(row, "programId", "program", self._programs)
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

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load) -> Iterator[Stage]:
        """First the facilities that have cards, then the cards."""
        cards = [
            each
            for each in self._cards.values()
            if ("card", each.id) not in self.reading.refusals.things
        ]
        first_days: dict[str, date] = {}
        for card in cards:
            for line in card.lines:
                known = first_days.get(card.facility, line.on)
                first_days[card.facility] = min(known, line.on)
        # What has no line has never moved, and there is no day to list it on.
        items: dict[tuple[str, str], list[StockCard]] = {}
        for card in cards:
            if card.facility in first_days:
                items.setdefault((card.facility, card.orderable), []).append(card)
        places = {facility: self._sender.stream("facility", facility) for facility in first_days}
        there = load(places.values())
        yield Stage(
            "facilities",
            [
                Draft(
                    ("facility", facility),
                    stream_id,
                    self._facilities[facility][0],
                    partial(self._opening, facility, stream_id, first_days[facility]),
                )
                for facility, stream_id in places.items()
                if stream_id not in there
            ],
            referred_to=True,
        )
        streams = {each: self._sender.stream("stock_item", *each) for each in items}
        begun = load(streams.values())
        drafts = []
        for (facility, orderable), its_cards in items.items():
            stream_id = streams[facility, orderable]
            self.of_item[stream_id] = len(its_cards)
            state = stock_item.fold(each.fact for each in begun.get(stream_id, ()))
            write = partial(self._letters, stream_id, its_cards, state, first_days[facility])
            place = its_cards[0].place
            needs = [Need(("facility", facility), place, "facilityId")]
            thing = ("stock item", f"{facility}/{orderable}")
            drafts.append(Draft(thing, stream_id, place, write, needs))
        yield Stage("stock cards", drafts)

    def _opening(self, facility: str, stream_id: UUID, opened_on: date) -> list[Letter]:
        place, name, kind = self._facilities[facility]
        command = OpenFacility(
            facility_id=stream_id,
            legal_name=name,
            kind=FACILITY_TYPES.get(kind) or facility_kind(name),
            zone=self._zone,
            opened_on=opened_on,
            currency=self._currency,
        )
        return [self._sender.letter(command, "facility", facility, place)]

    def _letters(
        self, stream_id: UUID, cards: Sequence[StockCard], state: StockItem, first_day: date
    ) -> list[Letter]:
        """The item is listed and its books are opened unless they are; its lines follow."""
        facility, orderable = cards[0].facility, cards[0].orderable
        code, description = self._orderables[orderable]
        name = f"{facility}/{orderable}"
        lots = self._lot_numbers(cards)
        begun = {each.id: min((it.on for it in each.lines), default=first_day) for each in cards}
        letters = []
        if state.facility_id is None:
            listing = ListStockItem(
                stock_item_id=stream_id,
                facility_id=self._sender.stream("facility", facility),
                item_system="OpenLMIS",
                item_code=code,
                description=description,
                lot_tracked=any(lots.values()),
                listed_on=min(begun.values()),
            )
            letters.append(self._sender.letter(listing, "stock item", name, cards[0].place))
        for card in cards:
            if lots[card.id] not in state.lots:
                books = OpenStockBooks(
                    stock_item_id=stream_id,
                    quantity=0,
                    opened_on=begun[card.id],
                    basis=BASIS,
                    lot=lots[card.id],
                    expires_on=card.expires_on,
                    card=card.id,
                )
                letters.append(self._sender.letter(books, "stock books", card.id, card.place))
        told = [(line, lots[card.id]) for card in cards for line in card.lines]
        told.sort(key=lambda each: (each[0].on, each[0].processed, each[0].place.line))
        for line, lot in told:
            command = _command(stream_id, lot, line)
            letters.append(self._sender.letter(command, "line", line.id, line.place))
        return letters

    def _lot_numbers(self, cards: Sequence[StockCard]) -> dict[str, str]:
        """The lot each card is kept under. Two programs may have cards of one lot."""
        tracked = any(each.lot != NO_LOT for each in cards) or len(cards) > 1
        lots = {each.id: each.lot or (NO_LOT_STATED if tracked else NO_LOT) for each in cards}
        often = Counter(lots.values())
        programs = {each.id: self._programs[each.program] for each in cards}
        return {
            card: f"{lot} ({programs[card]})" if often[lot] > 1 else lot
            for card, lot in lots.items()
        }


def _command(stream_id: UUID, lot: str, line: Line) -> Command:
    """What a line of a card comes to."""
    if line.source is not None:
        return ReceiveStock(
            stock_item_id=stream_id,
            quantity=line.quantity,
            received_on=line.on,
            lot=lot,
            reference=f"OpenLMIS node {line.source}",
        )
    if line.reason is None:
        return CountStock(
            stock_item_id=stream_id, counted=line.quantity, counted_on=line.on, lot=lot
        )
    reason, sign = line.reason
    return AdjustStock(
        stock_item_id=stream_id,
        change=sign * line.quantity,
        reason=reason,
        adjusted_on=line.on,
        lot=lot,
    )


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


class CardTally:
    """Adds up what parcels of cards came to."""

    def __init__(self, of_item: Mapping[UUID, int]) -> None:
        self._of_item = of_item
        self._cards = self._movements = self._counts = 0

    def add(self, parcels: Iterable[Parcel], load: Load) -> None:  # noqa: ARG002 - letters tell it
        for parcel in parcels:
            self._cards += self._of_item.get(parcel.stream_id, 0)
            commands = [each.command for each in parcel.letters]
            self._counts += sum(isinstance(each, CountStock) for each in commands)
            moved = [each for each in commands if isinstance(each, AdjustStock | ReceiveStock)]
            self._movements += len(moved)

    def report(self, appended: int, rejected: Iterable[Rejected]) -> StockCardsReport:
        return StockCardsReport(
            cards=self._cards,
            movements=self._movements,
            counts=self._counts,
            events_appended=appended,
            rejected=tuple(sorted(rejected, key=lambda each: (each.file, each.line or 0))),
        )
