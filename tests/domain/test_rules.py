"""The small rules every desk has in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain import rules
from domain.kernel import Circumstances, Refused
from tests.grammar import NOW

AT = Circumstances(NOW)


def refused(rule: Callable[..., Any], *given: Any, **also: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        rule(*given, **also)
    return refusal.value


# --- money -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "booked"), [("5", "5.00"), ("5.1", "5.10"), ("5.100", "5.10"), ("1E+2", "100.00")]
)
def test_an_amount_is_booked_with_its_currencys_decimal_places(given: str, booked: str) -> None:
    amount = rules.amount("claim", "amount", Decimal(given), "USD")
    assert str(amount) == booked


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("NaN", "must be a finite number"),
        ("sNaN", "must be a finite number"),
        ("-Infinity", "must be a finite number"),
        ("1E+12", "must be smaller than 1000000000000"),
        ("0.005", "may have at most 2 decimal places in USD"),
        ("1.0000000000000000000000000000000001", "may have at most 2 decimal places in USD"),
        ("0", "must be more than zero"),
        ("-0.00", "must be more than zero"),
        ("-5", "must be more than zero"),
    ],
)
def test_an_amount_that_cannot_be_booked_is_refused(given: str, rule: str) -> None:
    refusal = refused(rules.amount, "claim", "amount", Decimal(given), "USD")
    assert refusal.code == "claim.amount"
    assert refusal.details == {"field": "amount", "value": given, "rule": rule}
    assert str(refusal) == f"Amount {rule}."


def test_nothing_can_be_booked_only_where_that_is_allowed() -> None:
    assert rules.amount("claim", "amount", Decimal("-0"), "USD", zero_allowed=True) == 0
    refusal = refused(rules.amount, "claim", "amount", Decimal("-1"), "USD", zero_allowed=True)
    assert refusal.details["rule"] == "must not be negative"


@pytest.mark.parametrize("given", ["0", "0.0895", "0.123456", "999999999999"])
def test_a_price_per_unit_may_be_a_part_of_a_cent(given: str) -> None:
    assert str(rules.rate("stock_item", "unit_cost", Decimal(given))) == given


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("Infinity", "must be a finite number"),
        ("1E+12", "must be smaller than 1000000000000"),
        ("0.1234567", "may have at most 6 decimal places"),
        ("-0.01", "must not be negative"),
    ],
)
def test_an_impossible_price_per_unit_is_refused(given: str, rule: str) -> None:
    refusal = refused(rules.rate, "stock_item", "unit_cost", Decimal(given))
    assert (refusal.code, refusal.details["rule"]) == ("stock_item.amount", rule)


# --- quantities --------------------------------------------------------------------------------


def test_a_quantity_is_more_than_nothing_unless_that_is_allowed() -> None:
    assert rules.quantity("stock_item", "quantity", 1) == 1
    assert rules.quantity("stock_item", "quantity", 0, zero_allowed=True) == 0


@pytest.mark.parametrize(
    ("given", "zero_allowed", "rule"),
    [
        (0, False, "must be more than zero"),
        (-1, True, "must not be negative"),
        (1_000_000_000, False, "must be smaller than 1000000000"),
    ],
)
def test_an_impossible_quantity_is_refused(given: int, zero_allowed: bool, rule: str) -> None:
    refusal = refused(rules.quantity, "stock_item", "quantity", given, zero_allowed=zero_allowed)
    assert (refusal.code, refusal.details["rule"]) == ("stock_item.quantity", rule)


def test_there_are_at_most_so_many_of_them() -> None:
    rules.at_most("claim", "modifiers", ("25", "59"), 2)
    refusal = refused(rules.at_most, "claim", "modifiers", ("25", "59", "LT"), 2)
    assert (refusal.code, refusal.details["value"]) == ("claim.modifiers", 3)


# --- days --------------------------------------------------------------------------------------


def test_today_is_the_day_it_is_anywhere_on_earth() -> None:
    # 15:00 UTC on the 14th is 05:00 on the 15th in the Line Islands (UTC+14).
    rules.happened("claim", "service_on", date(2026, 3, 15), AT)
    refusal = refused(rules.happened, "claim", "service_on", date(2026, 3, 16), AT)
    assert refusal.code == "claim.date"
    assert refusal.details["rule"] == "must not be in the future"


@pytest.mark.parametrize(("minute", "begun"), [(59, False), (60, True)])
def test_a_day_begins_at_ten_in_the_morning_utc_the_day_before(minute: int, begun: bool) -> None:
    at = Circumstances(datetime(2026, 3, 14, 9, tzinfo=UTC) + timedelta(minutes=minute))
    if begun:
        rules.happened("claim", "service_on", date(2026, 3, 15), at)
    else:
        refused(rules.happened, "claim", "service_on", date(2026, 3, 15), at)


def test_an_instant_is_in_the_future_from_now_on() -> None:
    rules.happened("claim", "paid_at", NOW, AT)
    refusal = refused(rules.happened, "claim", "paid_at", NOW + timedelta(seconds=1), AT)
    assert refusal.details["value"] == "2026-03-14T15:00:01+00:00"


@pytest.mark.parametrize("when", [date(1899, 12, 31), datetime(1899, 12, 31, 23, tzinfo=UTC)])
def test_nothing_happened_before_the_year_1900(when: date) -> None:
    refusal = refused(rules.happened, "claim", "service_on", when, AT)
    assert refusal.details["rule"] == "must not be before 1900-01-01"


@pytest.mark.parametrize("when", [None, date(1900, 1, 1), date(2199, 7, 1), date(2200, 1, 1)])
def test_a_period_may_end_in_the_future_or_never(when: date | None) -> None:
    rules.plausible("facility", "valid_to", when)


@pytest.mark.parametrize("when", [date(1899, 12, 31), date(2200, 1, 2), date.max])
def test_a_period_does_not_end_in_another_age(when: date) -> None:
    assert refused(rules.plausible, "facility", "valid_to", when).code == "facility.date"


def test_what_comes_first_is_not_later() -> None:
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    rules.in_order("claim", "service_on", first, "closed_on", first)
    rules.in_order("claim", "service_on", None, "closed_on", first)
    rules.in_order("claim", "service_on", first, "closed_on", None)
    refusal = refused(rules.in_order, "claim", "service_on", second, "closed_on", first)
    assert refusal.code == "claim.date_order"
    assert str(refusal) == "Closed on must not be before service on (2026-01-02)."


# --- texts -------------------------------------------------------------------------------------


def test_a_text_has_no_blanks_around_it() -> None:
    assert rules.text("payer", "legal_name", "  Aether Health\t") == "Aether Health"
    assert rules.text("payer", "legal_name", "x" * 200) == "x" * 200
    assert rules.text("payer", "legal_name", " ", empty_allowed=True) == ""


@pytest.mark.parametrize("given", ["", " \n", "x" * 201, "a\x00b", "a\ud800b"])
def test_a_text_that_is_none_or_too_long_is_refused(given: str) -> None:
    refusal = refused(rules.text, "payer", "legal_name", given)
    assert refusal.code == "payer.text"
    assert refusal.details["rule"] == "must have 1 to 200 characters, all of them text"
    assert str(refusal.details["value"]).encode() is not None


def test_what_is_left_out_stays_left_out() -> None:
    assert rules.optional("payer", "phone", None) is None
    assert rules.optional("payer", "phone", " 555 ") == "555"
    assert refused(rules.optional, "payer", "phone", "12345", longest=4).code == "payer.text"


def test_a_shape_is_of_the_whole_value() -> None:
    assert rules.shaped("claim", "modifiers", "LT", "[A-Z]{2}", "two capitals") == "LT"
    refusal = refused(rules.shaped, "claim", "modifiers", "LT\n", "[A-Z]{2}", "two capitals")
    assert (refusal.code, refusal.details["rule"]) == ("claim.modifiers", "must be two capitals")


def test_a_refusal_shows_the_beginning_of_a_long_value() -> None:
    refusal = rules.refusal("payer.text", "legal_name", "x" * 5000, "must be shorter")
    assert refusal.details["value"] == "x" * 40
