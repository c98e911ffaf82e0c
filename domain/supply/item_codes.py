"""What items are known by, and the rules their codes are made by.

* GTIN: 8, 12, 13 or 14 digits, the last a check digit (GS1 General Specifications, 7.9). It is kept
  as 14.
* NDC: labeler, product and package, printed as 4-4-2, 5-3-2 or 5-4-1 and billed as 5-4-2 (21 CFR
  207.33; the zero goes in front of the part that is short). Kept as 5-4-2.
* UNSPSC: eight digits, two for each of segment, family, class and commodity.

An item is kept, ordered, sent and recalled under one spelling of its code, so that whoever looks
for it finds all of it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from domain.rules import refusal, text


class ItemSystem(StrEnum):
    """Whose code an item is known by. A UDI-DI that is no GTIN is of HIBCC or ICCBBA."""

    GTIN = "GTIN"
    NDC = "NDC"
    UDI_DI = "UDI-DI"
    UNSPSC = "UNSPSC"
    OWN = "own"


def check_digit(digits: str) -> int:
    """The check digit that belongs behind these digits: every other one, from the right, thrice."""
    total = sum(int(each) * (3, 1)[place % 2] for place, each in enumerate(reversed(digits)))
    return -total % 10


def gtin(code: str, named: str = "code") -> str:
    """A GTIN as fourteen digits. Refuses with ``catalog_item.gtin``, and tells the digit due."""
    plain = code.strip()
    if not re.fullmatch("[0-9]{8}|[0-9]{12,14}", plain):
        raise refusal("catalog_item.gtin", named, plain, "must have 8, 12, 13 or 14 digits")
    if (due := check_digit(plain[:-1])) != int(plain[-1]):
        raise refusal("catalog_item.gtin", named, plain, f"must end with the check digit {due}")
    return plain.zfill(14)


def ndc(code: str, named: str = "code") -> str:
    """An NDC as 5-4-2. Refuses with ``catalog_item.ndc``.

    Ten digits without hyphens do not tell where a zero is missing, and are refused, not guessed.
    """
    plain = code.strip()
    if re.fullmatch("[0-9]{11}", plain):
        return f"{plain[:5]}-{plain[5:9]}-{plain[9:]}"
    parts = plain.split("-")
    if not re.fullmatch("[0-9-]+", plain) or tuple(map(len, parts)) not in NDC_SHAPES:
        rule = "must be 4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits with hyphens, or 11 digits"
        raise refusal("catalog_item.ndc", named, plain, rule)
    labeler, product, package = parts
    return f"{labeler.zfill(5)}-{product.zfill(4)}-{package.zfill(2)}"


NDC_SHAPES = ((4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2))


def unspsc(code: str, named: str = "code") -> str:
    """An UNSPSC code. Refuses with ``catalog_item.unspsc``."""
    plain = code.strip()
    if not re.fullmatch("[0-9]{8}", plain):
        raise refusal("catalog_item.unspsc", named, plain, "must have eight digits")
    return plain


def other(code: str, named: str = "code") -> str:
    """A code of a system whose rules are not known here. Refuses with ``catalog_item.code``."""
    plain = code.strip()
    if not re.fullmatch("[!-~]([ -~]{0,78}[!-~])?", plain):
        raise refusal("catalog_item.code", named, plain, "must have 1 to 80 ASCII characters")
    return plain


def normal(system: ItemSystem, code: str, named: str = "code") -> str:
    """A code as it is kept. Refuses what the rules of its system do not allow."""
    match system:
        case ItemSystem.GTIN:
            return gtin(code, named)
        case ItemSystem.NDC:
            return ndc(code, named)
        case ItemSystem.UNSPSC:
            return unspsc(code, named)
        case _:
            return other(code, named)


def as_kept(noun: str, item_system: str, item_code: str) -> tuple[str, str]:
    """The system and the code an item is kept under. Codes of systems whose rules are known are
    spelled as in the catalog, and refused where they break them; of others nothing is known.
    """
    system = text(noun, "item_system", item_system, longest=40)
    code = text(noun, "item_code", item_code, longest=80)
    for known in ItemSystem:
        if known.casefold() == system.casefold():
            return known.value, normal(known, code, "item_code")
    return system, code
