"""What will be used of an item, out of what was used of it until now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
import psycopg
from flask_smorest import Blueprint
from marshmallow import validate

from facilities.forecasting import Forecast, Method, forecast, smoothing
from projections import queries
from projections.blocks import Facts
from projections.supply import stock_use
from projections.supply.figures import month_after, used_by_month
from web import barcodes, documents
from web.api import entered, serve
from web.moments import AsOf, asked_moment
from web.reading import answered
from web.schemas import Text

PATHS = ("/facilities/<uuid:facility_id>/demand-forecast", "/system/demand-forecast")
FARTHEST = 24
"""Months ahead that anything is told of."""

ITEM = ("item_system", "item_code")


@dataclass(frozen=True, slots=True)
class Demand:
    """What will be used of an item, month by month, in its smallest unit."""

    item_system: str
    item_code: str
    months: tuple[str, ...]
    forecast: Forecast

    def to_json(self) -> dict[str, object]:
        told = asdict(self.forecast)
        demand = told.pop("demand")
        return {
            "item_system": self.item_system,
            "item_code": self.item_code,
            **told,
            "demand": [
                {"month": month, "quantity": round(quantity, 2)}
                for month, quantity in zip(self.months, demand, strict=True)
            ],
        }


def demand(
    connection: psycopg.Connection[Any],
    ledger: Facts,
    scope: Sequence[UUID] | None,
    filters: Mapping[str, Any],
    ahead: int,
    *,
    today: date,
    as_of: int | None = None,
) -> Iterator[Demand]:
    """The demand of each item in the months ahead, the one of `today` being the first: it is not
    over yet, and nothing is learned from it.

    Raises projections.queries.NotReady.
    """
    rows = queries.total(
        connection,
        stock_use,
        scope=scope,
        by=(*ITEM, "month"),
        filters=filters,
        as_of=as_of,
        ledger=ledger,
    )
    first = f"{today:%Y-%m}"
    months = [first]
    while len(months) < ahead:
        months.append(month_after(months[-1]))
    for (system, code), of_item in groupby(rows, key=lambda row: (row[ITEM[0]], row[ITEM[1]])):
        if series := used_by_month(of_item, first):
            told = forecast(series, ahead, smoothing())
            yield Demand(system, code, tuple(months), told)


class Asked(AsOf):
    """Which item, and how far ahead."""

    item_system = Text(required=True, validate=validate.Length(min=1, max=40))
    item_code = Text(required=True, validate=validate.Length(min=1, max=80))
    barcode = Text(metadata={"description": barcodes.TOLD})
    months = ma.fields.Integer(load_default=3, validate=validate.Range(min=1, max=FARTHEST))

    @ma.pre_load
    def scanned(self, given: Any, **_: Any) -> Any:
        return barcodes.read(given, barcodes.OF_AN_ITEM)


def demand_forecast(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """The demand of an item in the months to come, by the method that was less off in the last
    months, and how far off it was. There is none where nothing was used yet."""
    of_facility, of_system = PATHS
    at, scope = entered(of_facility if path else of_system, path)
    ahead = asked.pop("months")
    as_of, position = asked_moment(at, stock_use, asked)
    today = datetime.now(UTC).date()
    with at.pool.connection() as connection:
        found = [*demand(connection, at.seen, scope, asked, ahead, today=today, as_of=as_of)]
    return answered({"items": [each.to_json() for each in found]}, position)


_ERROR = {"type": ["number", "null"]}
_TOLD: dict[str, Any] = {
    **{each: {"type": "string"} for each in ITEM},
    "method": {"type": "string", "enum": [each.value for each in Method]},
    "held": {"type": "integer", "description": "Months that were held back to try methods on."},
    **dict.fromkeys(("mae", "baseline_mae", "wape", "mase"), _ERROR),
    "demand": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["month", "quantity"],
            "properties": {"month": {"type": "string"}, "quantity": {"type": "number"}},
        },
    },
}


def register(desk: Blueprint) -> None:
    """Add the addresses of the forecast."""
    said = demand_forecast.__doc__ or ""
    answer = {
        "type": "object",
        "required": ["items", "position"],
        "properties": {
            "items": {
                "type": "array",
                "items": {"type": "object", "required": [*_TOLD], "properties": _TOLD},
            },
            "position": {"type": "integer"},
        },
    }
    document = {
        "summary": "What will be used of an item.",
        "description": said,
        "responses": {
            "200": {
                "description": "The forecast.",
                "content": {"application/json": {"schema": answer}},
            },
            **documents.problems(),
        },
    }
    for path in PATHS:
        serve(desk, path, demand_forecast, Asked(), document)
