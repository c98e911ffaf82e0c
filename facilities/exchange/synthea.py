"""The mailroom's desk for Synthea: its folder of CSV files becomes facilities, departments, staff,
payers, claims and stock issues (Synthea 3, https://github.com/synthetichealth/synthea/wiki).

An import is a numbered procedure:

1. Read every file to its end. Each bad row is turned away under the rule it breaks.
2. Rehearse: what the rows come to is decided on by the same service, over a ledger that stores
   nothing. What the rules of the house refuse is turned away with its line and column.
3. Where anything was turned away, stop here with the report, unless bad rows are to be skipped.
4. Send the rest, in batches, each one append. Every command has the same id each time the same row
   is imported: a second run adds nothing, and one that was interrupted goes on.

organizations.csv must be there. Of the others, only what is there is imported, but claims.csv and
claims_transactions.csv need each other, providers.csv and payers.csv; supplies.csv needs
encounters.csv.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.revenue.events.payer import PayerKind
from facilities.bulk import unhurried_collector
from facilities.exchange import synthea_claims, synthea_places, synthea_stock
from facilities.exchange.delivery import Stage, deliver
from facilities.exchange.parcels import Place, Sender
from facilities.exchange.reading import Reading
from facilities.exchange.report import ImportReport, Progress, Rejected, in_silence
from facilities.exchange.synthea_claims import Bill
from facilities.exchange.synthea_places import Places
from facilities.exchange.synthea_posting import claim_draft
from facilities.exchange.synthea_stock import Encounter, Supplies, Supply
from facilities.exchange.tables import Row, Table, Unreadable
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

NEEDS = {
    "organizations.csv": (),
    "providers.csv": (),
    "payers.csv": (),
    "encounters.csv": (),
    "claims.csv": ("claims_transactions.csv", "providers.csv", "payers.csv"),
    "claims_transactions.csv": ("claims.csv",),
    "supplies.csv": ("encounters.csv",),
}
"""The files of a folder, in the order they are read, and which others each needs beside it."""

COLUMNS: Mapping[str, tuple[Sequence[str], frozenset[str]]] = {
    "organizations.csv": (synthea_places.ORGANIZATION_COLUMNS, frozenset()),
    "providers.csv": (synthea_places.PROVIDER_COLUMNS, synthea_places.PRIVATE),
    "payers.csv": (synthea_places.PAYER_COLUMNS, frozenset()),
    "encounters.csv": (synthea_stock.ENCOUNTER_COLUMNS, frozenset()),
    "claims.csv": (synthea_claims.CLAIM_COLUMNS, frozenset()),
    "claims_transactions.csv": (synthea_claims.TRANSACTION_COLUMNS, synthea_claims.PRIVATE),
    "supplies.csv": (synthea_stock.SUPPLY_COLUMNS, frozenset()),
}
"""Which columns must be there, and which of them may say something personal."""


def import_synthea(
    folder: Path,
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = in_silence,
) -> ImportReport:
    """Import a folder of Synthea's CSV files.

    With `dry_run` nothing is stored; the figures are what the import would come to. Without
    `skip_bad` one bad row is enough for nothing to be imported; with it a bad row keeps out what it
    tells of (a claim as a whole) and whatever depends on that, each named in the report.

    Never raises for what is in the files. Raises Contended and eventsourcing's OperationalError
    where the ledger cannot be written; what was sent until then stays, and the next run goes on.
    """
    sender = Sender("synthea", actor)
    export = Export(folder, sender)
    with unhurried_collector():
        export.read(progress)
        return deliver(
            export.stages(ledger, service.now()),
            export.reading,
            service,
            ledger,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )


class Export:
    """A folder of Synthea's files: what was read of them, and the stages it is sent in."""

    def __init__(self, folder: Path, sender: Sender) -> None:
        self.reading = Reading()
        self._folder, self._sender = folder, sender
        self._organizations: dict[str, synthea_places.Organization] = {}
        self._providers: dict[str, synthea_places.Provider] = {}
        self._payers: dict[str, synthea_places.Insurer] = {}
        self._encounters: dict[str, Encounter] = {}
        self._bills: dict[str, Bill] = {}
        self._supplies: list[Supply] = []
        self._zones: dict[str, ZoneInfo] = {}
        self._departments: dict[tuple[str, str], Place] = {}
        self._stock = Supplies(self.reading, self._encounters, self._zones, self._sender)

    # --- reading ---------------------------------------------------------------------------------

    def read(self, progress: Progress) -> None:
        """Read every file that is there, to its end; none, where a header says it is not one."""
        there = [name for name in NEEDS if (self._folder / name).is_file()]
        tables = {name: self._table(name) for name in there}
        self._check(tables)
        readers: dict[str, Callable[[Table], None]] = {
            "organizations.csv": self._read_organizations,
            "providers.csv": self._read_providers,
            "payers.csv": self._read_payers,
            "encounters.csv": self._read_encounters,
            "claims.csv": self._read_claims,
            "claims_transactions.csv": self._read_transactions,
            "supplies.csv": self._read_supplies,
        }
        for number, name in enumerate(there):
            progress("reading", number, len(there))
            if not self.reading.unreadable:
                readers[name](tables[name])
        progress("reading", len(there), len(there))
        if not self._organizations and not self.reading.refusals.rejected:
            self._missing("organizations.csv", "the file has no rows")
        for bill in self._bills.values():
            self._note_days(bill)

    def _table(self, name: str) -> Table:
        columns, private = COLUMNS[name]
        return Table(self._folder / name, columns, private=private)

    def _check(self, tables: Mapping[str, Table]) -> None:
        """Name every file and every column that is missing, before any row is looked at."""
        if "organizations.csv" not in tables:
            self._missing("organizations.csv", "the file is missing")
        for name, table in tables.items():
            for other in NEEDS[name]:
                if other not in tables:
                    self._missing(other, f"the file is missing, and {name} needs it")
            try:
                table.check()
            except Unreadable as unreadable:
                self.reading.give_up(*unreadable.rejected)
        self.reading.unreadable = self.reading.broken

    def _missing(self, file: str, rule: str) -> None:
        self.reading.give_up(Rejected(file=file, line=None, column=None, value=None, rule=rule))

    def _read_organizations(self, table: Table) -> None:
        read = synthea_places.read_organization
        for each in self.reading.rows(table, "organization", "Id", read):
            self._organizations[each.id] = each
            self._zones[each.id] = ZoneInfo(each.zone)

    def _read_providers(self, table: Table) -> None:
        read = partial(synthea_places.read_provider, reading=self.reading)
        rows = self.reading.rows(table, "provider", "Id", read)
        self._providers = {each.id: each for each in rows}

    def _read_payers(self, table: Table) -> None:
        rows = self.reading.rows(table, "payer", "Id", synthea_places.read_payer)
        self._payers = {each.id: each for each in rows}

    def _read_encounters(self, table: Table) -> None:
        read = partial(synthea_stock.read_encounter, reading=self.reading)
        for each in self.reading.rows(table, "encounter", "Id", read):
            self._encounters[each.id] = each
            self._note(each.organization, each.began_at, each.provider)

    def _read_claims(self, table: Table) -> None:
        uninsured = {e.id for e in self._payers.values() if e.kind is PayerKind.SELF_PAY}
        read = partial(
            synthea_claims.read_claim, reading=self.reading, uninsured=frozenset(uninsured)
        )

        def blame(row: Row, _: Rejected) -> None:
            # Also a claim that is only there twice is left alone: it may have been meant twice.
            self.reading.refusals.things.add(("claim", row.text("Id").lower()))

        rows = self.reading.rows(table, "claim", "Id", read, blame=blame)
        self._bills = {each.id: each for each in rows}

    def _read_transactions(self, table: Table) -> None:
        read = partial(synthea_claims.read_transaction, reading=self.reading, bills=self._bills)
        blame = synthea_claims.blamed(self._bills, self.reading)
        for bill, each in self.reading.rows(table, "transaction", "ID", read, blame=blame):
            if bill is not None:
                bill.transactions.append(each)

    def _read_supplies(self, table: Table) -> None:
        self._supplies = list(self.reading.rows(table, "supply", None, self._stock.read))
        for each in self._supplies:
            self._note(each.organization, each.day)

    # --- when things began -----------------------------------------------------------------------

    def _note_days(self, bill: Bill) -> None:
        """Where and when a claim's care was given, by whom, in which departments."""
        organization = self._organization_of(bill)
        if organization is None:
            return
        self._note(organization, bill.service_at, bill.provider, bill.department, bill.place)
        for each in bill.transactions:
            at = each.place_of_service
            self._note(at, each.began_at, each.provider, each.department, each.place)

    def _note(
        self,
        organization: str,
        when: date | datetime,
        provider: str | None = None,
        department: str | None = None,
        place: Place | None = None,
    ) -> None:
        if department is not None and place is not None:
            self._departments.setdefault((organization, department), place)
        zone = self._zones.get(organization)
        if zone is None:
            return
        day = when.astimezone(zone).date() if isinstance(when, datetime) else when
        self.reading.happened(("organization", organization), day)
        if provider is not None:
            self.reading.happened(("provider", provider), day)
        if department is not None:
            self.reading.happened(("department", f"{organization}/{department}"), day)

    def _organization_of(self, bill: Bill) -> str | None:
        """Where a claim's first transaction was, else its encounter, else where its provider is."""
        if bill.transactions:
            return bill.transactions[0].place_of_service
        if (encounter := self._encounters.get(bill.encounter or "")) is not None:
            return encounter.organization
        provider = self._providers.get(bill.provider or "")
        return None if provider is None else provider.organization

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, ledger: Ledger, now: datetime) -> Iterator[Stage]:
        """What is sent, in an order in which everything is there before it is referred to."""
        first_days = self.reading.first_days
        places = Places(self._organizations.values(), first_days, self._sender, ledger.load, now)
        yield Stage("facilities", places.facilities(), referred_to=True)
        yield Stage("departments", places.departments(self._departments), referred_to=True)
        yield Stage("staff", places.staff(self._providers.values()), referred_to=True)
        yield Stage("payers", places.payers(self._payers.values()), referred_to=True)
        drafts = [
            claim_draft(each, self._organization_of(each), self._zones, self._sender)
            for each in self._bills.values()
        ]
        yield Stage("claims", drafts)
        yield Stage("stock", self._stock.drafts(self._supplies, ledger))
