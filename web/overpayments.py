"""Overpayments that are to be returned, the first day on top, with the days that are left."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from marshmallow import validate

from domain.money import decimal_text
from projections.revenue.credits import overpayment_list
from projections.revenue.returning import BEFORE_ALL, DueOverpayment, Place, due_overpayments
from web import documents
from web.aging import FACILITY
from web.api import entered, serve
from web.moments import AsOf, asked_moment
from web.problems import Problem
from web.reading import answered, page_after
from web.schemas import Day, Text

MOST = 1000


def _place(cursor: str) -> Place:
    """Where a page begins. Raises Problem 400 for what is no such place."""
    day, claim_id, overpayment = cursor.split("/")
    try:
        return date.fromisoformat(day), UUID(claim_id), int(overpayment)
    except ValueError:
        rule = "must be taken from `next` of a page"
        raise Problem(
            400,
            "cursor.malformed",
            f"The cursor {rule}.",
            details={"field": "cursor", "value": cursor, "rule": rule},
        ) from None


class OfDueOverpayments(AsOf):
    """From which day on the days are counted, and which page."""

    on = Day(required=True, metadata={"description": "The day on which the days are counted."})
    limit = ma.fields.Integer(
        load_default=100,
        validate=validate.Range(min=1, max=MOST),
        metadata={"description": "How many rows a page has at most."},
    )
    cursor = Text(
        validate=validate.Regexp(
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9a-f-]{36}/[0-9]{1,6}$",
            error="Must be taken from `next` of a page.",
        ),
        metadata={"description": "Where the page begins, from the address in `next`."},
    )


def due_view(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """The overpayments that are not returned and have a last day, with the days that are left."""
    at, scope = entered(FACILITY if path else "/system", dict(path))
    as_of, position = asked_moment(at, overpayment_list, asked)
    limit = asked["limit"]
    with at.pool.connection() as connection:
        found = due_overpayments(
            connection,
            scope=scope,
            on=asked["on"],
            as_of=as_of,
            after=_place(asked["cursor"]) if "cursor" in asked else BEFORE_ALL,
            limit=limit + 1,
        )
    following = page_after(_cursor(found[limit - 1])) if len(found) > limit else None
    items = [_told(each) for each in found[:limit]]
    return answered({"on": asked["on"].isoformat(), "items": items, "next": following}, position)


def _told(due: DueOverpayment) -> dict[str, Any]:
    return {
        "claim_id": str(due.claim_id),
        "overpayment": due.overpayment,
        "facility_id": str(due.facility_id),
        "payer_id": None if due.payer_id is None else str(due.payer_id),
        "status": due.status,
        "currency": due.currency,
        "amount": decimal_text(due.amount, due.currency),
        "identified_on": due.identified_on.isoformat(),
        "return_by": due.return_by.isoformat(),
        "days_left": due.days_left,
    }


def _cursor(due: DueOverpayment) -> str:
    return f"{due.return_by.isoformat()}/{due.claim_id}/{due.overpayment}"


def register(desk: Blueprint) -> None:
    """Add the addresses: one for each facility, and that of the system."""
    for whose in (FACILITY, "/system"):
        described = documents.of_view(due_view, _DUE, "400")
        serve(desk, f"{whose}/overpayments-due", due_view, OfDueOverpayments(), described)


_DUE = {
    "type": "object",
    "required": ["on", "items", "next", "position"],
    "properties": {
        "on": {"type": "string", "format": "date"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "claim_id": {"type": "string", "format": "uuid"},
                    "overpayment": {"type": "integer"},
                    "facility_id": {"type": "string", "format": "uuid"},
                    "payer_id": {"type": ["string", "null"], "format": "uuid"},
                    "status": {"type": "string"},
                    "currency": {"type": "string"},
                    "amount": {"type": "string", "description": "Money, in the row's currency."},
                    "identified_on": {"type": "string", "format": "date"},
                    "return_by": {"type": "string", "format": "date"},
                    "days_left": {
                        "type": "integer",
                        "description": "Until the last day; below zero where it has passed.",
                    },
                },
            },
        },
        "next": {"type": ["string", "null"]},
        "position": {"type": "integer", "description": "How far the ledger is told here."},
    },
}
