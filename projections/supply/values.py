"""What the use of stock comes to by value, in each currency: turns, days on hand, expiry wastage.

A unit is worth what was paid for one in the mean: at the end of a month, all that was paid at the
facility for units of the item by then, over these units (weighted average cost); before the first
that was paid for, what that one cost. So is a unit that came without a cost: when the books were
opened, from another facility, or found by a count. Then, as for quantities (`figures`):

* **turns**: the cost of what is issued in a year over the mean value of what was on hand;
* **days on hand**: 365 over the turns;
* **expiry wastage** (c): the value of what expired over that of what was on hand at the beginning
  and came in since.

Where nothing was ever paid for an item at a facility, what of it was issued is `unvalued`. Values
are added up facility by facility, each by what it paid itself: so the system's are the sum of
theirs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from projections.ratio import Ratio, rounded
from projections.supply.costs import unit_cost
from projections.supply.figures import YEAR, days_of, months_between, net_change

Item = tuple[str, str]
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFigures:
    """The figures of a period in a currency; `on_hand` is what was there at its end, `unvalued` how
    many units were issued of which nobody knows what they cost."""

    currency: str
    issued: Decimal
    on_hand: Decimal
    unvalued: int
    turns: Ratio
    days_on_hand: Ratio
    expiry_wastage: Ratio

    def to_json(self) -> dict[str, object]:
        return {
            "currency": self.currency,
            "issued": str(rounded(self.issued)),
            "on_hand": str(rounded(self.on_hand)),
            "unvalued": self.unvalued,
            "turns": self.turns.to_json(),
            "days_on_hand": self.days_on_hand.to_json(),
            "expiry_wastage": self.expiry_wastage.to_json(),
        }


@dataclass(slots=True)
class _Sum:
    """What facilities, or items, come to together. `ends` are the beginning of the period and the
    end of each of its months."""

    ends: list[Decimal]
    issued: Decimal = Decimal(0)
    expired: Decimal = Decimal(0)
    there: Decimal = Decimal(0)
    unvalued: int = 0

    def add(self, other: _Sum) -> None:
        self.ends = [one + another for one, another in zip(self.ends, other.ends, strict=True)]
        self.issued += other.issued
        self.expired += other.expired
        self.there += other.there
        self.unvalued += other.unvalued

    def figures(self, currency: str, days: int) -> ValueFigures:
        mean = sum(self.ends, Decimal(0)) / len(self.ends)
        issued_a_year = self.issued * YEAR / days
        return ValueFigures(
            currency=currency,
            issued=self.issued,
            on_hand=self.ends[-1],
            unvalued=self.unvalued,
            turns=Ratio(numerator=issued_a_year, denominator=mean),
            days_on_hand=Ratio(numerator=mean, denominator=issued_a_year / YEAR),
            expiry_wastage=Ratio(numerator=self.expired, denominator=self.there),
        )


@dataclass(slots=True)
class Values:
    """The figures of each item, and of all items together: in each currency there is."""

    days: int
    items: dict[Item, dict[str, _Sum]] = field(default_factory=dict)
    all: dict[str, _Sum] = field(default_factory=dict)

    def of(self, item: Item) -> list[ValueFigures]:
        return self._told(self.items.get(item, {}))

    def together(self) -> list[ValueFigures]:
        return self._told(self.all)

    def _told(self, sums: Mapping[str, _Sum]) -> list[ValueFigures]:
        return [sums[currency].figures(currency, self.days) for currency in sorted(sums)]


def values_of(
    use: Rows, costs: Rows, currencies: Mapping[str, str], first: str, last: str
) -> Values:
    """The values of a period, from the rows of `stock_use` and `stock_costs`: each facility's
    items, by their months in order, from the first one on. `currencies` are those of the
    facilities."""
    paid = {place: _Prices(rows) for place, rows in groupby(costs, key=_place)}
    values = Values(days_of(first, last))
    months = [*months_between(first, last)]
    for place, rows in groupby(use, key=_place):
        facility_id, *item = place
        currency = currencies[facility_id]
        one = _of_facility([*rows], paid.get(place) or _Prices(()), months)
        of_item = values.items.setdefault((item[0], item[1]), {})
        for sums in (of_item, values.all):
            sums.setdefault(currency, _Sum([Decimal(0)] * (len(months) + 1))).add(one)
    return values


def _place(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(row["facility_id"]), row["item_system"], row["item_code"]


class _Prices:
    """What a unit of an item is worth at a facility; false where nothing was ever paid for one."""

    def __init__(self, rows: Rows) -> None:
        self._months: list[str] = []
        self._costs: list[Decimal] = []
        cost = costed = 0
        for row in rows:
            cost, costed = cost + row["cost"], costed + row["costed"]
            if costed:
                self._months.append(row["month"])
                self._costs.append(unit_cost(cost, costed))

    def at_end(self, month: str) -> Decimal:
        return self._at(bisect_right(self._months, month))

    def before(self, month: str) -> Decimal:
        return self._at(bisect_left(self._months, month))

    def __bool__(self) -> bool:
        return bool(self._costs)

    def _at(self, place: int) -> Decimal:
        return self._costs[max(0, place - 1)]


def _of_facility(rows: list[Mapping[str, Any]], prices: _Prices, months: list[str]) -> _Sum:
    by_month = {row["month"]: row for row in rows}
    within = [by_month[month] for month in months if month in by_month]
    if not prices:
        nothing = [Decimal(0)] * (len(months) + 1)
        return _Sum(nothing, unvalued=sum(row["issued"] for row in within))
    on_hand = sum(net_change(row) for row in rows if row["month"] < months[0])
    beginning = on_hand * prices.before(months[0])
    found = _Sum([beginning], there=beginning)
    for month in months:
        price = prices.at_end(month)
        if (row := by_month.get(month)) is not None:
            on_hand += net_change(row)
            found.issued += row["issued"] * price
            found.expired += row["expired"] * price
            found.there += (row["opened"] + row["received"] + row["delivered"]) * price
        found.ends.append(on_hand * price)
    return found
