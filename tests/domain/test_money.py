"""Currencies, and amounts in their smallest unit."""

from __future__ import annotations

from decimal import Decimal

import hypothesis
import pytest
from hypothesis import strategies

from domain.money import CURRENCIES, decimal_text, minor_units


@pytest.mark.parametrize(
    ("currency", "amount", "units"),
    [
        ("USD", "12.30", 1230),
        ("JPY", "12", 12),
        ("KWD", "1.234", 1234),
        ("USD", "-0.05", -5),
    ],
)
def test_amounts_are_whole_numbers_of_the_smallest_unit(
    currency: str, amount: str, units: int
) -> None:
    assert minor_units(Decimal(amount), currency) == units
    assert decimal_text(units, currency) == amount


@hypothesis.given(
    strategies.integers(-(10**15), 10**15), strategies.sampled_from(["USD", "JPY", "KWD"])
)
def test_smallest_units_and_amounts_say_the_same(units: int, currency: str) -> None:
    assert minor_units(Decimal(decimal_text(units, currency)), currency) == units


def test_an_amount_is_never_rounded() -> None:
    with pytest.raises(ValueError, match="finer than"):
        minor_units(Decimal("1.005"), "USD")


def test_money_is_kept_in_currencies_of_the_world() -> None:
    assert {"USD", "EUR", "JPY", "KWD"} <= CURRENCIES
    assert not {"XXX", "XTS", "XAU", "usd", ""} & CURRENCIES
    assert all(len(each) == 3 and each.isupper() for each in CURRENCIES)
