"""Rows as JSON has them, for the API: straight from the columns, without a schema.

Lists are written by PostgreSQL (`as_json`), other rows here (`render`); a client cannot tell which.
Amounts become decimal text with their currency's places (``"12.30"``), identities text, days and
instants ISO 8601 (instants in UTC, with Z). Other numbers stay numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from psycopg import sql

from domain.kernel import FACTS
from domain.money import CURRENCIES, decimal_text, minor_digits
from domain.personal import personal_fields
from projections.columns import Column
from projections.kernel import ReadModel

Told = Callable[[Any], Any]

MASK = "•••"
"""What is shown in the place of what somebody may not see."""


def personal_columns(model: ReadModel[Any]) -> frozenset[str]:
    """The columns of a model in which anything is personal."""
    row: Any = model.row
    return frozenset(personal_fields(row))


@cache
def person_column(model: ReadModel[Any]) -> str | None:
    """The column that tells whose a row is, where nothing else in it is personal."""
    kinds: list[Any] = [*FACTS.values()]
    whose = {each.person for each in kinds if personal_fields(each)} & model.column.keys()
    return min(whose) if len(whose) == 1 and whose == personal_columns(model) else None


def render(
    model: ReadModel[Any] | Sequence[Column],
    rows: Iterable[Sequence[Any]],
    hidden: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Rows of a model, or of a choice of columns, as dicts ready for a JSON encoder; what is in the
    columns that are `hidden` is not told, but that there is something."""
    columns = model.columns if isinstance(model, ReadModel) else model
    names = [each.name for each in columns]
    plain = [(place, _TOLD[each.kind]) for place, each in enumerate(columns) if each.kind in _TOLD]
    amounts = [place for place, each in enumerate(columns) if each.minor]
    currency = names.index("currency") if amounts else 0
    unseen = [place for place, name in enumerate(names) if name in hidden]
    rendered = []
    for row in rows:
        values = list(row)
        for place, tell in plain:
            if values[place] is not None:
                values[place] = tell(values[place])
        for place in amounts:
            if values[place] is not None:
                values[place] = decimal_text(values[place], values[currency])
        for place in unseen:
            if values[place] is not None:
                values[place] = MASK
        rendered.append(dict(zip(names, values, strict=True)))
    return rendered


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


_TOLD: dict[str, Told] = {
    "uuid": str,
    "date": lambda value: value.isoformat(),
    "timestamptz": _instant,
    "numeric": _number,
}


# --- in SQL --------------------------------------------------------------------------------------

MOST_ARGUMENTS = 100
"""What PostgreSQL lets a function be given."""


def _with_digits(digits: int) -> str:
    found = [each for each in sorted(CURRENCIES) if minor_digits(each) == digits]
    return f"'{{{','.join(found)}}}'"


UNIT = sql.SQL(
    f"CASE WHEN currency = ANY ({_with_digits(0)}) THEN 1"
    f" WHEN currency = ANY ({_with_digits(3)}) THEN 0.001 ELSE 0.01 END"
)
"""What an amount in minor units is multiplied by; the product has the currency's places."""


def as_json(columns: Sequence[Column], hidden: Collection[str] = ()) -> sql.Composable:
    """An expression for a row as a JSON object, its members in the order of the columns. Amounts
    are multiplied by the row's `__unit`. `hidden` is as in `render`. Days are ISO 8601 in JSON,
    whatever DateStyle is, and take half as long as `to_char`.

    One `concat` of everything: json_build_object and row_to_json look up how to print a type for
    each value, and take half as long again.
    """
    pieces: list[sql.Composable] = []
    text = "{"
    for column in columns:
        value, quoted = _unseen(column) if column.name in hidden else _value_as_json(column)
        quote = '"' if quoted else ""
        pieces += [sql.Literal(f'{text}"{column.name}":{quote}'), value]
        text = f"{quote},"
    pieces.append(sql.Literal(text.removesuffix(",") + "}"))
    while len(pieces) > 1:
        groups = [
            pieces[begin : begin + MOST_ARGUMENTS]
            for begin in range(0, len(pieces), MOST_ARGUMENTS)
        ]
        pieces = [sql.SQL("concat({})").format(sql.SQL(", ").join(each)) for each in groups]
    return pieces[0]


def _unseen(column: Column) -> tuple[sql.Composable, bool]:
    present = sql.SQL("CASE WHEN {} IS NULL THEN 'null' ELSE {} END")
    return present.format(sql.Identifier(column.name), sql.Literal(f'"{MASK}"')), False


def _value_as_json(column: Column) -> tuple[sql.Composable, bool]:
    """A column's value, and whether quotes belong around it."""
    told, quoted = _IN_SQL[column.kind]
    if column.minor:
        told, quoted = sql.SQL("{} * __unit"), True
    elif column.enum is not None:
        told, quoted = sql.SQL("{}"), True
    value = told.format(sql.Identifier(column.name))
    if not column.nullable:
        return value, quoted
    present = sql.SQL("""'"' || ({}) || '"'""" if quoted else "({})::text").format(value)
    return sql.SQL("coalesce({}, 'null')").format(present), False


_IN_SQL: dict[str, tuple[sql.SQL, bool]] = {
    "uuid": (sql.SQL("{}"), True),
    "text": (sql.SQL("to_json({})"), False),
    "bigint": (sql.SQL("{}"), False),
    "boolean": (sql.SQL("{}::text"), False),
    "date": (sql.SQL("to_json({})"), False),
    "timestamptz": (
        sql.SQL(
            """replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),"""
            " '.000000Z', 'Z')"
        ),
        True,
    ),
    "numeric": (sql.SQL("trim_scale({})"), False),
    "jsonb": (sql.SQL("{}"), False),
}
"""How each kind of column is told, and whether in quotes."""
