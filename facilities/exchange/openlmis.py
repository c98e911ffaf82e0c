"""The mailroom's desk for OpenLMIS: its folder of CSV files becomes facilities and stock cards.

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
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

from domain.kernel import Command
from domain.organization.facility import OpenFacility
from domain.supply.events.stock import NO_LOT
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    OpenStockBooks,
    ReceiveStock,
)
from domain.supply.stock_listing import ListStockItem
from facilities.bulk import unhurried_collector
from facilities.exchange.delivery import Stage, deliver_by
from facilities.exchange.openlmis_tables import FACILITY_TYPES, CardTables, Line, StockCard
from facilities.exchange.parcels import Draft, Letter, Need, Parcel, Sender
from facilities.exchange.report import Progress, Rejected, Report, in_order, in_silence
from facilities.exchange.synthea_places import facility_kind
from facilities.exchange.tally import Load
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

NO_LOT_STATED = "not stated"
"""The lot of a card that names none, of an item whose other cards do."""

BASIS = "OpenLMIS stock card"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCardsReport(Report):
    """What the cards came to. `movements` are their lines that are no `counts`."""

    cards: int = 0
    movements: int = 0
    counts: int = 0

    @property
    def came_to_something(self) -> bool:
        return self.cards > 0


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
    tables = CardTables(folder)
    cards = StockCards(tables, Sender("openlmis", actor), zone, currency)
    with unhurried_collector():
        tables.read(progress)
        return deliver_by(
            partial(CardTally, cards.of_item),
            cards.stages(ledger.load),
            tables.reading,
            service,
            ledger,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )


class StockCards:
    """What was read of a folder, and the stages it is sent in."""

    def __init__(self, tables: CardTables, sender: Sender, zone: str, currency: str) -> None:
        self.of_item: dict[UUID, int] = {}
        """How many cards became lots of a stock item."""
        self._tables, self._sender, self._zone, self._currency = tables, sender, zone, currency

    def stages(self, load: Load) -> Iterator[Stage]:
        """First the facilities that have cards, then the cards."""
        cards = self._tables.cards()
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
                    self._tables.facilities[facility][0],
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
        place, name, kind = self._tables.facilities[facility]
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
        code, description = self._tables.orderables[orderable]
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
        programs = {each.id: self._tables.programs[each.program] for each in cards}
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
            rejected=in_order(rejected),
        )
