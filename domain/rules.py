"""Small rules that every desk has in common: amounts, dates, texts, quantities.

Each refuses with ``<noun>.<rule>`` and names the field, the value and the rule.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from domain.kernel import Circumstances, Refused
from domain.money import minor_digits

LARGEST_AMOUNT = Decimal("1000000000000")
"""Amounts of this size or more are refused as absurd (c)."""

LARGEST_QUANTITY = 1_000_000_000
"""Quantities of this size or more are refused as absurd (c)."""

EARLIEST = date(1900, 1, 1)
"""Nothing the ledger records happened before this day (c)."""

LATEST = date(2200, 1, 1)
"""No period and no expiry reaches beyond this day (c)."""

FINEST_RATE = 6
"""Decimal places of a price per unit: a glove out of a box costs a part of a cent (c)."""


def amount(
    noun: str, named: str, value: Decimal, currency: str, *, zero_allowed: bool = False
) -> Decimal:
    """The amount with its currency's decimal places, where it is one that can be booked.

    Refuses with ``<noun>.amount`` what is not finite, finer than the currency's smallest unit,
    absurdly large, negative, or zero (unless `zero_allowed`).
    """
    digits = minor_digits(currency)
    if not value.is_finite():
        rule = "must be a finite number"
    elif abs(value) >= LARGEST_AMOUNT:
        rule = f"must be smaller than {LARGEST_AMOUNT}"
    elif value != (booked := value.quantize(_smallest(digits))):
        rule = f"may have at most {digits} decimal places in {currency}"
    elif value < 0 or (value == 0 and not zero_allowed):
        rule = "must not be negative" if zero_allowed else "must be more than zero"
    else:
        return abs(booked)
    raise refusal(f"{noun}.amount", named, str(value), rule)


@cache
def _smallest(digits: int) -> Decimal:
    """The smallest unit of a currency with so many decimal places: 0.01 of USD."""
    return Decimal(1).scaleb(-digits)


def rate(noun: str, named: str, value: Decimal) -> Decimal:
    """A price per unit, which may be finer than the currency's smallest unit, or nothing at all.

    Refuses with ``<noun>.amount`` what is not finite, negative, absurdly large, or finer than
    `FINEST_RATE` decimal places.
    """
    if not value.is_finite():
        rule = "must be a finite number"
    elif abs(value) >= LARGEST_AMOUNT:
        rule = f"must be smaller than {LARGEST_AMOUNT}"
    elif value != round(value, FINEST_RATE):
        rule = f"may have at most {FINEST_RATE} decimal places"
    elif value < 0:
        rule = "must not be negative"
    else:
        return abs(value)
    raise refusal(f"{noun}.amount", named, str(value), rule)


def quantity(noun: str, named: str, value: int, *, zero_allowed: bool = False) -> int:
    """A whole number of the smallest unit; refuses with ``<noun>.quantity`` the impossible."""
    if value >= LARGEST_QUANTITY:
        rule = f"must be smaller than {LARGEST_QUANTITY}"
    elif value < 0 or (value == 0 and not zero_allowed):
        rule = "must not be negative" if zero_allowed else "must be more than zero"
    else:
        return value
    raise refusal(f"{noun}.quantity", named, value, rule)


def happened(noun: str, named: str, when: date, at: Circumstances) -> None:
    """Refuses with ``<noun>.date`` a day or an instant in the future or before `EARLIEST`.

    A day is in the future while it has begun nowhere on earth (UTC+14 is the earliest zone).
    """
    if isinstance(when, datetime):
        future, ancient = when > at.now, when.date() < EARLIEST
    else:
        future, ancient = when > _latest_day(at.now), when < EARLIEST
    if future or ancient:
        rule = "must not be in the future" if future else f"must not be before {EARLIEST}"
        raise refusal(f"{noun}.date", named, when.isoformat(), rule)


@lru_cache(64)
def _latest_day(now: datetime) -> date:
    """The latest day that has begun anywhere; asked for by each of many commands of one moment."""
    return (now + timedelta(hours=14)).date()


def plausible(noun: str, named: str, when: date | None) -> None:
    """Refuses with ``<noun>.date`` a day outside `EARLIEST`..`LATEST`; None is open-ended.

    For what may well lie in the future: the last day of a period, an expiry.
    """
    if when is not None and not EARLIEST <= when <= LATEST:
        rule = f"must be between {EARLIEST} and {LATEST}"
        raise refusal(f"{noun}.date", named, when.isoformat(), rule)


def in_order(noun: str, first: str, earlier: date | None, second: str, later: date | None) -> None:
    """Refuses with ``<noun>.date_order`` where `later` is before `earlier`; None is open-ended."""
    if earlier is not None and later is not None and later < earlier:
        rule = f"must not be before {_spoken(first)} ({earlier.isoformat()})"
        raise refusal(f"{noun}.date_order", second, later.isoformat(), rule)


def business_days_after(day: date, count: int) -> date:
    """The day so many business days after another: Mondays to Fridays (c), as federal holidays are
    not known here: what is due then is told too early rather than too late."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def text(
    noun: str, named: str, value: str, *, longest: int = 200, empty_allowed: bool = False
) -> str:
    """The text without surrounding blanks.

    Refuses with ``<noun>.text`` the empty (unless `empty_allowed`), the long, and what a database
    or a file cannot hold: NUL and halves of surrogate pairs.
    """
    trimmed = value.strip()
    if not trimmed and empty_allowed:
        return ""
    if not trimmed or len(trimmed) > longest or re.search("[\x00\ud800-\udfff]", trimmed):
        rule = f"must have 1 to {longest} characters, all of them text"
        raise refusal(f"{noun}.text", named, trimmed, rule)
    return trimmed


def optional(noun: str, named: str, value: str | None, *, longest: int = 200) -> str | None:
    """Like `text`, for what may be left out; what is left out stays None."""
    return None if value is None else text(noun, named, value, longest=longest)


def at_most(noun: str, named: str, values: Sized, most: int) -> None:
    """Refuses with ``<noun>.<field>`` more than `most` values."""
    if len(values) > most:
        raise refusal(f"{noun}.{named}", named, len(values), f"must be at most {most}")


def shaped(noun: str, named: str, value: str, pattern: str, described: str) -> str:
    """The value where it has the shape of `pattern`; refuses with ``<noun>.<field>`` otherwise."""
    if not re.fullmatch(pattern, value):
        raise refusal(f"{noun}.{named}", named, value, f"must be {described}")
    return value


def refusal(code: str, named: str, value: object, rule: str) -> Refused:
    """The refusal of one field's value by a rule, said as ``<Field> <rule>.``

    Of a text only the beginning is shown, in characters that can be written down.
    """
    if isinstance(value, str):
        value = value[:40].encode("utf-8", "replace").decode()
    return Refused(
        code, f"{_spoken(named).capitalize()} {rule}.", field=named, value=value, rule=rule
    )


def _spoken(name: str) -> str:
    return name.replace("_", " ")
