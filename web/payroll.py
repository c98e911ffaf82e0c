"""Hours for payroll, as CSV files: a facility's attendance in a period, and its people's weeks."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint

from projections import queries
from projections.kernel import ReadModel
from projections.workforce import attendance_list, hours_worked
from projections.workforce.attendance import AttendanceEntry, WorkedWeek
from projections.workforce.coverage import monday
from web import documents
from web.api import entered, serve
from web.problems import Problem
from web.schemas import Day

PATH = "/facilities/<uuid:facility_id>/payroll.csv"
WEEKS = "/facilities/<uuid:facility_id>/payroll-weeks.csv"
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
COLUMNS_OF_WEEKS = ("staff_id", "week", "hours", "regular_hours", "overtime_hours", "attendances")


class Period(ma.Schema):
    """The days whose attendance is asked for, both included."""

    class Meta:
        unknown = ma.RAISE

    on_from = Day(required=True)
    on_to = Day(required=True)


def payroll(asked: dict[str, Any], facility_id: UUID) -> flask.Response:
    """The ended attendances of a period, one line each, in the order of people and days."""
    days = {"on_from": asked["on_from"], "on_to": asked["on_to"]}
    rows = _rows(asked, PATH, facility_id, attendance_list, days)
    return _file(asked, "payroll", written(rows))


def weeks(asked: dict[str, Any], facility_id: UUID) -> flask.Response:
    """The weeks of a period, one line for each of a facility's people: their hours over all
    facilities, and how many of them are overtime. A week is told whole, by any of its days."""
    mondays = {"week_from": monday(asked["on_from"]), "week_to": monday(asked["on_to"])}
    rows = _rows(asked, WEEKS, facility_id, hours_worked, mondays)
    return _file(asked, "payroll-weeks", written_by_week(rows))


def _rows(
    asked: dict[str, Any],
    path: str,
    facility_id: UUID,
    model: ReadModel[Any],
    filters: dict[str, Any],
) -> list[Any]:
    """All rows of a list within the period that is asked for."""
    first, last = asked["on_from"], asked["on_to"]
    if not timedelta(0) <= last - first <= LONGEST:
        rule = f"must be within {LONGEST.days} days from on_from ({first}) on"
        raise Problem(
            409,
            "payroll.period",
            f"A period ends after it begins, within {LONGEST.days} days.",
            details={"field": "on_to", "value": last.isoformat(), "rule": rule},
        )
    at, scope = entered(path, {"facility_id": facility_id})
    rows: list[Any] = []
    cursor = None
    while True:
        with at.pool.connection() as connection:
            page = queries.page(
                connection,
                model,
                scope=scope,
                filters=filters,
                cursor=cursor,
                limit=queries.LARGEST_PAGE,
            )
        rows += map(model.row_of, page.rows)
        cursor = page.next_cursor
        if cursor is None:
            break
    flask.g.persons = {each.staff_id for each in rows}
    return rows


def _file(asked: dict[str, Any], named: str, text: str) -> flask.Response:
    response = flask.Response(text, mimetype="text/csv")
    name = f"{named}-{asked['on_from']}-{asked['on_to']}.csv"
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
                    monday(each.on),
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


def written_by_week(rows: Iterable[WorkedWeek]) -> str:
    """The weeks as lines, in the order of people and weeks. Hours have two decimal places."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS_OF_WEEKS)
    for each in sorted(rows, key=lambda row: (str(row.staff_id), row.week)):
        usual = each.minutes - each.overtime_minutes
        hours = (f"{minutes / 60:.2f}" for minutes in (each.minutes, usual, each.overtime_minutes))
        lines.writerow([each.staff_id, each.week, *hours, each.attendances])
    return text.getvalue()


def register(desk: Blueprint) -> None:
    """Add the addresses of the files."""
    told: tuple[tuple[str, str, Callable[..., flask.Response]], ...] = (
        (PATH, "A facility's hours, for payroll.", payroll),
        (WEEKS, "Hours and overtime of a facility's people by week, for payroll.", weeks),
    )
    for path, summary, view in told:
        document = {
            "summary": summary,
            "description": view.__doc__,
            "responses": {
                "200": {
                    "description": "The file.",
                    "content": {"text/csv": {"schema": {"type": "string"}}},
                },
                **documents.problems(),
            },
        }
        serve(desk, path, view, Period(), document)
