"""Amounts as the read models keep them: whole numbers of a currency's smallest unit.

A `numeric` column can neither be sorted nor compared from an index under row-level security (its
operators are not leakproof), a bigint can.
"""

from __future__ import annotations

from decimal import Decimal

# ISO 4217: the currencies whose minor unit is not a hundredth. The domain's rules know them too;
# this ring may not ask a decision's rules, so a test holds the two lists together.
_MINOR_DIGITS = {
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
}


def minor_digits(currency: str) -> int:
    """How many decimal places amounts of a currency have."""
    return _MINOR_DIGITS.get(currency, 2)


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount as an integer of the currency's smallest unit: 12.30 USD is 1230.

    Raises ValueError for an amount finer than that: a read model never rounds money.
    """
    scaled = amount.scaleb(minor_digits(currency))
    units = int(scaled)
    if units != scaled:
        raise ValueError(f"an amount is finer than the smallest unit of {currency}")
    return units


def decimal_text(units: int, currency: str) -> str:
    """The decimal string of an amount: 1230 of USD is ``12.30``, of JPY ``1230``."""
    digits = minor_digits(currency)
    if digits == 0:
        return str(units)
    whole, part = divmod(abs(units), 10**digits)
    return f"{'-' if units < 0 else ''}{whole}.{part:0{digits}d}"
