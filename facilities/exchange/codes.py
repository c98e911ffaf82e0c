"""Codes: which system a bare code is from, as far as its digits tell."""

from __future__ import annotations

from functools import lru_cache

from domain.revenue.events.claim import Code

SNOMED = "SNOMED-CT"


@lru_cache(maxsize=4096)
def coded(value: str) -> Code:
    """A procedure code of Synthea's with the system it is from, which its files leave out.

    Synthea writes SNOMED CT for procedures, CVX (two or three digits) for vaccines and RxNorm for
    medications. SNOMED CT concepts are known by their shape; other numbers go by their length.
    """
    if is_concept(value):
        return Code(system=SNOMED, value=value)
    if not (value.isascii() and value.isdecimal()):
        return Code(system="Synthea", value=value)
    return Code(system="CVX" if len(value) <= 3 else "RxNorm", value=value)


def is_concept(value: str) -> bool:
    """Whether a number can be a SNOMED CT concept identifier.

    That is six to eighteen digits, of which the last is Verhoeff's check digit and the two before
    it say what is identified: 00 and 10 are concepts (SNOMED CT Release File Specification,
    "SCTID").
    """
    if not (value.isascii() and value.isdecimal() and 6 <= len(value) <= 18):
        return False
    check = 0
    for place, digit in enumerate(reversed(value)):
        check = _times(check, _PERMUTED[place % 8][int(digit)])
    return check == 0 and value[-3:-1] in ("00", "10")


def _times(a: int, b: int) -> int:
    """Multiplication in the dihedral group of order ten: five turns (0-4), five flips (5-9)."""
    if a < 5:
        return (a + b) % 5 if b < 5 else (a + b) % 5 + 5
    return (a - b) % 5 + 5 if b < 5 else (a - b) % 5


def _permutations() -> list[list[int]]:
    found = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    while len(found) < 8:
        found.append([found[1][each] for each in found[-1]])
    return found


_PERMUTED = _permutations()
