"""Code tables: ICD-10-CM and HCPCS, and CMS's correct coding edits (NCCI), as they are loaded.

Two aggregates. A **page** is listed, and listed anew where a later edition says otherwise. The
**table** is published edition by edition, when all of an edition's pages are listed. Editions come
in their order, so that what a page says in one of them never changes by what is loaded later; an
edition that was loaded with a mistake is loaded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, AtMost, Circumstances, Command, Decision, command
from domain.replacing import replace
from domain.revenue.events.code_table import (
    CareSetting,
    CodeEntry,
    CodePageStanding,
    CodesListed,
    CodeTable,
    CodeTablePublished,
    CodeTableStanding,
    Edition,
    page_of,
    table_of,
)

MOST_ENTRIES = 10_000
MOST_PAGES = 30_000
"""CMS's largest tables have some 12,000 pages, and at most some 3,000 entries on one (c)."""
CODE = "[A-Z0-9]{3,7}", "three to seven capitals or digits"
INDICATORS = {CodeTable.NCCI_PTP: frozenset("019"), CodeTable.NCCI_MUE: frozenset("123")}

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says, by the day from which on it does."""

    facility_id: UUID | None = None
    listings: tuple[tuple[date, Mapping[str, CodeEntry]], ...] = ()

    def evolve(self, fact: CodesListed) -> Page:
        says = MappingProxyType({each.code: each for each in fact.entries})
        before = tuple(each for each in self.listings if each[0] != fact.valid_from)
        return replace(self, listings=(*before, (fact.valid_from, says)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table's editions, the latest last."""

    facility_id: UUID | None = None
    editions: tuple[Edition, ...] = ()

    def evolve(self, fact: CodeTablePublished) -> Table:
        before = tuple(each for each in self.editions if each.valid_from != fact.valid_from)
        edition = Edition(
            name=fact.edition, valid_from=fact.valid_from, pages=frozenset(fact.pages)
        )
        return replace(self, editions=(*before, edition))


def _page(state: Page, page_id: UUID) -> CodePageStanding:
    return CodePageStanding(
        kind="code_page", id=page_id, open=True, status="listed", listings=state.listings
    )


def _table(state: Table, table_id: UUID) -> CodeTableStanding:
    return CodeTableStanding(
        kind="code_table", id=table_id, open=True, status="published", editions=state.editions
    )


code_page = Aggregate("code_page", Page(), standing=_page)
code_table = Aggregate("code_table", Table(), standing=_table)


# --- commands ----------------------------------------------------------------------------------


@command("page_id", creates=True)
class ListCodes(Command):
    """Say all that a page of a table says from a day on."""

    table: CodeTable
    page: str
    valid_from: date
    entries: Annotated[tuple[CodeEntry, ...], AtMost(MOST_ENTRIES)]
    setting: CareSetting = CareSetting.ANY

    @property
    def page_id(self) -> UUID:
        return page_of(self.table, self.setting, self.page)


@command("table_id", creates=True)
class PublishCodeTable(Command):
    """Put an edition of a table in force from a day on, with all of its pages."""

    table: CodeTable
    edition: str
    valid_from: date
    pages: Annotated[tuple[str, ...], AtMost(MOST_PAGES)]
    codes: int
    setting: CareSetting = CareSetting.ANY

    @property
    def table_id(self) -> UUID:
        return table_of(self.table, self.setting)


# --- decisions ---------------------------------------------------------------------------------


def _published(state: Page, command: ListCodes) -> list[UUID]:  # noqa: ARG001
    return [table_of(command.table, command.setting)]


@code_page.decides(consulting=_published)
def list_codes(state: Page, command: ListCodes, at: Circumstances) -> Decision:
    _for_its_setting("code_page", command.table, command.setting)
    rules.shaped("code_page", "page", command.page, "[A-Z0-9]{2,7}", "two to seven characters")
    rules.plausible("code_page", "valid_from", command.valid_from)
    rules.at_most("code_page", "entries", command.entries, MOST_ENTRIES)
    published = at.standings.get(table_of(command.table, command.setting))
    editions = published.editions if isinstance(published, CodeTableStanding) else ()
    days = [*(each.valid_from for each in editions), *(day for day, _ in state.listings)]
    _in_order("code_page", command.valid_from, days)
    for each in command.entries:
        _plausible(command.table, each)
    before = state.listings[-1][1] if state.listings else {}
    if before != {each.code: each for each in command.entries}:
        yield CodesListed(
            page_id=command.page_id,
            table=command.table,
            setting=command.setting,
            page=command.page,
            entries=command.entries,
            valid_from=command.valid_from,
        )


@code_table.decides
def publish(state: Table, command: PublishCodeTable, at: Circumstances) -> Decision:  # noqa: ARG001
    _for_its_setting("code_table", command.table, command.setting)
    name = rules.text("code_table", "edition", command.edition, longest=80)
    rules.plausible("code_table", "valid_from", command.valid_from)
    rules.at_most("code_table", "pages", command.pages, MOST_PAGES)
    rules.quantity("code_table", "codes", command.codes, zero_allowed=True)
    _in_order("code_table", command.valid_from, [each.valid_from for each in state.editions])
    edition = Edition(name=name, valid_from=command.valid_from, pages=frozenset(command.pages))
    if edition not in state.editions:
        yield CodeTablePublished(
            table_id=command.table_id,
            table=command.table,
            setting=command.setting,
            edition=name,
            pages=tuple(sorted(edition.pages)),
            codes=command.codes,
            valid_from=command.valid_from,
        )


# --- rules -------------------------------------------------------------------------------------


def _for_its_setting(noun: str, table: CodeTable, setting: CareSetting) -> None:
    """Correct coding edits are for a setting, and classifications for any."""
    if (setting is CareSetting.ANY) is (table in INDICATORS):
        rule = "must be a setting for the NCCI's tables, and any for the others"
        raise rules.refusal(f"{noun}.setting", "setting", setting, rule)


def _in_order(noun: str, valid_from: date, others: list[date]) -> None:
    """Editions come in their order: what is in force is never changed by an older one."""
    latest = max(others, default=valid_from)
    if valid_from < latest:
        rule = f"must not be before the latest edition ({latest})"
        raise rules.refusal(f"{noun}.older_edition", "valid_from", valid_from.isoformat(), rule)


def _plausible(table: CodeTable, entry: CodeEntry) -> None:
    rules.shaped("code_page", "code", entry.code, *CODE)
    rules.plausible("code_page", "valid_from", entry.valid_from)
    rules.plausible("code_page", "valid_to", entry.valid_to)
    rules.in_order("code_page", "valid_from", entry.valid_from, "valid_to", entry.valid_to)
    allowed = INDICATORS.get(table, frozenset())
    if allowed and entry.indicator not in allowed:
        rule = f"must be one of {', '.join(sorted(allowed))}"
        raise rules.refusal("code_page.indicator", "indicator", entry.indicator, rule)
    if table is CodeTable.NCCI_MUE:
        rules.quantity(
            "code_page", "units", -1 if entry.units is None else entry.units, zero_allowed=True
        )
