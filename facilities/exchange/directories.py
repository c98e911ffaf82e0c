"""The mailroom's desk for directories: any list of facilities, CSV or workbook, becomes facilities.

A mapping (`facilities.exchange.mapping`) says which column holds which field; `PROFILES` are
mappings that come with the house.

Fields:

* ``legal_name`` must be there; ``line`` (and ``line2`` to ``line5``), ``city``, ``region``,
  ``postal_code``, ``country``, ``phone``, ``currency`` as a facility has them;
* ``kind``: one of ours, or a CMS provider type code (`PROVIDER_TYPES`); without one it is guessed
  from words in the name, as for Synthea's organizations;
* ``zone``: an IANA zone; without one that of the US state in ``region`` (`zones`);
* ``npi``, ``ccn``, ``clia``, ``tin``: identifiers, from the day the facility opened. Of the first
  three no two rows may have the same one;
* ``opened_on``: a day; without one the day of the import, at the facility. A facility that is in
  the ledger already keeps its day;
* ``id``: what a facility is known by when the file is imported again. Without one that is its NPI,
  else its CCN, its CLIA number, or its name and address. An ``id`` of theirs only means something
  in their file, so it is taken together with the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.identifiers import IdentifierKind
from domain.organization.events import Address, FacilityKind
from domain.organization.facility import Facility, OpenFacility, facility
from domain.organization.licensure import IdentifyFacility
from facilities.bulk import unhurried_collector
from facilities.exchange.delivery import Stage, deliver
from facilities.exchange.mapping import Columns, Fields
from facilities.exchange.parcels import Draft, Letter, Place, Sender
from facilities.exchange.reading import Reading
from facilities.exchange.report import ImportReport, Progress, in_silence
from facilities.exchange.synthea_places import facility_kind
from facilities.exchange.tables import Row, Table
from facilities.exchange.tally import Load
from facilities.exchange.zones import ZONES
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

LINES = ("line", "line2", "line3", "line4", "line5")
IDENTIFIERS = {each.value: each for each in IdentifierKind if each is not IdentifierKind.DEA}
"""The identifiers a facility may have. A DEA number is a practitioner's."""
KNOWN_BY = ("npi", "ccn", "clia")
"""What a facility is known by where the mapping names no id; also what no two may share."""
KINDS = frozenset(each.value for each in FacilityKind)

PROVIDER_TYPES = {
    "00-08": FacilityKind.HOSPICE,
    "00-09": FacilityKind.HOSPITAL,
    "00-85": FacilityKind.HOSPITAL,
    "12-70": FacilityKind.URGENT_CARE,
}
"""Medicare provider type codes (PECOS) that say what a facility is; 00-85 are critical access."""

PROFILES: Mapping[str, Mapping[str, str]] = {
    "us_facilities": {
        "legal_name": "name",
        "kind": "provider_type_code",
        "line": "address",
        "city": "city",
        "region": "state",
        "postal_code": "zip",
        "phone": "phone",
        "npi": "npi",
        "ccn": "provider_num",
        "clia": "clia_lab_number",
    },
    "cms_hospitals": {
        "legal_name": "Facility Name",
        "kind": ":hospital",
        "line": "Address",
        "city": "City",
        "region": "State",
        "postal_code": "ZIP Code",
        "phone": "Phone Number",
        "ccn": "Facility ID",
    },
}
"""Mappings for files many have: the providers Synthea is packed with, and the Hospital General
Information of the CMS Provider Data Catalog."""


@cache
def clock(zone: str) -> ZoneInfo | None:
    """The clocks of a zone; None where the zone database has no such zone."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return None


def _kind_rule(kind: str) -> str | None:
    if kind in KINDS:
        return None
    return f"{kind!r} is no kind of facility; there are {', '.join(sorted(KINDS))}"


def _zone_rule(zone: str) -> str | None:
    return None if clock(zone) is not None else f"{zone!r} is no IANA time zone"


def _day_rule(day: str) -> str | None:
    try:
        date.fromisoformat(day)
    except ValueError:
        return "opened_on must be a day such as 2023-01-27"
    return None


FIELDS = Fields(
    of="facilities",
    required=("legal_name",),
    optional=(
        *"id kind city region postal_code country phone zone currency opened_on".split(),
        *IDENTIFIERS,
    ),
    repeated={"line": LINES},
    profiles=PROFILES,
    checks={"kind": _kind_rule, "zone": _zone_rule, "opened_on": _day_rule},
)


def import_facilities(
    file: Path,
    mapping: Mapping[str, str],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    defaults: Mapping[str, str] | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = in_silence,
) -> ImportReport:
    """Open the facilities a CSV file lists. `defaults` give fields whose cell is empty.

    `dry_run`, `skip_bad` and what is raised: as for `import_synthea`. Raises BadMapping where the
    mapping or the defaults name a field that facilities do not have.
    """
    defaults = defaults or {}
    FIELDS.check({**{name: f":{value}" for name, value in defaults.items()}, **mapping})
    directory = Directory(file, mapping, {**defaults}, Sender("directory", actor))
    with unhurried_collector():
        progress("reading", 0, 1)
        directory.read()
        progress("reading", 1, 1)
        return deliver(
            directory.stages(ledger.load, service.now()),
            directory.reading,
            service,
            ledger,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a directory. `opened_on` is None where nobody says."""

    name: tuple[str, ...]
    place: Place
    legal_name: str
    kind: FacilityKind
    address: Address
    zone: str
    currency: str
    phone: str | None
    identifiers: tuple[tuple[IdentifierKind, str], ...]
    opened_on: date | None


class Directory:
    """A file that lists facilities."""

    def __init__(
        self, file: Path, mapping: Mapping[str, str], defaults: Mapping[str, str], sender: Sender
    ) -> None:
        self.reading = Reading()
        self._file, self._sender = file, sender
        self._said_in = Columns(mapping, defaults)
        self._columns = self._said_in.of
        self._fields = {**self._columns, "lines": self._columns.get("line", "line")}
        self._listed: list[Listed] = []

    def read(self) -> None:
        """Read the file to its end."""
        table = Table(self._file, self._said_in.needed)
        self._listed = list(self.reading.rows(table, "organization", None, self._read))
        if not self._listed and not self.reading.refusals.rejected:
            self.reading.give_up(table.unreadable(None, "the file has no rows").rejected[0])

    def _read(self, row: Row) -> Listed:
        legal_name = self._said(row, "legal_name")
        if not legal_name:
            raise row.bad(self._columns.get("legal_name"), "must not be empty")
        region, country = self._said(row, "region"), self._said(row, "country") or "US"
        zone = self._said(row, "zone") or (ZONES.get(region.upper()) if country == "US" else None)
        if not zone:
            rule = "must be the two letters of a US state or territory, or the zone must be given"
            raise row.bad(self._columns.get("region"), rule)
        if clock(zone) is None:
            raise row.bad(self._columns.get("zone"), "must be an IANA time zone")
        identifiers = tuple(
            (kind, value) for name, kind in IDENTIFIERS.items() if (value := self._said(row, name))
        )
        for kind, value in identifiers:
            if kind in KNOWN_BY and kind in self._columns:
                self.reading.alone(row, self._columns[kind], kind, value)
        return Listed(
            name=self._name(row, legal_name),
            place=Place(row.file, row.line, self._fields),
            legal_name=legal_name,
            kind=self._kind(row, legal_name),
            address=Address(
                lines=tuple(line for each in LINES if (line := self._said(row, each))),
                city=self._said(row, "city"),
                region=region,
                postal_code=self._said(row, "postal_code"),
                country=country,
            ),
            zone=zone,
            currency=self._said(row, "currency") or "USD",
            phone=self._said(row, "phone") or None,
            identifiers=identifiers,
            opened_on=self._opened_on(row),
        )

    def _said(self, row: Row, name: str) -> str:
        return self._said_in.said(row, name)

    def _name(self, row: Row, legal_name: str) -> tuple[str, ...]:
        if "id" in self._columns:
            column = self._columns["id"]
            its_id = row.required(column)
            self.reading.alone(row, column, "id", its_id)
            return ("id", self._file.stem, its_id)
        for known_by in KNOWN_BY:
            if number := self._said(row, known_by):
                return (known_by, number)
        address = (self._said(row, each) for each in (*LINES, "city", "region", "postal_code"))
        name = ("name", legal_name, *address)
        self.reading.alone(row, self._columns.get("legal_name"), "name", "\x1f".join(name))
        return name

    def _kind(self, row: Row, legal_name: str) -> FacilityKind:
        said = self._said(row, "kind")
        if said in PROVIDER_TYPES:
            return PROVIDER_TYPES[said]
        word = re.sub(r"[ -]", "_", said.lower())
        if word in KINDS:
            return FacilityKind(word)
        if said and not re.fullmatch("[0-9]{2}-[0-9A-Z]{2}", said):
            raise row.bad(self._columns.get("kind"), f"must be one of {', '.join(sorted(KINDS))}")
        return facility_kind(legal_name)

    def _opened_on(self, row: Row) -> date | None:
        column = self._columns.get("opened_on")
        if column is not None and row.text(column):
            return row.day(column, UTC)
        said = self._said_in.constants.get("opened_on")
        return date.fromisoformat(said) if said else None

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load, now: datetime) -> Iterator[Stage]:
        """The one stage there is."""
        streams = {each.name: self._sender.stream("facility", *each.name) for each in self._listed}
        known = load(streams.values())
        drafts = []
        for each in self._listed:
            stream_id = streams[each.name]
            opened_on = each.opened_on
            if opened_on is None and (stored := known.get(stream_id)):
                state: Facility = facility.fold(one.fact for one in stored)
                opened_on = state.opened_on
            write = partial(self._letters, each, stream_id, opened_on or _today(now, each.zone))
            thing = ("organization", "/".join(each.name))
            drafts.append(Draft(thing, stream_id, each.place, write))
        yield Stage("facilities", drafts)

    def _letters(self, it: Listed, stream_id: UUID, opened_on: date) -> list[Letter]:
        command = OpenFacility(
            facility_id=stream_id,
            legal_name=it.legal_name,
            kind=it.kind,
            zone=it.zone,
            opened_on=opened_on,
            address=it.address,
            currency=it.currency,
            phone=it.phone,
        )
        name = "/".join(it.name)
        letters = [self._sender.letter(command, "facility", name, it.place)]
        for kind, value in it.identifiers:
            identify = IdentifyFacility(
                facility_id=stream_id, kind=kind, value=value, valid_from=opened_on
            )
            column = self._columns.get(kind, kind)
            place = Place(it.place.file, it.place.line, {"value": column, kind: column})
            letters.append(self._sender.letter(identify, kind, name, place))
        return letters


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(clock(zone)).date()
