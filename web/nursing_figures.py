"""Nursing hours per patient day of a time, against the target: by department, or by facility."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import flask
from flask_smorest import Blueprint

from projections import queries
from projections.workforce.nursing import figures_of, nursing_hours
from web import documents
from web.api import entered, serve
from web.moments import AsOf, asked_moment
from web.problems import Problem
from web.reading import answered
from web.schemas import Day

OF_FACILITY = "/facilities/<uuid:facility_id>/nursing-figures"
OF_SYSTEM = "/system/nursing-figures"
LONGEST = timedelta(days=366)


class Days(AsOf):
    """The days whose figures are asked for, both included."""

    on_from = Day(required=True)
    on_to = Day(required=True)


def nursing_figures(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """Nursing hours per patient day, and how they compare with the target. Of a facility they are
    told by department, of the system by facility; each with what it is divided by what."""
    first, last = asked["on_from"], asked["on_to"]
    if not timedelta(0) <= last - first <= LONGEST:
        raise Problem(
            409,
            "nursing_figures.period",
            f"A period ends after it begins, within {LONGEST.days} days.",
            details={
                "field": "on_to",
                "value": last.isoformat(),
                "rule": f"must be within {LONGEST.days} days from on_from ({first}) on",
            },
        )
    at, scope = entered(OF_FACILITY if path else OF_SYSTEM, path)
    as_of, position = asked_moment(at, nursing_hours, asked)
    by = "department_id" if path else "facility_id"
    with at.pool.connection() as connection:
        rows = queries.total(
            connection,
            nursing_hours,
            scope=scope,
            by=(by,),
            filters=asked,
            as_of=as_of,
            ledger=at.seen,
        )
    items = [{by: row[by], **figures_of(row).to_json()} for row in rows]
    return answered({"items": items}, position)


def register(desk: Blueprint) -> None:
    """Add the addresses of the figures."""
    for address, by in ((OF_FACILITY, "department_id"), (OF_SYSTEM, "facility_id")):
        serve(desk, address, nursing_figures, Days(), _document(by))


def _document(by: str) -> dict[str, Any]:
    ratios = (
        "rn_hours_per_patient_day",
        "hours_per_patient_day",
        "target_hours_per_patient_day",
        "of_target",
    )
    told = {by: {"type": "string", "format": "uuid"}, **dict.fromkeys(ratios, documents.RATIO)}
    answer = {
        "type": "object",
        "required": ["items", "position"],
        "properties": {
            "items": {
                "type": "array",
                "items": {"type": "object", "required": [*told], "properties": told},
            },
            "position": {"type": "integer"},
        },
    }
    said = nursing_figures.__doc__ or ""
    return {
        "summary": "Nursing hours per patient day, against the target.",
        "description": said,
        "responses": {
            "200": {
                "description": "The figures.",
                "content": {"application/json": {"schema": answer}},
            },
            **documents.problems(),
        },
    }
