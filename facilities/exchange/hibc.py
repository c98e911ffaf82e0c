"""What a label of the Health Industry Bar Code says (ANSI/HIBC 2.6, Supplier Labeling Standard).

Each begins with ``+`` and ends with a check character, modulo 43 of all before it (appendix B):

* the **primary** data: who labels it (LIC, four characters), their number of the product (1 to 18)
  and a digit for the unit of measure (4.3.1). The three together are the device identifier;
* the **secondary** data: an expiry in one of several spellings, and the lot or the serial number
  (4.3.2). Standing alone it ends with the check character of its primary, the link, and its own;
* or both, with a ``/`` between them, and perhaps data identifiers after others of these:
  ``S`` a serial number, ``14D`` an expiry, ``16D`` the day it was made (4.3.3).

Of two years' digits the century is this one (c). An expiry of a month is its last day, as on labels
of GS1. Quantities and hours on the label are read over.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""What there may be on a label; each stands for its place here in the check."""

_PRIMARY = re.compile(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]")
_LOT = re.compile(r"[A-Z0-9. -]{0,18}")
_IDENTIFIED = re.compile(r"([0-9]{0,3}[A-Z])(.+)")


class BadHibc(ValueError):
    """A label that breaks the standard; the message tells the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hibc:
    """What a label says; what is not on it is None. `device` is labeler, product and unit."""

    device: str | None = None
    lot: str | None = None
    serial: str | None = None
    expires_on: date | None = None


def check_character(text: str) -> str:
    """The check character that belongs behind a text."""
    return CHARACTERS[sum(map(CHARACTERS.index, text)) % len(CHARACTERS)]


def read_hibc(scanned: str) -> Hibc:
    """Read a label that begins with ``+``. Raises BadHibc.

    1. Every character must be one of the 43; where the check character is a blank it is printed
       as ``_``.
    2. The check character must be due. Nothing is read of a label on which it is not.
    3. What begins with a letter is primary data, up to the first ``/``; what does not is secondary
       data alone, and has the link before the check character.
    """
    text = scanned[:-1] + " " if scanned.endswith("_") else scanned
    if strange := [each for each in text if each not in CHARACTERS]:
        raise BadHibc(f"has {strange[0]!r}, which no HIBC label has")
    body, given = text[:-1], text[-1]
    if (due := check_character(body)) != given or body in ("", "+"):
        raise BadHibc(f"Invalid HIBC check character: Expected {due!r}, got {given!r}")
    if not body[1].isalpha():
        return _with(Hibc(), _secondary(body[1:-1]))
    primary, *others = body[1:].split("/")
    if not _PRIMARY.fullmatch(primary):
        raise BadHibc(f"{primary} is no labeler, product and unit of measure of HIBC")
    label = Hibc(device=primary)
    for place, each in enumerate(others):
        plain = place == 0 and (each[:1] == "$" or re.match("[0-9]{5}", each))
        label = _with(label, _secondary(each) if plain else _identified(each))
    return label


def _with(label: Hibc, other: Hibc) -> Hibc:
    """Both together. Raises BadHibc where they do not say the same."""
    told = {}
    for name in Hibc.__slots__:
        one, another = getattr(label, name), getattr(other, name)
        if None not in (one, another) and one != another:
            raise BadHibc(f"says {name.replace('_', ' ')} twice: {one} and {another}")
        told[name] = another if one is None else one
    return Hibc(**told)


# --- secondary data ------------------------------------------------------------------------------


def _secondary(data: str) -> Hibc:
    """``$``, ``$+``, ``$$``, ``$$+`` or five digits; the serial number stands where a plus is."""
    if not data.startswith("$"):
        expires_on, rest = _dated(data, "5")
        return Hibc(expires_on=expires_on, lot=_number(rest))
    dated = data.startswith("$$")
    rest = data[2:] if dated else data[1:]
    serial = rest.startswith("+")
    rest = rest.removeprefix("+")
    expires_on = None
    if dated:
        if rest[:1] in ("8", "9"):
            rest = rest[3:] if rest[0] == "8" else rest[6:]
        if rest[:1] in ("0", "1"):
            expires_on, rest = _dated(rest, "0")
        elif rest:
            expires_on, rest = _dated(rest[1:], rest[0])
    number = _number(rest)
    if serial:
        return Hibc(expires_on=expires_on, serial=number)
    return Hibc(expires_on=expires_on, lot=number)


def _number(text: str) -> str | None:
    if not _LOT.fullmatch(text):
        raise BadHibc(f"{text} is no lot and no serial number of HIBC")
    return text or None


def _month(digits: str) -> date:
    month, year = int(digits[:2]), 2000 + int(digits[2:])
    return date(year, month, monthrange(year, month)[1])


def _julian(digits: str) -> date:
    year, day = 2000 + int(digits[:2]), int(digits[2:5])
    found = date(year, 1, 1) + timedelta(days=day - 1)
    if found.year != year:
        raise ValueError
    return found


def _year_first(digits: str) -> date:
    return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))


def _month_first(digits: str) -> date:
    return _year_first(digits[4:6] + digits[:4])


_SPELLINGS: dict[str, tuple[int, Callable[[str], date]]] = {
    "0": (4, _month),
    "2": (6, _month_first),
    "3": (6, _year_first),
    "4": (8, _year_first),
    "5": (5, _julian),
    "6": (7, _julian),
}
"""How an expiry is spelled, by the digit before it: how many digits it has, and what they mean."""


def _dated(text: str, spelling: str) -> tuple[date | None, str]:
    """The expiry, and what comes after it."""
    if spelling == "7":
        return None, text
    if spelling not in _SPELLINGS:
        raise BadHibc(f"{spelling}{text} spells no expiry of HIBC")
    length, meaning = _SPELLINGS[spelling]
    digits = text[:length]
    try:
        if not re.fullmatch(f"[0-9]{{{length}}}", digits):
            raise ValueError
        return meaning(digits), text[length:]
    except ValueError:
        raise BadHibc(f"{digits} is no date of HIBC") from None


def _identified(data: str) -> Hibc:
    """What a data identifier tells (ANSI MH10.8.2); of others than these nothing is read."""
    found = _IDENTIFIED.fullmatch(data)
    if found is None:
        raise BadHibc(f"{data!r} has no data identifier")
    identifier, value = found.groups()
    if identifier == "S":
        return Hibc(serial=value)
    if identifier == "14D":
        try:
            if not re.fullmatch("[0-9]{8}", value):
                raise ValueError
            return Hibc(expires_on=date(int(value[:4]), int(value[4:6]), int(value[6:])))
        except ValueError:
            raise BadHibc(f"{value} is no date of HIBC") from None
    return Hibc()
