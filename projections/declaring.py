"""What a declaration of a read model must hold to, so that it cannot fail later at a desk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, cast, get_type_hints
from uuid import UUID

from domain.kernel import Fact
from projections.columns import SORTABLE, Column

if TYPE_CHECKING:
    from projections.kernel import ReadModel, Summary

_NAME = re.compile(r"[a-z](_?[a-z0-9])*")
_LONGEST_NAME = 32
_TAKEN = ("checkpoints", "courses", "positions")


def check_name_and_row(name: str, row: type[Any]) -> None:
    """The name can be a table's, with suffixes; the row is frozen. Raises TypeError."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise TypeError(f"{name!r} is no name for a table (a-z, 0-9, single _, at most 32)")
    if name.endswith(("_history", "_reach")) or name in _TAKEN:
        raise TypeError(f"{name!r} would be taken for another table")
    if not is_dataclass(row) or not cast(Any, row).__dataclass_params__.frozen:
        raise TypeError(f"{name}: a row is a frozen dataclass")


def check_columns(model: ReadModel[Any]) -> None:
    """The columns a list is keyed, sorted, scoped and told apart by can be. Raises TypeError."""
    name, columns = model.name, model.column
    indexed = (one for group in model.indexes for one in group)
    for each in (*model.key, *model.order, *indexed, *model.fixed):
        if each not in columns:
            raise TypeError(f"{name}: no column {each!r}")
    if not model.key:
        raise TypeError(f"{name}: a row needs a key")
    for each in model.sort:
        if columns[each].nullable or columns[each].kind not in SORTABLE:
            raise TypeError(f"{name}: rows cannot be found or sorted by {each!r}")
        if columns[each].personal:
            raise TypeError(f"{name}: a cursor would carry the personal {each!r}")
    if model.fixed and not model.lasting:
        raise TypeError(f"{name}: what is fixed is of use to a lasting list")
    if model.local and not model.scoped:
        raise TypeError(f"{name}: rows of no facility are not local")
    for reserved in ("valid_from", "valid_to"):
        if reserved in columns:
            raise TypeError(f"{name}: {reserved!r} is the ledger's word, choose another")
    if any(each.minor for each in model.columns) and not _is_plain(columns, "currency", "text"):
        raise TypeError(f"{name}: money needs a `currency: str` in its row")
    if model.scoped and not _is_plain(columns, "facility_id", "uuid"):
        raise TypeError(f"{name}: a row of a facility has a `facility_id: UUID`")


def check_place(model: ReadModel[Any], fact: type[Fact]) -> None:
    """A fact that is folded into a `local` model tells its facility. Raises TypeError."""
    if model.local and get_type_hints(fact).get("facility_id") is not UUID:
        raise TypeError(f"{model.name} is local, and {fact.name} tells no facility")


def check_figures(summary: Summary[Any]) -> None:
    """The figures of a summary can be added up over facilities. Raises TypeError."""
    name, columns = summary.name, summary.column
    if not summary.dimensions or summary.dimensions[0] != "facility_id":
        raise TypeError(f"{name}: the first dimension of a summary is facility_id")
    for each in summary.carried:
        plain = _is_plain(columns, each, "text") and columns[each].enum is None
        if each in summary.dimensions or not plain:
            raise TypeError(f"{name}: {each!r} cannot be carried")
    for measure in summary.measures:
        if measure.kind != "bigint" or measure.nullable:
            raise TypeError(f"{name}: {measure.name!r} cannot be added up")
    if not summary.measures:
        raise TypeError(f"{name}: a summary without figures")


def _is_plain(columns: Mapping[str, Column], name: str, kind: str) -> bool:
    column = columns.get(name)
    return column is not None and column.kind == kind and not column.nullable
