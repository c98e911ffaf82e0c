"""Shelves that never were: lots come in, go out day by day, expire, break, and are counted.

The story keeps the books of its item beside the ledger's, first expiring first out as the ledger
does, so that it never asks for what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from domain.kernel import Command
from domain.organization.events import DepartmentKind, FacilityKind
from domain.supply.events.stock import NO_LOT, AdjustmentReason, IssuedTo
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.stock_holds import QuarantineStock, WriteOffStock
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    IssueStock,
    OpenStockBooks,
    ReceiveStock,
)
from domain.supply.stock_listing import ListStockItem
from facilities.simulation.dice import Dice
from facilities.simulation.people import patient
from facilities.simulation.places import Site, Ward
from facilities.simulation.run import DAY, Story

_ITEMS_KEPT = {
    FacilityKind.HOSPITAL: (20, 40), FacilityKind.CLINIC: (6, 12), FacilityKind.PRACTICE: (4, 8),
    FacilityKind.URGENT_CARE: (8, 14), FacilityKind.NURSING_HOME: (8, 16),
    FacilityKind.OFFICE: (0, 3),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Article:
    """Something to be kept: price of a unit in thousandths of a dollar, and how long it keeps."""

    title: str
    unit: str
    mills: int
    keeps: int | None
    to_patients: bool = False


_ARTICLES = (
    Article("Paper towels", "roll", 1_150, None), Article("Printer paper", "ream", 4_900, None),
    Article("Hand soap", "bottle", 2_300, None), Article("Examination gloves", "pair", 64, 900),
    Article("Gauze pad, sterile", "each", 48, 1_200, True), Article("Mask", "each", 72, 700),
    Article("Syringe, 5 ml", "each", 110, 1_000), Article("Needle, 22 gauge", "each", 39, 1_000),
    Article("Alcohol wipe", "each", 12, 600), Article("Blood tube", "each", 210, 300),
    Article("Urine cup", "each", 180, None), Article("Adhesive bandage", "each", 31, 900, True),
    Article("Tetanus vaccine", "dose", 31_400, 200, True),
    Article("Influenza vaccine", "dose", 18_200, 150, True),
    Article("Lidocaine 1 %", "vial", 2_950, 330, True), Article("Saline 0.9 %", "bag", 3_400, 420),
    Article("Ibuprofen 400 mg", "tablet", 28, 700, True),
    Article("Amoxicillin 500 mg", "capsule", 96, 400, True),
    Article("Catheter, peripheral", "each", 1_480, 800, True),
    Article("Suture kit", "kit", 6_700, 1_000),
    Article("Splint, forearm", "each", 7_900, None, True),
    Article("Glucose strip", "each", 340, 360), Article("Pregnancy test", "each", 820, 500),
    Article("Surgical gown", "each", 3_150, 1_400), Article("Drape", "each", 2_480, 1_400),
    Article("Oxygen mask", "each", 1_990, 1_500, True),
    Article("Nebulizer set", "set", 2_640, 1_200),
    Article("Insulin", "vial", 48_500, 120, True), Article("Heparin flush", "each", 790, 330),
    Article("Morphine 10 mg", "vial", 3_300, 400, True),
    Article("Ceftriaxone 1 g", "vial", 4_200, 450, True),
    Article("Ondansetron 4 mg", "vial", 1_250, 450, True),
    Article("Epinephrine 1 mg", "vial", 9_800, 240, True),
    Article("Contrast medium", "bottle", 38_000, 360), Article("Bone screw", "each", 88_000, 1_800),
    Article("Hip implant", "each", 1_940_000, 1_800, True),
    Article("Red cell additive", "bag", 11_500, 90), Article("Diaper, adult", "each", 560, None),
    Article("Feeding tube", "each", 5_600, 1_100, True), Article("Bed sheet", "each", 6_200, None),
)  # fmt: skip


def stories_of(site: Site) -> Iterator[tuple[str, Story]]:
    """The lives of a facility's stock items, by their codes."""
    least, most = _ITEMS_KEPT[site.kind]
    dice = site.run.dice("stock", site.index)
    # Small places keep what is at the head of the list, hospitals most of it.
    for number in range(min(dice.between(least, most), len(_ARTICLES))):
        shelf = _Shelf(site, number)
        yield shelf.code, shelf.life()


@dataclass(slots=True)
class _Lot:
    on_hand: int
    expires_on: date | None


@dataclass(slots=True)
class _Shelf:
    """One item at one facility, and the lots of it that are not used up."""

    site: Site
    number: int
    article: Article = field(init=False)
    stock_item_id: UUID = field(init=False)
    dice: Dice = field(init=False)
    daily: int = field(init=False)
    lots: dict[str, _Lot] = field(init=False, default_factory=dict)
    received: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        run, what = self.site.run, (self.site.index, self.number)
        self.article = _ARTICLES[self.number]
        self.stock_item_id, self.dice = run.id("stock item", *what), run.dice("shelf", *what)
        busy = 4 if self.site.kind is FacilityKind.HOSPITAL else 1
        # What costs a fortune is used now and then; what costs cents by the handful.
        self.daily = busy * max(1, min(20, 4_000 // self.article.mills))

    @property
    def code(self) -> str:
        return f"SKU-{1000 + self.number}"

    def life(self) -> Story:
        """Listed, its books opened; then every day what a storekeeper does."""
        today = self.site.run.first_day
        yield (
            today,
            ListStockItem(
                stock_item_id=self.stock_item_id,
                facility_id=self.site.facility_id,
                item_system="HOUSE-CATALOG",
                item_code=self.code,
                description=self.article.title,
                listed_on=today,
                unit=self.article.unit,
                lot_tracked=self.article.keeps is not None,
            ),
        )
        lot, expires_on = self._next_lot(today)
        self.lots[lot] = _Lot(self.daily * self.dice.between(5, 40), expires_on)
        yield (
            today,
            OpenStockBooks(
                stock_item_id=self.stock_item_id,
                quantity=self.lots[lot].on_hand,
                opened_on=today,
                basis="counted when the books were opened",
                lot=lot,
                expires_on=expires_on,
            ),
        )
        while True:
            today += DAY
            for command in self._kept(today):
                yield today, command

    def _kept(self, today: date) -> Iterator[Command]:
        working = self.site.works_on(today)
        weekend = today.weekday() > 4 and self.site.kind is not FacilityKind.HOSPITAL
        if working and not weekend:
            if today.weekday() == self.number % 5 and self._on_hand() < self.daily * 8:
                yield self._received(today)
            if self.dice.chance(600 if self.site.kind is FacilityKind.HOSPITAL else 240):
                yield from self._issued(today)
            if self.dice.chance(3):
                yield from self._damaged(today)
        yield from self._expired(today)
        if today.day == 1 + self.number % 3:
            yield from self._counted(today)
        self.lots = {name: lot for name, lot in self.lots.items() if lot.on_hand or not name}

    def _received(self, today: date) -> Command:
        quantity = self.daily * self.dice.between(12, 30)
        lot, expires_on = self._next_lot(today)
        known = self.lots.setdefault(lot, _Lot(0, expires_on))
        known.on_hand += quantity
        mills = self.article.mills * self.dice.between(950, 1080) // 1000
        return ReceiveStock(
            stock_item_id=self.stock_item_id,
            quantity=quantity,
            received_on=today,
            lot=lot,
            expires_on=expires_on,
            unit_cost=Decimal(mills).scaleb(-3),
            reference=f"PO-{today:%y%m%d}-{self.number:03}",
        )

    def _issued(self, today: date) -> Iterator[Command]:
        quantity = 1 + self.dice.below(2 * self.daily)
        usable = self._usable(today)
        if quantity > sum(lot.on_hand for _, lot in usable):
            return
        left = quantity
        for _, lot in usable:
            taken = min(left, lot.on_hand)
            lot.on_hand -= taken
            left -= taken
        ward = self.dice.one_of([each for each in self.site.wards if _uses_stock(each)])
        to_a_patient = self.article.to_patients and self.dice.chance(600)
        yield IssueStock(
            stock_item_id=self.stock_item_id,
            quantity=quantity,
            issued_on=today,
            issued_to=IssuedTo.PATIENT if to_a_patient else IssuedTo.DEPARTMENT,
            patient_id=(patient(self.site.run, self.site, self.dice) if to_a_patient else None),
            department_id=ward.department_id,
        )

    def _damaged(self, today: date) -> Iterator[Command]:
        usable = self._usable(today)
        if usable:
            name, lot = usable[0]
            broken = min(lot.on_hand, self.dice.between(1, 3))
            reason = self.dice.weighted([(AdjustmentReason.DAMAGED, 8), (AdjustmentReason.LOST, 1)])
            yield from self._adjusted(name, -broken, reason, today)

    def _expired(self, today: date) -> Iterator[Command]:
        """What has expired is set apart when it is found, and thrown away."""
        for name, lot in self.lots.items():
            if lot.on_hand and lot.expires_on is not None and lot.expires_on < today:
                lot.on_hand = 0
                why = QuarantineReason.EXPIRED
                yield QuarantineStock(
                    stock_item_id=self.stock_item_id, why=why, quarantined_on=today, lot=name
                )
                yield WriteOffStock(
                    stock_item_id=self.stock_item_id, why=why, written_off_on=today, lot=name
                )

    def _adjusted(
        self, name: str, change: int, reason: AdjustmentReason, today: date
    ) -> Iterator[Command]:
        if change:
            self.lots[name].on_hand += change
            yield AdjustStock(
                stock_item_id=self.stock_item_id,
                change=change,
                reason=reason,
                adjusted_on=today,
                lot=name,
            )

    def _counted(self, today: date) -> Iterator[Command]:
        for name, lot in self.lots.items():
            if self.dice.chance(100):
                lot.on_hand = max(0, lot.on_hand + self.dice.between(-2, 1))
            yield CountStock(
                stock_item_id=self.stock_item_id,
                counted=lot.on_hand,
                counted_on=today,
                lot=name,
            )

    def _next_lot(self, today: date) -> tuple[str, date | None]:
        if self.article.keeps is None:
            return NO_LOT, None
        self.received += 1
        keeps = self.article.keeps * self.dice.between(300, 1000) // 1000
        return f"{today:%y%j}-{self.received:03}", today + timedelta(days=keeps)

    def _on_hand(self) -> int:
        return sum(lot.on_hand for lot in self.lots.values())

    def _usable(self, today: date) -> list[tuple[str, _Lot]]:
        """The lots of which there is any, first expiring first, as the ledger takes them."""
        usable = [
            (name, lot)
            for name, lot in self.lots.items()
            if lot.on_hand and (lot.expires_on is None or lot.expires_on >= today)
        ]
        return sorted(usable, key=lambda each: (each[1].expires_on or date.max, each[0]))


def _uses_stock(ward: Ward) -> bool:
    return ward.kind is not DepartmentKind.SUPPORT
