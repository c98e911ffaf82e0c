"""Identifiers of facilities and people: NPI, CCN, CLIA, TIN, DEA.

Each check says whether a number *can* be one, by its shape and check digit, not whether it was
issued. A registry look-up is not ours to make.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import assert_never


class IdentifierKind(StrEnum):
    """Who issued an identifier and for what."""

    NPI = "npi"
    """National Provider Identifier, 45 CFR 162.406: ten digits, the tenth a check digit."""
    CCN = "ccn"
    """CMS Certification Number: six characters (providers) or ten (suppliers)."""
    CLIA = "clia"
    """Clinical Laboratory Improvement Amendments number: ``99D9999999``."""
    TIN = "tin"
    """Taxpayer Identification Number (EIN): nine digits."""
    DEA = "dea"
    """Drug Enforcement Administration registration: two letters and seven digits."""


RULES = {
    IdentifierKind.NPI: "ten digits beginning with 1 or 2, with a valid check digit",
    IdentifierKind.CCN: "six or ten letters and digits",
    IdentifierKind.CLIA: "two digits, the letter D and seven digits",
    IdentifierKind.TIN: "nine digits",
    IdentifierKind.DEA: "two letters and seven digits, the last a check digit",
}
"""What each kind of identifier must look like, as said in a refusal."""


def valid(kind: IdentifierKind, value: str) -> bool:
    """Whether `value` has the shape and the check digit of its kind."""
    match kind:
        case IdentifierKind.NPI:
            # 45 CFR 162.406(a): Luhn over the card issuer prefix 80840 and the ten digits.
            return bool(re.fullmatch(r"[12][0-9]{9}", value)) and _luhn("80840" + value)
        case IdentifierKind.CCN:
            return bool(re.fullmatch(r"[0-9A-Z]{6}([0-9A-Z]{4})?", value))
        case IdentifierKind.CLIA:
            return bool(re.fullmatch(r"[0-9]{2}D[0-9]{7}", value))
        case IdentifierKind.TIN:
            return bool(re.fullmatch(r"[0-9]{9}", value))
        case IdentifierKind.DEA:
            return bool(re.fullmatch(r"[A-Z][A-Z9][0-9]{7}", value)) and _dea(value[2:])
        case _:
            assert_never(kind)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * 2 if place % 2 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _dea(digits: str) -> bool:
    d1, d2, d3, d4, d5, d6, d7 = map(int, digits)
    return ((d1 + d3 + d5) + 2 * (d2 + d4 + d6)) % 10 == d7
