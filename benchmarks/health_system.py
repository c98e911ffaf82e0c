"""A health system's year, told as facts: what a ledger to measure on is filled with.

The facts are made directly, not decided by commands, since this is about filling a database fast;
but they are such as commands would have decided: every stream begins with its first fact, versions
have no gaps, balances and stocks come to what they say. The same seed tells the same story. The day
moves on with the number of events told, so that any ledger covers one year of effective dates.

In a hundred events some eighty-four are of claims, of which about two thousand are on their way at
any time, fifteen are of stock, and a few of the workforce. Ids grow with time, as UUIDv7 do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from benchmarks.chance import Chance
from benchmarks.claims import Claims, Told
from domain.kernel import Fact
from domain.organization.events import (
    Address,
    DepartmentKind,
    DepartmentOpened,
    FacilityKind,
    FacilityLicensed,
    FacilityOpened,
)
from domain.revenue.events.claim import ClaimClosed
from domain.revenue.events.payer import PayerKind, PayerRegistered
from domain.supply.events.stock import (
    NO_LOT,
    IssuedTo,
    StockBooksOpened,
    StockIssued,
    StockItemListed,
    StockReceived,
)
from domain.workforce.events.staff import (
    Assignment,
    StaffMemberAssigned,
    StaffMemberAssignmentEnded,
    StaffMemberRegistered,
)
from facilities.envelope import Attribution
from facilities.ledger import Pending

FACILITIES, DEPARTMENTS, STAFF, ITEMS, PAYERS, PATIENTS = 40, 5, 25, 20, 30, 50_000
"""How many there are: of departments, staff and stock items at each facility."""

ON_THEIR_WAY = 2_000
"""Claims that are worked on at one time."""


@dataclass(slots=True)
class Item:
    """A stock item, and what is on hand of its lots, the oldest first."""

    id: UUID
    facility_id: UUID
    code: str
    lots: list[tuple[str, int]] = field(default_factory=list)
    received: int = 0

    def on_hand(self) -> int:
        return sum(quantity for _, quantity in self.lots)


class HealthSystem:
    """Tells what happens in a health system within a year, in so many events.

    One of several `regions` tells of its share of the facilities only; payers are known to all of
    them, and told of by the first.
    """

    def __init__(self, events: int, seed: int = 1, region: int = 0, regions: int = 1) -> None:
        self._region, self._on_their_way = region, ON_THEIR_WAY // regions
        self._chance = Chance(f"payers {seed}", events)
        self.payers = self._chance.ids(PAYERS)
        self._chance = Chance(f"region {region} {seed}", events)
        self.facilities = self._chance.ids(len(range(region, FACILITIES, regions)))
        self.departments = {each: self._chance.ids(DEPARTMENTS) for each in self.facilities}
        self.staff = [(each, self._chance.id()) for each in self.facilities for _ in range(STAFF)]
        self.items = [
            Item(self._chance.id(), each, f"{10_000 + number}")
            for number in range(ITEMS)
            for each in self.facilities
        ]
        self._claims = Claims(
            self._chance,
            [(each, its) for each in self.facilities for its in self.departments[each]],
            self.payers,
            self._chance.ids(PATIENTS),
        )
        self._clerks = [f"clerk-{number}" for number in range(200)]
        self._assigned: dict[UUID, Assignment] = {}

    # --- the story as a whole ------------------------------------------------------------------

    def pending(self) -> Iterator[Pending]:
        """Without end: what is to be appended, each fact as if by a command of its own."""
        versions: dict[UUID, int] = {}
        for stream_id, fact in self._story():
            version = versions[stream_id] = versions.get(stream_id, 0) + 1
            if type(fact) is ClaimClosed:
                del versions[stream_id]
            command_id = self._chance.id()
            by = Attribution(
                actor=self._chance.one_of(self._clerks),
                role="facility_manager",
                command_id=command_id,
                correlation_id=command_id,
                digest=self._chance.bytes(32),
                source="api",
            )
            yield Pending(stream_id, version, fact, by)
            self._chance.told()

    def _story(self) -> Told:
        yield from self._beginning()
        on_their_way = [self._claims.one() for _ in range(self._on_their_way)]
        throw = self._chance.throw
        while True:
            what = throw()
            if what < 0.845:
                place = int(throw() * self._on_their_way)
                fact = next(on_their_way[place], None)
                if fact is None:
                    on_their_way[place] = self._claims.one()
                else:
                    yield fact
            elif what < 0.997:
                # Some items move far more often than others.
                yield self._movement(self.items[int(len(self.items) * throw() ** 2)])
            else:
                yield self._assignment(*self._chance.one_of(self.staff))

    # --- organization, workforce ---------------------------------------------------------------

    def _beginning(self) -> Told:
        if self._region == 0:
            for payer_id in self.payers:
                yield payer_id, self._payer(payer_id)
        for number, facility_id in enumerate(self.facilities):
            yield facility_id, self._facility(facility_id, number)
            yield facility_id, self._license(facility_id, number)
            for place, department_id in enumerate(self.departments[facility_id]):
                yield department_id, self._department(department_id, facility_id, place)
        for facility_id, staff_id in self.staff:
            yield staff_id, self._registration(staff_id, facility_id)
        for item in self.items:
            yield item.id, self._listing(item)
            yield item.id, self._books(item)

    def _payer(self, payer_id: UUID) -> PayerRegistered:
        return PayerRegistered(
            payer_id=payer_id,
            legal_name=f"Payer {payer_id.hex[-6:]}",
            kind=PayerKind.COMMERCIAL,
            identifier=None,
            phone=None,
        )

    def _facility(self, facility_id: UUID, number: int) -> FacilityOpened:
        return FacilityOpened(
            facility_id=facility_id,
            legal_name=f"Facility {self._region}-{number:02}",
            kind=FacilityKind.HOSPITAL if number % 10 == 0 else FacilityKind.CLINIC,
            address=Address(lines=("1 Orchard Street",), city="Fenford", region="NY"),
            zone="America/New_York",
            currency="USD",
            fiscal_year_start=1,
            phone=None,
            opened_on=self._chance.today,
        )

    def _license(self, facility_id: UUID, number: int) -> FacilityLicensed:
        return FacilityLicensed(
            facility_id=facility_id,
            license_kind="operating",
            number=f"L-{self._region}-{number}",
            issuer="NY DOH",
            valid_from=self._chance.today,
            valid_to=None,
        )

    def _department(self, department_id: UUID, facility_id: UUID, place: int) -> DepartmentOpened:
        return DepartmentOpened(
            department_id=department_id,
            facility_id=facility_id,
            code=f"D{place}",
            title=f"Department {place}",
            kind=DepartmentKind.OUTPATIENT,
            service_line=None,
            cost_center=None,
            opened_on=self._chance.today,
        )

    def _registration(self, staff_id: UUID, facility_id: UUID) -> StaffMemberRegistered:
        return StaffMemberRegistered(
            staff_id=staff_id,
            facility_id=facility_id,
            full_name=f"Staff {staff_id.hex[-6:]}",
            job="registered nurse",
            specialty=None,
            npi=None,
            registered_on=self._chance.today,
        )

    def _assignment(self, facility_id: UUID, staff_id: UUID) -> tuple[UUID, Fact]:
        """Someone helps out elsewhere, or comes back from there."""
        if (ended := self._assigned.pop(staff_id, None)) is not None:
            return staff_id, StaffMemberAssignmentEnded(
                staff_id=staff_id,
                facility_id=facility_id,
                assignment=ended,
                ended_on=self._chance.today,
                still_there=False,
                still_at_facility=ended.facility_id == facility_id,
            )
        elsewhere = self._chance.one_of(self.facilities)
        assignment = self._assigned[staff_id] = Assignment(
            facility_id=elsewhere,
            department_id=self._chance.one_of(self.departments[elsewhere]),
            share=50,
            valid_from=self._chance.today,
            valid_to=None,
        )
        return staff_id, StaffMemberAssigned(
            staff_id=staff_id,
            facility_id=facility_id,
            assignment=assignment,
            full_name=f"Staff {staff_id.hex[-6:]}",
            job="registered nurse",
            specialty=None,
            npi=None,
        )

    # --- supply --------------------------------------------------------------------------------

    def _listing(self, item: Item) -> StockItemListed:
        return StockItemListed(
            stock_item_id=item.id,
            facility_id=item.facility_id,
            item_system="UNSPSC",
            item_code=item.code,
            description=f"Item {item.code}",
            unit="each",
            lot_tracked=True,
            listed_on=self._chance.today,
        )

    def _books(self, item: Item) -> StockBooksOpened:
        item.lots.append((NO_LOT, 200))
        return StockBooksOpened(
            **self._of(item, NO_LOT, 200),
            quantity=200,
            opened_on=self._chance.today,
            basis="counted",
            card=None,
        )

    def _movement(self, item: Item) -> tuple[UUID, Fact]:
        """What is on hand is issued, the oldest lot first; when little is left, a lot comes in."""
        if item.on_hand() < 50:
            item.received += 1
            lot, quantity = f"LOT-{item.received}", 500
            item.lots.append((lot, quantity))
            return item.id, StockReceived(
                **self._of(item, lot, quantity),
                quantity=quantity,
                unit_cost=Decimal("1.25"),
                reference=None,
                received_on=self._chance.today,
            )
        lot, on_hand = item.lots.pop(0)
        quantity = min(on_hand, 1 + self._chance.below(30))
        if on_hand > quantity:
            item.lots.insert(0, (lot, on_hand - quantity))
        return item.id, StockIssued(
            **self._of(item, lot, on_hand - quantity),
            quantity=quantity,
            issued_to=IssuedTo.DEPARTMENT,
            patient_id=None,
            department_id=self.departments[item.facility_id][0],
            encounter_id=None,
            issued_on=self._chance.today,
        )

    def _of(self, item: Item, lot: str, on_hand: int) -> dict[str, Any]:
        return {
            "stock_item_id": item.id,
            "facility_id": item.facility_id,
            "item_system": "UNSPSC",
            "item_code": item.code,
            "lot": lot,
            "expires_on": None,
            "lot_on_hand_after": on_hand,
            "on_hand_after": item.on_hand(),
        }
