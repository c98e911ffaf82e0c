"""Synthea's supplies.csv and encounters.csv: what was used, at the organization of the encounter.

The file tells of issues only; where the goods came from it leaves out. So that the books never say
that something was issued which was not there, a numbered procedure:

1. An item nobody at the facility has on the books yet is listed, and its books are opened on the
   day of the first issue with exactly what the file issues there.
2. Where the books are open already, only rows that were not imported before are left to be
   issued; what is not on hand for them is received first, on the day of the first of them, under a
   reference that names the assumption.
3. Every row is one issue to a patient, in the order of their days, then of the file.

A row has no id. It is known by what it says; of rows that say the same each is an issue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from uuid import UUID

from domain.supply.events.stock import IssuedTo
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_item import (
    IssueStock,
    OpenStockBooks,
    ReceiveStock,
)
from domain.supply.stock_listing import ListStockItem
from facilities.exchange.codes import SNOMED
from facilities.exchange.parcels import Draft, Letter, Need, Place, Sender
from facilities.exchange.reading import Reading, place_of
from facilities.exchange.tables import Row
from facilities.ledger import Ledger

ENCOUNTER_COLUMNS = ("Id", "START", "ORGANIZATION")
SUPPLY_COLUMNS = ("DATE", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION", "QUANTITY")

OPENING = "opening balance assumed: issues on file without a receipt"
RECEIPT = "receipt assumed: further issues on file without a receipt"

_FIELDS = {
    "id": "CODE",
    "item_code": "CODE",
    "description": "DESCRIPTION",
    "quantity": "QUANTITY",
    "listed_on": "DATE",
    "opened_on": "DATE",
    "received_on": "DATE",
    "issued_on": "DATE",
}


@dataclass(frozen=True, slots=True)
class Encounter:
    """A row of encounters.csv: when and where a patient was seen, and by whom."""

    id: str
    organization: str
    provider: str | None
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Supply:
    """A row of supplies.csv. `name` is the same for the same row wherever it stands."""

    name: str
    place: Place
    patient: str
    encounter: str
    organization: str
    code: str
    description: str
    quantity: int
    day: date


def read_encounter(row: Row, reading: Reading) -> Encounter:
    began_at = row.instant("START")
    if began_at is None:
        raise row.bad("START", "must not be empty")
    return Encounter(
        id=row.uuid("Id"),
        organization=reading.reference(row, "ORGANIZATION", "organization"),
        provider=row.text("PROVIDER").lower() or None,
        began_at=began_at,
    )


@dataclass(slots=True)
class Supplies:
    """Reads supplies and drafts what they come to."""

    reading: Reading
    encounters: Mapping[str, Encounter]
    zones: Mapping[str, tzinfo]
    sender: Sender
    _same: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def read(self, row: Row) -> Supply:
        patient = row.uuid("PATIENT")
        their_encounter = self.reading.reference(row, "ENCOUNTER", "encounter")
        encounter = self.encounters.get(their_encounter)
        code, quantity = row.required("CODE"), row.quantity("QUANTITY")
        description = row.required("DESCRIPTION")
        if encounter is None:
            raise row.bad("ENCOUNTER", "its encounter was rejected")
        day = row.day("DATE", self.zones.get(encounter.organization, UTC))
        said = (day.isoformat(), patient, their_encounter, code, str(quantity))
        self._same[said] += 1
        return Supply(
            name="/".join((*said, str(self._same[said]))),
            place=place_of(row, _FIELDS),
            patient=patient,
            encounter=their_encounter,
            organization=encounter.organization,
            code=code,
            description=description,
            quantity=quantity,
            day=day,
        )

    def drafts(self, supplies: Iterable[Supply], ledger: Ledger) -> list[Draft]:
        """One draft for each item at each organization that was not turned away."""
        items: dict[tuple[str, str], list[Supply]] = {}
        for each in supplies:
            thing = ("organization", each.organization)
            if thing in self.reading.refusals.things:
                rule = "its organization was rejected"
                rejected = each.place.rejected(rule, "ENCOUNTER", each.encounter)
                self.reading.refusals.add(rejected)
            else:
                items.setdefault((each.organization, each.code), []).append(each)
        streams = {each: self.sender.stream("stock_item", *each) for each in items}
        known = ledger.load(streams.values())
        drafts = []
        for (organization, code), issues in items.items():
            issues.sort(key=lambda each: (each.day, each.place.line or 0))
            stream_id, first = streams[organization, code], issues[0].place
            letters = [self._issue(stream_id, each) for each in issues]
            if stored := known.get(stream_id):
                answered = ledger.answered(each.context.command_id for each in letters)
                left = [
                    supply
                    for supply, letter in zip(issues, letters, strict=True)
                    if letter.context.command_id not in answered
                ]
                state: StockItem = stock_item.fold(each.fact for each in stored)
                letters = [*self._receipt(stream_id, left, state.on_hand), *letters]
            else:
                letters = [*self._opening(stream_id, issues), *letters]
            thing = ("stock item", f"{organization}/{code}")
            needs = [Need(("organization", organization), first, "ENCOUNTER")]
            drafts.append(Draft(thing, stream_id, first, partial(list, letters), needs))
        return drafts

    def _opening(self, stream_id: UUID, issues: Sequence[Supply]) -> list[Letter]:
        first = issues[0]
        name = f"{first.organization}/{first.code}"
        listing = ListStockItem(
            stock_item_id=stream_id,
            facility_id=self.sender.stream("organization", first.organization),
            item_system=SNOMED,
            item_code=first.code,
            description=first.description,
            listed_on=first.day,
        )
        books = OpenStockBooks(
            stock_item_id=stream_id,
            quantity=sum(each.quantity for each in issues),
            opened_on=first.day,
            basis=OPENING,
        )
        return [
            self.sender.letter(listing, "stock item", name, first.place),
            self.sender.letter(books, "stock books", name, first.place),
        ]

    def _receipt(self, stream_id: UUID, left: Sequence[Supply], on_hand: int) -> list[Letter]:
        """What has to be taken in before what is left to be issued can be."""
        short = sum(each.quantity for each in left) - on_hand
        if not left or short <= 0:
            return []
        command = ReceiveStock(
            stock_item_id=stream_id, quantity=short, received_on=left[0].day, reference=RECEIPT
        )
        return [self.sender.letter(command, "stock receipt", left[0].name, left[0].place)]

    def _issue(self, stream_id: UUID, it: Supply) -> Letter:
        command = IssueStock(
            stock_item_id=stream_id,
            quantity=it.quantity,
            issued_on=it.day,
            issued_to=IssuedTo.PATIENT,
            patient_id=self.sender.stream("patient", it.patient),
            encounter_id=self.sender.stream("encounter", it.encounter),
        )
        return self.sender.letter(command, "stock issue", it.name, it.place)
