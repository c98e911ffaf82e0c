"""Turns, days on hand and wastage by value: what a unit is worth, and what adds up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.rules import LARGEST_AMOUNT
from projections.ratio import Ratio
from projections.supply.costs import stock_costs
from projections.supply.values import values_of
from tests.domain.places import RIVERSIDE
from tests.domain.stock import received
from tests.projections.grammar import given
from tests.projections.test_stock_figures import month

HERE, THERE, TOKYO = "here", "there", "tokyo"
CURRENCIES = {HERE: "USD", THERE: "USD", TOKYO: "JPY"}
ITEM = ("GTIN", "1")


def used(facility_id: str, name: str, **figures: int) -> dict[str, Any]:
    return {"facility_id": facility_id, **month(name, **figures)}


def paid(facility_id: str, name: str, cost: str, costed: int) -> dict[str, Any]:
    kept = {"cost": int(Decimal(cost).scaleb(4)), "costed": costed}
    return {"facility_id": facility_id, **month(name), **kept}


# --- what was paid -------------------------------------------------------------------------------


def test_what_was_paid_is_added_up_month_by_month() -> None:
    first = replace(received(10), unit_cost=Decimal("0.0125"))
    again = replace(received(4), unit_cost=Decimal("1.000005"))
    given(stock_costs, first, again, received(7)).shows(
        RIVERSIDE, "GTIN", "00812345678901", "2026-02", costed=14, cost=41_250
    )


def test_of_a_slip_of_the_pen_no_mean_is_made() -> None:
    slip = replace(received(10), unit_cost=LARGEST_AMOUNT - 1)
    given(stock_costs, slip).has_only()


# --- what it comes to ----------------------------------------------------------------------------


def test_turns_by_value_are_the_cost_of_what_was_issued_over_the_mean_value() -> None:
    """90 days. A unit is worth 2.00 until more is bought at 5.00 in February, then 3.00."""
    use = [
        used(HERE, "2025-12", received=20),
        used(HERE, "2026-01", issued=5),
        used(HERE, "2026-02", received=10, issued=5),
        used(HERE, "2026-03", issued=5, written_off=5, expired=5),
    ]
    costs = [paid(HERE, "2025-12", "40", 20), paid(HERE, "2026-02", "50", 10)]
    values = values_of(use, costs, CURRENCIES, "2026-01", "2026-03")
    (found,) = values.of(ITEM)
    assert (found.currency, found.issued, found.unvalued) == ("USD", Decimal(40), 0)
    # On hand 20 at 2.00, 15 at 2.00, 20 at 3.00 and 10 at 3.00.
    assert found.on_hand == Decimal(30)
    mean = Decimal(40 + 30 + 60 + 30) / 4
    assert found.turns == Ratio(numerator=Decimal(40 * 365) / 90, denominator=mean)
    assert found.turns.value == Decimal("4.0556")
    assert found.days_on_hand.value == Decimal(90)
    # What expired, over what was there in the beginning and came in since.
    assert found.expiry_wastage == Ratio(numerator=Decimal(15), denominator=Decimal(40 + 30))
    assert values.together() == [found]
    assert found.to_json()["turns"] == {
        "numerator": "162.2222",
        "denominator": "40.0000",
        "value": "4.0556",
    }


def test_what_came_before_anything_was_paid_for_is_worth_what_the_first_cost() -> None:
    use = [used(HERE, "2026-01", opened=10, issued=2), used(HERE, "2026-02", received=10)]
    costs = [paid(HERE, "2026-02", "30", 10)]
    (found,) = values_of(use, costs, CURRENCIES, "2026-01", "2026-01").of(ITEM)
    assert (found.issued, found.on_hand) == (Decimal(6), Decimal(24))


def test_of_what_nothing_was_ever_paid_for_it_is_told_how_much_was_issued() -> None:
    use = [used(HERE, "2026-01", opened=10, issued=2), used(HERE, "2026-03", issued=1)]
    (found,) = values_of(use, [], CURRENCIES, "2026-01", "2026-02").of(ITEM)
    assert (found.issued, found.on_hand, found.unvalued) == (Decimal(0), Decimal(0), 2)
    assert found.turns.value is None


def test_the_systems_value_is_the_sum_of_the_facilities_and_no_sum_of_currencies() -> None:
    use = [
        used(HERE, "2026-01", received=10, issued=4),
        used(THERE, "2026-01", received=10, issued=4),
        used(TOKYO, "2026-01", received=10, issued=4),
    ]
    costs = [
        paid(HERE, "2026-01", "10", 10),
        paid(THERE, "2026-01", "30", 10),
        paid(TOKYO, "2026-01", "500", 10),
    ]
    values = values_of(use, costs, CURRENCIES, "2026-01", "2026-01")
    yen, dollars = values.of(ITEM)
    assert (dollars.currency, dollars.issued, dollars.on_hand) == ("USD", Decimal(16), Decimal(24))
    assert (yen.currency, yen.issued) == ("JPY", Decimal(200))
    assert values.together() == [yen, dollars]
    assert values.of(("GTIN", "2")) == []
