"""Which code tables are loaded, in which editions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.revenue.events.code_table import CareSetting, CodeTable, CodeTablePublished
from projections.kernel import Key, ReadModel


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTable:
    """An edition of a table: from which day on it holds, and how many codes are in it."""

    table_id: UUID
    effective_from: date
    table: CodeTable
    setting: CareSetting
    edition: str
    codes: int
    pages: int


code_table_list = ReadModel(
    "code_table_list",
    row=LoadedTable,
    key=("table_id", "effective_from"),
    order="effective_from",
    newest_first=True,
    desk="billing: which tables claims are held against, and from when on",
)


def _edition(event: Recorded[CodeTablePublished]) -> Key:
    return event.fact.table_id, event.fact.valid_from


@code_table_list.on(CodeTablePublished, key=_edition)
def published(
    row: LoadedTable | None,  # noqa: ARG001 - what was loaded with a mistake is loaded again
    event: Recorded[CodeTablePublished],
) -> LoadedTable | None:
    fact = event.fact
    return LoadedTable(
        table_id=fact.table_id,
        effective_from=fact.valid_from,
        table=fact.table,
        setting=fact.setting,
        edition=fact.edition,
        codes=fact.codes,
        pages=len(fact.pages),
    )
