"""What the use of stock comes to, and what of it expires: figures that are made of read models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from marshmallow import validate

from projections import queries
from projections.organization import facility_directory
from projections.supply import stock_lots, stock_use
from projections.supply.costs import stock_costs
from projections.supply.figures import BUCKETS, expiring, figures_of
from projections.supply.values import Values, values_of
from web import barcodes, documents
from web.api import entered, serve
from web.doors import Doors
from web.moments import A_MONTH, AsOf, asked_moment, caught_up
from web.problems import Problem
from web.reading import answered
from web.schemas import Day, Text

FACILITY = "/facilities/<uuid:facility_id>"
FIGURES = (f"{FACILITY}/stock-figures", "/system/stock-figures")
EXPIRING = (f"{FACILITY}/stock-expiring", "/system/stock-expiring")

LONGEST = 120
"""Months a period may have."""


class _AskedOfItems(AsOf):
    """Which items, and as of which moment."""

    item_system = Text(validate=validate.Length(min=1, max=40))
    item_code = Text(validate=validate.Length(min=1, max=80))
    barcode = Text(metadata={"description": barcodes.TOLD})

    @ma.pre_load
    def scanned(self, given: Any, **_: Any) -> Any:
        return barcodes.read(given, barcodes.OF_AN_ITEM)


class Period(_AskedOfItems):
    """The months whose figures are asked for, both included."""

    month_from = Text(required=True, validate=A_MONTH)
    month_to = Text(required=True, validate=A_MONTH)


class Until(_AskedOfItems):
    """The day from which it is counted when something expires; without one, today (UTC)."""

    on = Day()


def stock_figures(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """Turns, days on hand and wastage by expiry of each item in a period, by quantity and by value,
    with what each figure is divided by what. `by_value` is at the cost that was paid for a unit in
    the mean, in each currency; beside the items it tells all of them together."""
    first, last = asked.pop("month_from"), asked.pop("month_to")
    if not first <= last or _months(first, last) > LONGEST:
        rule = f"must be within {LONGEST} months from month_from ({first}) on"
        raise Problem(
            409,
            "stock_figures.period",
            f"A period ends after it begins, within {LONGEST} months.",
            details={"field": "month_to", "value": last, "rule": rule},
        )
    at, scope = _entered(FIGURES, path)
    as_of, position = asked_moment(at, stock_use, asked)
    with at.pool.connection() as connection:
        rows = queries.total(
            connection,
            stock_use,
            scope=scope,
            by=("item_system", "item_code", "month"),
            filters=asked,
            as_of=as_of,
            ledger=at.seen,
        )
    values = _values(at, scope, asked, as_of, position, (first, last))
    items = []
    for each in figures_of(rows, first, last):
        of_item = values.of((each.item_system, each.item_code))
        items.append({**each.to_json(), "by_value": [one.to_json() for one in of_item]})
    together = [each.to_json() for each in values.together()]
    return answered({"items": items, "by_value": together}, position)


def _values(
    at: Doors,
    scope: Sequence[UUID] | None,
    asked: dict[str, Any],
    as_of: int | None,
    position: int,
    period: tuple[str, str],
) -> Values:
    """The same by value: facility by facility, because each pays in its currency."""
    for model in (stock_costs, facility_directory):
        caught_up(at, model, position)
    told_apart: dict[str, Any] = {
        "scope": scope,
        "by": ("facility_id", "item_system", "item_code", "month"),
        "filters": asked,
        "as_of": as_of,
        "ledger": at.seen,
    }
    with at.pool.connection() as connection:
        use = queries.total(connection, stock_use, **told_apart)
        costs = queries.total(connection, stock_costs, **told_apart)
        places = {row["facility_id"] for row in use}
        found = queries.among(connection, facility_directory, "facility_id", places, scope=scope)
    facilities = map(facility_directory.row_of, found)
    currencies = {str(each.facility_id): each.currency for each in facilities}
    return values_of(use, costs, currencies, *period)


def stock_expiring(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """How much of each item has expired by a day, and expires within 30, 60 and 90 days of it."""
    on: date = asked.pop("on", None) or datetime.now(UTC).date()
    at, scope = _entered(EXPIRING, path)
    as_of, position = asked_moment(at, stock_lots, asked)
    filters = {**asked, "expires_on_to": on + timedelta(days=BUCKETS[-1]), "on_hand_from": 1}
    lots: list[Any] = []
    cursor = None
    while True:
        with at.pool.connection() as connection:
            page = queries.page(
                connection,
                stock_lots,
                scope=scope,
                filters=filters,
                cursor=cursor,
                limit=queries.LARGEST_PAGE,
                as_of=as_of,
            )
        lots += map(stock_lots.row_of, page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return answered({"items": expiring(lots, on)}, position)


def _entered(routes: tuple[str, str], path: dict[str, UUID]) -> tuple[Doors, Sequence[UUID] | None]:
    of_facility, of_system = routes
    return entered(of_facility if path else of_system, path)


def _months(first: str, last: str) -> int:
    years = int(last[:4]) - int(first[:4])
    return years * 12 + int(last[5:]) - int(first[5:]) + 1


_ITEM: dict[str, Any] = {"item_system": {"type": "string"}, "item_code": {"type": "string"}}
_RATIOS = dict.fromkeys(("turns", "days_on_hand", "expiry_wastage"), documents.RATIO)
_VALUES = {
    "currency": {"type": "string"},
    **{each: {"type": "string"} for each in ("issued", "on_hand")},
    "unvalued": {"type": "integer"},
    **_RATIOS,
}
_BY_VALUE = {
    "by_value": {
        "type": "array",
        "items": {"type": "object", "required": [*_VALUES], "properties": _VALUES},
    }
}
_FIGURES = {
    **_ITEM,
    **{each: {"type": "integer"} for each in ("on_hand", "issued", "expired")},
    **_RATIOS,
    **_BY_VALUE,
}
_EXPIRING = {
    **_ITEM,
    **{each: {"type": "integer"} for each in ("lots", "expired")},
    **{f"within_{days}": {"type": "integer"} for days in BUCKETS},
}


def register(desk: Blueprint) -> None:
    """Add the addresses of the figures."""
    for addresses, view, schema, told, beside in (
        (FIGURES, stock_figures, Period(), _FIGURES, _BY_VALUE),
        (EXPIRING, stock_expiring, Until(), _EXPIRING, {}),
    ):
        for address in addresses:
            document = _document(view.__doc__ or "", told, beside)
            serve(desk, address, view, schema, document)


def _document(said: str, told: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    answer = {
        "type": "object",
        "required": ["items", "position", *beside],
        "properties": {
            **beside,
            "items": {
                "type": "array",
                "items": {"type": "object", "required": [*told], "properties": told},
            },
            "position": {"type": "integer"},
        },
    }
    return {
        "summary": said.partition(".")[0],
        "description": said,
        "responses": {
            "200": {
                "description": "The figures.",
                "content": {"application/json": {"schema": answer}},
            },
            **documents.problems(),
        },
    }
