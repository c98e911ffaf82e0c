"""A month's books: closed once it is over, and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.revenue.accounting_period import AccountingPeriod, ClosePeriod
from domain.revenue.events.period import AccountingPeriodClosed, period_of
from tests.domain.places import MARCH_1, NEW_YEAR, RIVERSIDE, TOMORROW_EVERYWHERE, riverside_is_open
from tests.grammar import given

FEBRUARY = period_of(RIVERSIDE, "2026-02")
closing = ClosePeriod(facility_id=RIVERSIDE, month="2026-02", closed_on=MARCH_1)
closed = AccountingPeriodClosed(
    period_id=FEBRUARY, facility_id=RIVERSIDE, month="2026-02", closed_on=MARCH_1
)


def test_a_month_that_is_over_is_closed_once() -> None:
    given(AccountingPeriod).knowing(riverside_is_open()).when(closing).records(closed)
    given(AccountingPeriod, closed).knowing(riverside_is_open()).when(closing).records_nothing()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"month": "2026-13"}, "accounting_period.month"),
        ({"closed_on": NEW_YEAR}, "accounting_period.not_over"),
        ({"closed_on": TOMORROW_EVERYWHERE}, "accounting_period.date"),
    ],
)
def test_what_is_no_month_of_it_or_not_over_is_refused(
    changed: dict[str, object], code: str
) -> None:
    there = given(AccountingPeriod).knowing(riverside_is_open())
    there.when(replace(closing, **changed)).refused(code)  # type: ignore[arg-type]


def test_a_month_is_that_of_a_facility() -> None:
    given(AccountingPeriod).when(closing).refused("facility.unknown")
