"""The story of code tables: the codes of a classification, and what may not be billed together.

A table is loaded in editions, page by page; a page is what is looked up together: the codes of one
category, the pairs of one procedure. Tables belong to no facility.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain.kernel import Fact, Standing, fact, foreign_id


class CodeTable(StrEnum):
    """What a table holds."""

    ICD_10_CM = "icd-10-cm"
    """Every diagnosis that may be told, without its point."""
    HCPCS = "hcpcs"
    """Procedures, supplies and drugs: level II, and level I where it is licensed."""
    NCCI_PTP = "ncci-ptp"
    """Procedure-to-procedure edits: what is not paid beside what."""
    NCCI_MUE = "ncci-mue"
    """Medically unlikely edits: how many units are paid at most."""


class CareSetting(StrEnum):
    """Whose claims a table is for; the NCCI's differ."""

    ANY = "any"
    PRACTITIONER = "practitioner"
    OUTPATIENT_HOSPITAL = "outpatient-hospital"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """What a page says of a code, and on which days of service (both included).

    `indicator` is, of a pair, whether a modifier lets both be paid (0 none does, 1 one may, 9 the
    pair does not hold); of a limit, what it is for (1 a line, 2 and 3 a day). `units` is the limit.
    """

    code: str
    valid_from: date | None = None
    valid_to: date | None = None
    units: int | None = None
    indicator: str | None = None

    def holds_on(self, day: date) -> bool:
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def table_of(table: CodeTable, setting: CareSetting = CareSetting.ANY) -> UUID:
    """The stream of a table's editions."""
    return foreign_id("code_table", table, setting)


def page_of(table: CodeTable, setting: CareSetting, page: str) -> UUID:
    """The stream of a page of a table."""
    return foreign_id("code_page", table, setting, page)


def page_for(table: CodeTable, code: str) -> str:
    """The page a code is on: its category, its first two characters, or itself."""
    match table:
        case CodeTable.ICD_10_CM:
            return code[:3]
        case CodeTable.HCPCS | CodeTable.NCCI_MUE:
            return code[:2]
        case CodeTable.NCCI_PTP:
            return code
        case _:
            assert_never(table)


# --- facts -------------------------------------------------------------------------------------


@fact("code_page.listed", effective="valid_from")
class CodesListed(Fact):
    """All that a page says from a day on; it takes the place of what the page said before."""

    page_id: UUID
    table: CodeTable
    setting: CareSetting
    page: str
    entries: tuple[CodeEntry, ...]
    valid_from: date


@fact("code_table.published", effective="valid_from")
class CodeTablePublished(Fact):
    """An edition of a table is whole and holds from a day on. A code on none of its `pages` is not
    in it."""

    table_id: UUID
    table: CodeTable
    setting: CareSetting
    edition: str
    pages: tuple[str, ...]
    codes: int
    valid_from: date


# --- what others may know ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition of a table."""

    name: str
    valid_from: date
    pages: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTableStanding(Standing):
    """The editions of a table, the latest last."""

    editions: tuple[Edition, ...] = ()

    def on(self, day: date) -> Edition | None:
        """The edition that holds on a day."""
        return next((each for each in reversed(self.editions) if each.valid_from <= day), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePageStanding(Standing):
    """What a page says, and from which day on; the latest last."""

    listings: tuple[tuple[date, Mapping[str, CodeEntry]], ...] = ()

    def by(self, edition: Edition) -> Mapping[str, CodeEntry]:
        """What the page says in an edition."""
        begun = (each for day, each in reversed(self.listings) if day <= edition.valid_from)
        return next(begun, {})
