"""Rows as JSON has them, for the API: straight from the values of the columns, without a schema.

Amounts become decimal text with their currency's places (``"12.30"``), identities text, days and
instants ISO 8601 (instants in UTC, with Z). Other numbers stay numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from domain.money import decimal_text
from projections.columns import Column
from projections.kernel import ReadModel

Told = Callable[[Any], Any]


def render(
    model: ReadModel[Any] | Sequence[Column], rows: Iterable[Sequence[Any]]
) -> list[dict[str, Any]]:
    """Rows of a model, or of a choice of columns, as dicts ready for a JSON encoder."""
    columns = model.columns if isinstance(model, ReadModel) else model
    names = [each.name for each in columns]
    plain = [(place, _TOLD[each.kind]) for place, each in enumerate(columns) if each.kind in _TOLD]
    amounts = [place for place, each in enumerate(columns) if each.minor]
    currency = names.index("currency") if amounts else 0
    rendered = []
    for row in rows:
        values = list(row)
        for place, tell in plain:
            if values[place] is not None:
                values[place] = tell(values[place])
        for place in amounts:
            if values[place] is not None:
                values[place] = decimal_text(values[place], values[currency])
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
