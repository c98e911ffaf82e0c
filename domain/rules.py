"""Small rules that every desk has in common: amounts, dates, texts, quantities.

Each refuses with ``<noun>.<rule>`` and names the field, the value and the rule.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.kernel import Circumstances, Refused

LARGEST_AMOUNT = Decimal("1000000000000")
"""Amounts of this size or more are refused as absurd (c)."""

LARGEST_QUANTITY = 1_000_000_000
"""Quantities of this size or more are refused as absurd (c)."""

EARLIEST = date(1900, 1, 1)
"""Nothing the ledger records happened before this day (c)."""

# ISO 4217: the currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
}


def minor_digits(currency: str) -> int:
    """How many decimal places amounts of a currency have (ISO 4217)."""
    return _MINOR_DIGITS.get(currency, 2)


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount as an integer of the currency's smallest unit: 12.30 USD is 1230."""
    return int(amount.scaleb(minor_digits(currency)))


def from_minor_units(units: int, currency: str) -> Decimal:
    """The amount that an integer of the currency's smallest unit stands for."""
    return Decimal(units).scaleb(-minor_digits(currency))


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
    elif value != round(value, digits):
        rule = f"may have at most {digits} decimal places in {currency}"
    elif value < 0 or (value == 0 and not zero_allowed):
        rule = "must not be negative" if zero_allowed else "must be more than zero"
    else:
        return abs(value).quantize(Decimal(1).scaleb(-digits))
    raise _refusal(f"{noun}.amount", named, str(value), rule)


def quantity(noun: str, named: str, value: int, *, zero_allowed: bool = False) -> int:
    """A whole number of the smallest unit; refuses with ``<noun>.quantity`` the impossible."""
    if value >= LARGEST_QUANTITY:
        rule = f"must be smaller than {LARGEST_QUANTITY}"
    elif value < 0 or (value == 0 and not zero_allowed):
        rule = "must not be negative" if zero_allowed else "must be more than zero"
    else:
        return value
    raise _refusal(f"{noun}.quantity", named, value, rule)


def happened(noun: str, named: str, when: date, at: Circumstances) -> None:
    """Refuses with ``<noun>.date`` a day or an instant in the future or before `EARLIEST`.

    A day is in the future while it has begun nowhere on earth (UTC+14 is the earliest zone).
    """
    if isinstance(when, datetime):
        future, ancient = when > at.now, when.date() < EARLIEST
    else:
        future, ancient = when > (at.now + timedelta(hours=14)).date(), when < EARLIEST
    if future or ancient:
        rule = "must not be in the future" if future else f"must not be before {EARLIEST}"
        raise _refusal(f"{noun}.date", named, when.isoformat(), rule)


def in_order(noun: str, first: str, earlier: date | None, second: str, later: date | None) -> None:
    """Refuses with ``<noun>.date_order`` where `later` is before `earlier`; None is open-ended."""
    if earlier is not None and later is not None and later < earlier:
        rule = f"must not be before {_spoken(first)} ({earlier.isoformat()})"
        raise _refusal(f"{noun}.date_order", second, later.isoformat(), rule)


def text(noun: str, named: str, value: str, *, longest: int = 200) -> str:
    """The text without surrounding blanks; refuses with ``<noun>.text`` the empty and the long."""
    trimmed = value.strip()
    if not trimmed or len(trimmed) > longest or "\x00" in trimmed:
        raise _refusal(
            f"{noun}.text", named, trimmed[:40], f"must have 1 to {longest} characters and no NUL"
        )
    return trimmed


def shaped(noun: str, named: str, value: str, pattern: str, described: str) -> str:
    """The value where it has the shape of `pattern`; refuses with ``<noun>.<field>`` otherwise."""
    if not re.fullmatch(pattern, value):
        raise _refusal(f"{noun}.{named}", named, value[:40], f"must be {described}")
    return value


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _refusal(code: str, named: str, value: object, rule: str) -> Refused:
    return Refused(
        code, f"{_spoken(named).capitalize()} {rule}.", field=named, value=value, rule=rule
    )
