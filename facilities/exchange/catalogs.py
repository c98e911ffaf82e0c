"""The mailroom's desk for catalogs: the FDA's NDC directory, the FDA's device identifiers (GUDID),
and any plain table of items.

Every row becomes a catalog item, known by its code; other codes of it in the row are added. An item
that is in the catalog already is revised where the row says something new. Profiles:

* ``ndc``: a folder with the product and the package file of the NDC directory (tab separated,
  Windows-1252, https://www.fda.gov/drugs/drug-approvals-and-databases/national-drug-code-directory).
  An item is a package, kept under its NDC as 5-4-2; its description, labeler and DEA schedule are
  those of its product. Drugs are tracked by lot and expiry (21 CFR 211.130, 211.137).
* ``gudid``: device identifiers as CSV (https://accessgudid.nlm.nih.gov). An item is a primary DI: a
  GTIN where GS1 issued it, else a UDI-DI. It is tracked as the label is marked.
* ``unspsc``: the code set as UNSPSC publishes it (https://www.unspsc.org), with a line for each
  commodity; an item is a commodity, under its code.
* ``plain``: any table; its columns are called as the fields are (`FIELDS`), or mapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from domain.supply.catalog_item import IdentifyCatalogItem, ListCatalogItem, ReviseCatalogItem
from domain.supply.events.catalog import ControlledSchedule
from domain.supply.item_codes import ItemSystem
from facilities.bulk import unhurried_collector
from facilities.exchange.catalog_rows import SCHEDULES, Listed, code_in, commodity, gudid, plain
from facilities.exchange.delivery import Stage, deliver_by
from facilities.exchange.mapping import BadMapping, Fields, MappedTable
from facilities.exchange.parcels import Draft, Letter, Parcel, Sender
from facilities.exchange.reading import Reading, place_of
from facilities.exchange.report import Progress, Rejected, Report, in_order, in_silence
from facilities.exchange.tables import Row, Table, Unreadable
from facilities.exchange.tally import Load
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

FIELDS = Fields(
    of="catalog items",
    required=("item_system", "item_code", "description"),
    optional=(
        "unit",
        "gtin",
        "ndc",
        "unspsc",
        "manufacturer",
        "lot_tracked",
        "expiry_tracked",
        "cold_chain",
        "controlled_schedule",
    ),
)
"""The fields of a plain table."""

PROFILES = ("ndc", "gudid", "unspsc", "plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogReport(Report):
    """What the rows came to: `items` in the catalog, and `codes` beside their first ones."""

    items: int = 0
    codes: int = 0

    @property
    def came_to_something(self) -> bool:
        return self.items > 0


class Tabbed(Table):
    """A table as the FDA makes them: tabs, nothing quoted, Windows-1252."""

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        for line in stream:
            cells = line.decode("cp1252", "replace").rstrip("\r\n").split("\t")
            yield ",".join('"' + each.replace('"', '""') + '"' for each in cells) + "\n"


def import_catalog(
    path: Path,
    mapping: Mapping[str, str],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    profile: str = "plain",
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = in_silence,
) -> CatalogReport:
    """Import a catalog; of `ndc` the path is a folder. The rest as for `import_synthea`.

    Raises BadMapping where the mapping of a plain table names what items do not have, or leaves out
    what must be there, and where another one is mapped.
    """
    if mapping and profile != "plain":
        raise BadMapping("only a plain table is mapped")
    catalog = Catalog(Sender(f"catalog/{profile}", actor))
    with unhurried_collector():
        progress("reading", 0, 1)
        catalog.read(path, profile, mapping)
        progress("reading", 1, 1)
        return deliver_by(
            CatalogTally,
            catalog.stages(ledger.load, service.now()),
            catalog.reading,
            service,
            ledger,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )


class Catalog:
    """A file of items: what was read of it, and what it is sent as."""

    def __init__(self, sender: Sender) -> None:
        self.reading = Reading()
        self._sender = sender
        self._listed: list[Listed] = []

    # --- reading ---------------------------------------------------------------------------------

    def read(self, path: Path, profile: str, mapping: Mapping[str, str]) -> None:
        """Read the file (the files) to the end. Raises BadMapping."""
        match profile:
            case "ndc":
                self._read_ndc(path)
            case "gudid":
                needed = ("primary_di", "issuing_agency", "brand", "description", "company")
                self._rows(Table(path, needed), gudid)
            case "unspsc":
                self._rows(Table(path, ("Commodity", "Commodity Title")), commodity)
            case _:
                self._read_plain(path, mapping)

    def _read_plain(self, path: Path, mapping: Mapping[str, str]) -> None:
        try:
            by_name = FIELDS.by_name(Table(path, ()).header(), mapping)
        except Unreadable as unreadable:
            self.reading.give_up(*unreadable.rejected)
            return
        self._rows(MappedTable(path, by_name), partial(plain, by_name))

    def _rows(self, table: Table, read: Callable[[Row], Listed]) -> None:
        def once(row: Row) -> Listed:
            listed = read(row)
            self.reading.alone(row, listed.place.columns["item_code"], *_named(listed))
            return listed

        self._listed = list(self.reading.rows(table, "row", None, once))
        if not self._listed and not self.reading.refusals.rejected:
            self.reading.give_up(table.unreadable(None, "the file has no rows").rejected[0])

    def _read_ndc(self, folder: Path) -> None:
        products: dict[str, tuple[str, str, ControlledSchedule | None]] = {}

        def product(row: Row) -> None:
            name = row.text("PROPRIETARYNAME") or row.required("NONPROPRIETARYNAME")
            form = row.text("DOSAGEFORMNAME")
            products[row.required("PRODUCTID")] = (
                ", ".join(each for each in (name, form) if each),
                row.text("LABELERNAME"),
                SCHEDULES[row.one_of("DEASCHEDULE", SCHEDULES)],
            )

        def package(row: Row) -> Listed:
            known = products.get(row.text("PRODUCTID"))
            if known is None:
                raise row.bad("PRODUCTID", "names no product of the folder")
            description, labeler, schedule = known
            return Listed(
                place=place_of(row, {"id": "NDCPACKAGECODE", "item_code": "NDCPACKAGECODE"}),
                item_system=ItemSystem.NDC,
                item_code=code_in(row, "NDCPACKAGECODE", ItemSystem.NDC),
                description=f"{description}: {row.text('PACKAGEDESCRIPTION')}"[:500],
                unit="package",
                manufacturer=labeler[:200] or None,
                lot_tracked=True,
                expiry_tracked=True,
                controlled_schedule=schedule,
            )

        product_file, package_file = _named_in(folder, "product"), _named_in(folder, "package")
        of_products = Tabbed(product_file, ("PRODUCTID", "NONPROPRIETARYNAME", "DEASCHEDULE"))
        for _ in self.reading.rows(of_products, "product", None, product):
            pass
        if not self.reading.unreadable:
            needed = ("PRODUCTID", "NDCPACKAGECODE", "PACKAGEDESCRIPTION")
            self._rows(Tabbed(package_file, needed), package)

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load, now: datetime) -> Iterator[Stage]:
        """The one stage there is."""
        today = now.date()
        streams = {_named(each)[1]: self._stream(each) for each in self._listed}
        known = load(streams.values())
        drafts = []
        for each in self._listed:
            stream_id = streams[_named(each)[1]]
            write = partial(self._letters, each, stream_id, stream_id in known, today)
            drafts.append(Draft(_named(each), stream_id, each.place, write))
        yield Stage("items", drafts)

    def _stream(self, it: Listed) -> UUID:
        return Sender("catalog", self._sender.actor).stream("item", it.item_system, it.item_code)

    def _letters(self, it: Listed, stream_id: UUID, known: bool, today: date) -> list[Letter]:
        said = {
            "catalog_item_id": stream_id,
            "description": it.description,
            "unit": it.unit,
            "unspsc": it.unspsc,
            "manufacturer": it.manufacturer,
            "lot_tracked": it.lot_tracked,
            "expiry_tracked": it.expiry_tracked,
            "cold_chain": it.cold_chain,
            "controlled_schedule": it.controlled_schedule,
        }
        name = f"{it.item_system}/{it.item_code}"
        # A catalog is sent again and again: what it says on a day is a command of its own.
        digest = hashlib.sha256(repr((said, it.codes)).encode()).hexdigest()[:16]
        their_id = f"{name}/{today}/{digest}"
        first: ListCatalogItem | ReviseCatalogItem = (
            ReviseCatalogItem(**said, revised_on=today)  # type: ignore[arg-type]
            if known
            else ListCatalogItem(
                **said,  # type: ignore[arg-type]
                item_system=it.item_system,
                item_code=it.item_code,
                listed_on=today,
            )
        )
        letters = [self._sender.letter(first, first.name, their_id, it.place)]
        for system, code in it.codes:
            identify = IdentifyCatalogItem(
                catalog_item_id=stream_id, system=system, code=code, identified_on=today
            )
            place = replace(it.place, columns={**it.place.columns, "code": system.value.lower()})
            letters.append(
                self._sender.letter(identify, "code", f"{their_id}/{system}/{code}", place)
            )
        return letters


def _named(it: Listed) -> tuple[str, str]:
    return "item", f"{it.item_system}/{it.item_code}"


def _named_in(folder: Path, kind: str) -> Path:
    """The FDA's product or package file, whatever stands before that in its name."""
    found = sorted(folder.glob(f"*{kind}.txt")) if folder.is_dir() else []
    return found[0] if found else folder / f"{kind}.txt"


class CatalogTally:
    """Counts what parcels of items came to."""

    def __init__(self) -> None:
        self._items = self._codes = 0

    def add(self, parcels: Iterable[Parcel], load: Load) -> None:  # noqa: ARG002 - letters tell it
        for parcel in parcels:
            self._items += 1
            self._codes += len(parcel.letters) - 1

    def report(self, appended: int, rejected: Iterable[Rejected]) -> CatalogReport:
        return CatalogReport(
            items=self._items,
            codes=self._codes,
            events_appended=appended,
            rejected=in_order(rejected),
        )
