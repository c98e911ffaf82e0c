"""Hours for payroll: a facility's attendance in a period, as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint

from projections import queries
from projections.workforce import attendance_list
from projections.workforce.attendance import AttendanceEntry
from web import documents
from web.api import entered, serve
from web.problems import Problem
from web.schemas import Day

PATH = "/facilities/<uuid:facility_id>/payroll.csv"
LONGEST = timedelta(days=92)
COLUMNS = (
    "staff_id",
    "week",
    "on",
    "department_id",
    "job",
    "came_at",
    "left_at",
    "hours",
    "entry",
    "corrects",
)


class Period(ma.Schema):
    """The days whose attendance is asked for, both included."""

    class Meta:
        unknown = ma.RAISE

    on_from = Day(required=True)
    on_to = Day(required=True)


def payroll(asked: dict[str, Any], facility_id: UUID) -> flask.Response:
    """The ended attendances of a period, one line each, in the order of people and days."""
    first, last = asked["on_from"], asked["on_to"]
    if not timedelta(0) <= last - first <= LONGEST:
        raise Problem(
            409, "payroll.period", f"A period ends after it begins, within {LONGEST.days} days."
        )
    at, scope = entered(PATH, {"facility_id": facility_id})
    rows: list[AttendanceEntry] = []
    cursor = None
    while True:
        with at.pool.connection() as connection:
            try:
                page = queries.page(
                    connection,
                    attendance_list,
                    scope=scope,
                    filters={"on_from": first, "on_to": last},
                    cursor=cursor,
                    limit=queries.LARGEST_PAGE,
                )
            except queries.NotReady as error:
                raise Problem(503, "read_model.not_ready", str(error)) from error
        rows += map(attendance_list.row_of, page.rows)
        cursor = page.next_cursor
        if cursor is None:
            break
    response = flask.Response(written(rows), mimetype="text/csv")
    name = f"payroll-{first}-{last}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def written(rows: Iterable[AttendanceEntry]) -> str:
    """The attendances that have ended, as lines. Hours have two decimal places."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for each in sorted(rows, key=lambda row: (str(row.staff_id), row.came_at)):
        if each.left_at is not None:
            lines.writerow(
                [
                    each.staff_id,
                    _monday(each.on),
                    each.on,
                    each.department_id,
                    each.job,
                    each.came_at.isoformat(),
                    each.left_at.isoformat(),
                    f"{each.minutes / 60:.2f}",
                    each.entry,
                    "" if each.corrects is None else each.corrects,
                ]
            )
    return text.getvalue()


def register(desk: Blueprint) -> None:
    """Add the address of the file."""
    document = {
        "summary": "A facility's hours, for payroll.",
        "description": payroll.__doc__,
        "responses": {
            "200": {
                "description": "The file.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            },
            **documents.problems(),
        },
    }
    serve(desk, PATH, payroll, Period(), document)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
