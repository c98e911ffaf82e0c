"""The mailroom's desk for opening balances: a table of what is on the shelves when the books open.

A row is a lot of an item at a facility; the columns are called as the fields are (`FIELDS`), or
mapped. An item that the facility does not keep yet is listed on
the day of its first row, tracked by lot where one of its rows names a lot. The books of each lot
are opened with its quantity. `facility_id` is ours; without that column all rows are of the
facility that is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from functools import partial
from pathlib import Path
from uuid import UUID

from domain.kernel import Refused
from domain.natural_key import NaturalKey, natural_key, stream_of
from domain.supply import item_codes
from domain.supply.events.stock import NO_LOT
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_item import OpenStockBooks
from domain.supply.stock_listing import ListStockItem
from facilities.bulk import unhurried_collector
from facilities.exchange.delivery import Stage, deliver_by
from facilities.exchange.mapping import BadMapping, Fields, MappedTable
from facilities.exchange.parcels import Draft, Letter, Parcel, Place, Sender
from facilities.exchange.reading import Reading, place_of
from facilities.exchange.report import Progress, Rejected, Report, in_order, in_silence
from facilities.exchange.tables import Row, Table, Unreadable
from facilities.exchange.tally import Load
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

FIELDS = Fields(
    of="opening balances",
    required=("item_system", "item_code", "description", "quantity", "opened_on"),
    optional=("facility_id", "unit", "lot", "expires_on", "basis"),
)

BASIS = "opening balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancesReport(Report):
    """What the rows came to: `items` that facilities keep, and `lots` whose books are open."""

    items: int = 0
    lots: int = 0

    @property
    def came_to_something(self) -> bool:
        return self.items > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A row: what is there of a lot."""

    place: Place
    facility_id: UUID
    item_system: str
    item_code: str
    description: str
    unit: str
    lot: str
    expires_on: date | None
    quantity: int
    opened_on: date
    basis: str

    @property
    def item(self) -> tuple[str, str, str]:
        return str(self.facility_id), self.item_system, self.item_code


def import_balances(
    file: Path,
    mapping: Mapping[str, str],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    facility_id: UUID | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = in_silence,
) -> BalancesReport:
    """Open the books of the lots that a table tells of. The rest as for `import_synthea`.

    Raises BadMapping where the mapping names what balances do not have, or leaves out what must be
    there.
    """
    balances = Balances(Sender("balances", actor), facility_id)
    with unhurried_collector():
        progress("reading", 0, 1)
        balances.read(file, mapping)
        progress("reading", 1, 1)
        return deliver_by(
            BalancesTally,
            balances.stages(ledger.load),
            balances.reading,
            service,
            ledger,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )


class Balances:
    """A table of balances: what was read of it, and what it is sent as."""

    def __init__(self, sender: Sender, facility_id: UUID | None) -> None:
        self.reading = Reading()
        self._sender, self._facility_id = sender, facility_id
        self._mapping: dict[str, str] = {}
        self._items: dict[tuple[str, str, str], list[Balance]] = {}

    def read(self, file: Path, mapping: Mapping[str, str]) -> None:
        """Read the file to its end. Raises BadMapping."""
        try:
            self._mapping = FIELDS.by_name(Table(file, ()).header(), mapping)
        except Unreadable as unreadable:
            self.reading.give_up(*unreadable.rejected)
            return
        if self._facility_id is None and "facility_id" not in self._mapping:
            raise BadMapping("which column is the facility_id?")
        table = MappedTable(file, self._mapping)
        for each in self.reading.rows(table, "balance", None, self._read):
            self._items.setdefault(each.item, []).append(each)
        if not self._items and not self.reading.refusals.rejected:
            self.reading.give_up(table.unreadable(None, "the file has no rows").rejected[0])

    def _read(self, row: Row) -> Balance:
        facility_id = self._facility_id or UUID(row.uuid("facility_id"))
        system, code = row.required("item_system"), row.required("item_code")
        try:
            system, code = item_codes.as_kept("stock_item", system, code)
        except Refused as refused:
            column = str(refused.details["field"])
            raise row.bad(column, str(refused.details["rule"])) from None
        lot = row.text("lot")
        name = "/".join((str(facility_id), system, code, lot))
        self.reading.alone(row, "lot" if lot else "item_code", "lot", name)
        return Balance(
            place=place_of(row, self._mapping),
            facility_id=facility_id,
            item_system=system,
            item_code=code,
            description=row.required("description"),
            unit=row.text("unit") or "each",
            lot=lot,
            expires_on=row.day("expires_on", UTC) if row.text("expires_on") else None,
            quantity=0 if row.text("quantity") == "0" else row.quantity("quantity"),
            opened_on=row.day("opened_on", UTC),
            basis=row.text("basis") or BASIS,
        )

    def stages(self, load: Load) -> Iterator[Stage]:
        """The one stage there is: an item and its lots are one parcel."""
        streams = {item: self._sender.stream("stock_item", *item) for item in self._items}
        # An item that is kept already has a stream of its own, which holds its name.
        names = {item: stream_of("stock_item", "/".join(item)) for item in self._items}
        held = load(names.values())
        for item, name in names.items():
            key: NaturalKey = natural_key.fold(each.fact for each in held.get(name, ()))
            streams[item] = key.holder_id or streams[item]
        known = load(streams.values())
        drafts = []
        for item, rows in self._items.items():
            state: StockItem = stock_item.fold(each.fact for each in known.get(streams[item], ()))
            write = partial(self._letters, streams[item], rows, state)
            drafts.append(Draft(("item", "/".join(item)), streams[item], rows[0].place, write))
        yield Stage("balances", drafts)

    def _letters(self, stream_id: UUID, rows: list[Balance], state: StockItem) -> list[Letter]:
        letters, first = [], rows[0]
        name = "/".join(first.item)
        if state.facility_id is None:
            listing = ListStockItem(
                stock_item_id=stream_id,
                facility_id=first.facility_id,
                item_system=first.item_system,
                item_code=first.item_code,
                description=first.description,
                unit=first.unit,
                lot_tracked=any(each.lot != NO_LOT for each in rows),
                listed_on=min(each.opened_on for each in rows),
            )
            letters.append(self._sender.letter(listing, "item", name, first.place))
        for each in rows:
            books = OpenStockBooks(
                stock_item_id=stream_id,
                quantity=each.quantity,
                opened_on=each.opened_on,
                basis=each.basis,
                lot=each.lot,
                expires_on=each.expires_on,
            )
            letters.append(self._sender.letter(books, "books", f"{name}/{each.lot}", each.place))
        return letters


class BalancesTally:
    """Counts what parcels of balances came to."""

    def __init__(self) -> None:
        self._items = self._lots = 0

    def add(self, parcels: Iterable[Parcel], load: Load) -> None:  # noqa: ARG002 - letters tell it
        for parcel in parcels:
            self._items += 1
            self._lots += sum(isinstance(each.command, OpenStockBooks) for each in parcel.letters)

    def report(self, appended: int, rejected: Iterable[Rejected]) -> BalancesReport:
        return BalancesReport(
            items=self._items,
            lots=self._lots,
            events_appended=appended,
            rejected=in_order(rejected),
        )
