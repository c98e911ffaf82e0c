"""What the use of stock comes to: turns, days on hand, wastage by expiry, and what expires when.

Each figure keeps what it was divided by what. The months are those of `stock_use`, by the days on
which things happened:

* **turns**: what is used in a year (what was issued in the period, over its days, times 365) over
  what was on hand in the mean: of the beginning of the period and the end of each of its months;
* **days on hand**: 365 over the turns: what was on hand in the mean over what is issued in a day;
* **expiry wastage** (c): what expired over what was on hand at the beginning and came in since.

They are of quantities, in an item's smallest unit, and told for every item. By value, as far as it
is known what units cost, `values` tells them, also of all items together: units of two items do not
add up.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Protocol

from projections.ratio import Ratio

YEAR = 365
BUCKETS = (30, 60, 90)
"""Days until stock expires, by which it is told (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFigures:
    """The figures of an item in a period; `on_hand` is at its end."""

    item_system: str
    item_code: str
    on_hand: int
    issued: int
    expired: int
    turns: Ratio
    days_on_hand: Ratio
    expiry_wastage: Ratio

    def to_json(self) -> dict[str, object]:
        return {
            "item_system": self.item_system,
            "item_code": self.item_code,
            "on_hand": self.on_hand,
            "issued": self.issued,
            "expired": self.expired,
            "turns": self.turns.to_json(),
            "days_on_hand": self.days_on_hand.to_json(),
            "expiry_wastage": self.expiry_wastage.to_json(),
        }


def figures_of(rows: Iterable[Mapping[str, Any]], first: str, last: str) -> list[ItemFigures]:
    """The figures of each item in a period, from the rows of `stock_use`: an item's months in
    their order, from its first one on. `first` and `last` are months such as ``2026-03``.
    """
    return [
        _figures(item, list(months), first, last)
        for item, months in groupby(rows, key=lambda row: (row["item_system"], row["item_code"]))
    ]


def _figures(
    item: tuple[str, str], rows: list[Mapping[str, Any]], first: str, last: str
) -> ItemFigures:
    by_month = {row["month"]: row for row in rows}
    beginning = sum(net_change(row) for month, row in by_month.items() if month < first)
    ends, on_hand, issued, expired, came = [beginning], beginning, 0, 0, 0
    for month in months_between(first, last):
        if (row := by_month.get(month)) is not None:
            on_hand += net_change(row)
            issued += row["issued"]
            expired += row["expired"]
            came += row["opened"] + row["received"] + row["delivered"]
        ends.append(on_hand)
    mean = Decimal(sum(ends)) / len(ends)
    used_a_year = Decimal(issued * YEAR) / days_of(first, last)
    return ItemFigures(
        item_system=item[0],
        item_code=item[1],
        on_hand=on_hand,
        issued=issued,
        expired=expired,
        turns=Ratio(numerator=used_a_year, denominator=mean),
        days_on_hand=Ratio(numerator=mean, denominator=used_a_year / YEAR),
        expiry_wastage=Ratio(numerator=Decimal(expired), denominator=Decimal(beginning + came)),
    )


def net_change(row: Mapping[str, Any]) -> int:
    """By how much what is on hand changed in a month."""
    came = row["opened"] + row["received"] + row["delivered"] + row["adjusted"] + row["counted"]
    return int(came - row["issued"] - row["dispatched"] - row["written_off"])


def months_between(first: str, last: str) -> Iterator[str]:
    """The months from one to another, both included."""
    month = first
    while month <= last:
        yield month
        month = month_after(month)


def used_by_month(rows: Iterable[Mapping[str, Any]], before: str) -> list[int]:
    """What was used of an item in each month from the first one on, and before another; a month
    without use counts as zero. `rows` are its months of `stock_use`."""
    by_month = {row["month"]: row["issued"] for row in rows if row["month"] < before}
    if not by_month:
        return []
    return [by_month.get(each, 0) for each in months_between(min(by_month), before)][:-1]


def month_after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def days_of(first: str, last: str) -> int:
    """How many days the months from one to another have."""
    return sum(monthrange(int(each[:4]), int(each[5:]))[1] for each in months_between(first, last))


# --- what expires --------------------------------------------------------------------------------


class Expiring(Protocol):
    """A lot, and its last day of use."""

    @property
    def item_system(self) -> str: ...
    @property
    def item_code(self) -> str: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def on_hand(self) -> int: ...


def expiring(lots: Iterable[Expiring], on: date) -> list[dict[str, object]]:
    """Of each item how much has `expired` by a day, and how much more will within so many days.

    What expires within 30 days does within 60 and 90, too; of what expires later nothing is told.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for lot in lots:
        if lot.expires_on is None or lot.on_hand <= 0:
            continue
        left = lot.expires_on - on
        if left > timedelta(days=BUCKETS[-1]):
            continue
        row = found.setdefault(
            (lot.item_system, lot.item_code),
            {
                "item_system": lot.item_system,
                "item_code": lot.item_code,
                "lots": 0,
                "expired": 0,
                **{f"within_{days}": 0 for days in BUCKETS},
            },
        )
        row["lots"] += 1
        if left < timedelta():
            row["expired"] += lot.on_hand
            continue
        for days in BUCKETS:
            if left <= timedelta(days=days):
                row[f"within_{days}"] += lot.on_hand
    return [found[item] for item in sorted(found)]
