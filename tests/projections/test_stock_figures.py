"""Turns, days on hand and wastage: what they are divided by, and what expires when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from projections.ratio import Ratio
from projections.supply.figures import days_of, expiring, figures_of, months_between

NOTHING = dict.fromkeys(
    (
        *("opened", "received", "delivered", "issued", "dispatched", "adjusted"),
        *("counted", "written_off", "expired", "lost", "issues"),
    ),
    0,
)


def month(name: str, **figures: int) -> dict[str, Any]:
    return {"item_system": "GTIN", "item_code": "1", "month": name, **NOTHING, **figures}


def test_turns_are_what_is_used_in_a_year_over_what_is_there_in_the_mean() -> None:
    rows = [
        month("2025-12", opened=100, issued=20),
        month("2026-01", received=40, issued=60, written_off=10, expired=10),
        month("2026-03", issued=30),
        month("2026-04", issued=5),
    ]
    (found,) = figures_of(rows, "2026-01", "2026-03")
    # On hand: 80 at the beginning, then 50, 50 and 20; 90 issued in 90 days.
    assert (found.on_hand, found.issued, found.expired) == (20, 90, 10)
    assert found.turns == Ratio(numerator=Decimal(365), denominator=Decimal(50))
    assert found.turns.value == Decimal("7.3")
    assert found.days_on_hand.value == Decimal(50)
    assert found.expiry_wastage == Ratio(numerator=Decimal(10), denominator=Decimal(120))
    assert found.to_json()["expiry_wastage"] == {
        "numerator": "10.0000",
        "denominator": "120.0000",
        "value": "0.0833",
    }


def test_what_cannot_be_divided_is_not_told() -> None:
    (found,) = figures_of([month("2026-02", received=5, issued=0)], "2026-01", "2026-01")
    assert found.turns.value is found.days_on_hand.value is found.expiry_wastage.value is None


def test_months_and_their_days() -> None:
    assert [*months_between("2025-11", "2026-02")] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert days_of("2024-02", "2024-02") == 29


@dataclass(frozen=True)
class Lot:
    expires_on: date | None
    on_hand: int = 1
    item_system: str = "GTIN"
    item_code: str = "1"


@pytest.mark.parametrize(
    ("expires_on", "told"),
    [
        (date(2026, 2, 28), {"expired": 1}),
        (date(2026, 3, 1), {"within_30": 1, "within_60": 1, "within_90": 1}),
        (date(2026, 3, 31), {"within_30": 1, "within_60": 1, "within_90": 1}),
        (date(2026, 4, 30), {"within_60": 1, "within_90": 1}),
        (date(2026, 5, 30), {"within_90": 1}),
    ],
)
def test_what_expires_is_told_by_how_soon(expires_on: date, told: dict[str, int]) -> None:
    (row,) = expiring([Lot(expires_on), Lot(None), Lot(expires_on, 0)], date(2026, 3, 1))
    counted = {name: row[name] for name in row if name not in ("item_system", "item_code", "lots")}
    assert {name: each for name, each in counted.items() if each} == told


def test_what_expires_later_is_left_out() -> None:
    assert expiring([Lot(date(2026, 5, 31))], date(2026, 3, 1)) == []
