"""What a list may be asked for: ``payer_id=…``, ``service_on_from=…``, ``service_on_to=…``.

Every filterable column can be asked for a value; days, instants and numbers also from and to one
(both included). What a row may name or not name can be asked for by its absence:
``payer_id_absent=true``. Values come as text, as a client writes them, or as the column's own type.
Amounts are decimal, and need the currency they are in: amounts of two currencies do not compare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from psycopg import sql

from domain.money import minor_units
from projections.columns import RANGED, Column
from projections.kernel import ReadModel

LARGEST = 2**63 - 1

ABSENT = "IS NULL ="
"""The comparison that asks whether a row names nothing there."""


class UnknownFilter(ValueError):
    """The model has no such filter."""

    def __init__(self, model: ReadModel[Any], field: str) -> None:
        super().__init__(f"{model.name} cannot be filtered by {field!r}")
        self.field = field
        self.known = tuple(filter_names(model))


class BadValue(ValueError):
    """A filter's value does not read as one; `rule` says what it must be."""

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field, self.value, self.rule = field, value, rule


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: column, comparison, value as it is bound."""

    name: str
    column: Column
    comparison: str
    value: Any

    @property
    def sql(self) -> sql.Composed:
        if self.comparison == ABSENT:
            return sql.SQL("({} IS NULL) = %s::boolean").format(sql.Identifier(self.column.name))
        return sql.SQL("{} {} {}").format(
            sql.Identifier(self.column.name), sql.SQL(self.comparison), placeholder(self.column)
        )


def placeholder(column: Column) -> sql.SQL:
    """A placeholder of the column's type, so that an index on it answers."""
    return sql.SQL(f"%s::{column.kind}")


def filter_names(model: ReadModel[Any]) -> dict[str, tuple[Column, str]]:
    """Every filter of a model, with its column and its comparison."""
    names: dict[str, tuple[Column, str]] = {}
    for column in model.columns:
        if column.filterable and column.kind in RANGED:
            names[f"{column.name}_from"] = (column, ">=")
            names[f"{column.name}_to"] = (column, "<=")
        if column.filterable and column.kind == "uuid" and column.nullable:
            names[f"{column.name}_absent"] = (column, ABSENT)
    # A column's own name goes before what another one's from and to would be called.
    names.update((each.name, (each, "=")) for each in model.columns if each.filterable)
    return names


def parse_filters(model: ReadModel[Any], given: Mapping[str, Any]) -> list[Filter]:
    """The conditions of a request. Raises `UnknownFilter` and `BadValue`."""
    known = filter_names(model)
    parsed = []
    for name in sorted(given):
        if name not in known:
            raise UnknownFilter(model, name)
        column, comparison = known[name]
        if comparison == ABSENT:
            value = _parsed(name, given[name], "boolean")
        elif column.minor:
            value = _amount(name, given[name], given.get("currency"))
        else:
            value = parse_value(name, given[name], column)
        parsed.append(Filter(name, column, comparison, value))
    return parsed


def parse_value(name: str, value: Any, column: Column) -> Any:
    """A value of a column's type. Raises `BadValue`."""
    if column.enum is not None:
        words = [each.value for each in column.enum]
        if value not in words:
            raise BadValue(name, value, f"must be one of {', '.join(words)}")
        return str(value)
    return _parsed(name, value, column.kind)


def _parsed(name: str, value: Any, kind: str) -> Any:
    parse, rule = _PARSERS[kind]
    try:
        return parse(value)
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        raise BadValue(name, value, rule) from None


def _amount(name: str, value: Any, currency: Any) -> int:
    if not isinstance(currency, str):
        raise BadValue(name, value, "needs the currency it is in, as a filter of its own")
    try:
        units = minor_units(Decimal(str(value)), currency)
    except (ValueError, InvalidOperation, OverflowError):
        raise BadValue(name, value, f"must be an amount in {currency}") from None
    if abs(units) > LARGEST:
        raise BadValue(name, value, f"must be an amount in {currency}")
    return units


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError
    value.encode()  # half a surrogate pair is no text
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError
    number = int(value)
    if abs(number) > LARGEST:
        raise OverflowError
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value] if value in ("true", "false") else _refuse()


def _refuse() -> bool:
    raise ValueError


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(value)


def _instant(value: Any) -> datetime:
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError
    return instant.astimezone(UTC)


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > 100:
        raise ValueError
    return number


_PARSERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "uuid": (_uuid, "must be a UUID"),
    "text": (_text, "must be a text"),
    "bigint": (_integer, "must be a whole number"),
    "boolean": (_boolean, "must be true or false"),
    "date": (_date, "must be a date (2026-03-14)"),
    "timestamptz": (_instant, "must be an instant with its offset (2026-03-14T15:00:00Z)"),
    "numeric": (_decimal, "must be a number"),
}
