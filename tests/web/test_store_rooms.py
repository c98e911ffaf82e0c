"""What replenishment takes for the demand to come: a forecast that proved itself, or the past."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from domain.supply.events.requisition import DemandMethod
from projections.supply.use import Use
from tests.domain.places import RIVERSIDE
from tests.facilities.test_forecasting import mean
from web.store_rooms import pace_of

MARCH_14 = date(2026, 3, 14)
NOISE = (3, -5, 8, -2, 6, -7, 1, 4, -6, 9, -3, 0, -8, 5, 2, -4, 7, -1, -9, 6, 3, -2, 8, -5)


def months(*issued: int) -> list[Use]:
    """What was used in each of the months that end with February."""
    rows = []
    for back, quantity in enumerate(reversed(issued), start=1):
        year, month = divmod(2026 * 12 + 2 - back, 12)
        moved = dict.fromkeys(("opened", "received", "delivered", "dispatched", "adjusted"), 0)
        moved |= dict.fromkeys(("counted", "written_off", "expired", "lost", "issues"), 0)
        rows.append(
            Use(
                facility_id=RIVERSIDE,
                item_system="GTIN",
                item_code="00012345600012",
                month=f"{year:04}-{month + 1:02}",
                issued=quantity,
                **moved,
            )
        )
    return rows


def test_a_level_that_a_forecast_finds_better_than_the_year_before_is_used_with_its_error() -> None:
    told = pace_of(months(*(300 + 9 * each for each in NOISE)), MARCH_14, mean)
    assert told.method is DemandMethod.EXPONENTIAL_SMOOTHING
    assert float(told.daily) == pytest.approx(300 * 12 / 365, rel=0.15)
    assert told.off_by is not None
    assert told.baseline_off_by is not None
    assert told.off_by < told.baseline_off_by


def test_without_a_method_the_last_months_are_the_demand() -> None:
    told = pace_of(months(*(300 + 9 * each for each in NOISE)), MARCH_14, None)
    assert told.method is DemandMethod.LAST_MONTHS
    # December to 14 March: 104 days, three months of which were used in.
    assert told.daily == Fraction(300 * 3 + 9 * (-2 + 8 - 5), 104)
    assert told.off_by is told.baseline_off_by is None


@pytest.mark.parametrize("rows", [[], months(30, 31)])
def test_of_too_few_months_nothing_is_foretold(rows: list[Use]) -> None:
    assert pace_of(rows, MARCH_14, mean).method is DemandMethod.LAST_MONTHS
