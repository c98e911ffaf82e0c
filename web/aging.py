"""How old what is owed is, at the end of a day: by age, by payer, by facility, claim by claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from marshmallow import validate

from domain.money import decimal_text
from domain.revenue.events.claim import SELF_PAY
from projections.revenue.aging import AMOUNTS, AgedOn, aged, aged_claims
from projections.revenue.claim_receivables import claim_receivables
from web import documents
from web.api import entered, serve
from web.doors import Doors
from web.moments import AsOf, asked_moment
from web.problems import Problem
from web.reading import answered, page_after
from web.schemas import Day, Text

FACILITY = "/facilities/<uuid:facility_id>"
PREFIX = "/api/v1"
MOST_CLAIMS = 1000

BY = Text(
    validate=validate.OneOf(["payer", "facility"]),
    metadata={"description": "What figures are told apart by; without it, nothing."},
)


class Asked(AsOf):
    """Which payer, and which moment."""

    payer_id = ma.fields.UUID()


class OfDay(Asked):
    """The end of which day, and what is told apart."""

    on = Day(required=True)
    by = BY


class OfAgedClaims(Asked):
    """The end of which day, and how old."""

    on = Day(required=True)
    currency = Text(
        validate=validate.Regexp("^[A-Z]{3}$", error="Must be a currency of ISO 4217, such as USD.")
    )
    older_than = ma.fields.Integer(
        load_default=-1,
        validate=validate.Range(min=-1, max=36_500),
        metadata={"description": "More than so many days; without it, all that was owed."},
    )
    limit = ma.fields.Integer(load_default=100, validate=validate.Range(min=1, max=MOST_CLAIMS))
    cursor = ma.fields.UUID(metadata={"description": "The claim the page begins after."})


def looks_at(
    asked: dict[str, Any], path: Mapping[str, UUID]
) -> tuple[Doors, Sequence[UUID] | None, int | None, int]:
    """Who looks at which facilities, as of which position (None: now), and how far that is told.

    Raises Problem 409 where one facility is to be told apart by facility.
    """
    at, scope = entered(FACILITY if path else "/system", dict(path))
    if path and asked.get("by") == "facility":
        raise Problem(
            409,
            "figures.by",
            "One facility's figures are not told apart by facility.",
            details={"field": "by", "value": "facility", "rule": "must be payer for one facility"},
        )
    as_of, position = asked_moment(at, claim_receivables, asked)
    return at, scope, as_of, position


def aging_view(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """What was owed at the end of a day, by age since it was billed, and what was not billed."""
    at, scope, as_of, position = looks_at(asked, path)
    look = _aged_on(asked, scope, as_of)
    by = () if asked.get("by") is None else (f"{asked['by']}_id",)
    with at.pool.connection() as connection:
        rows = aged(connection, look, by)
    items = [
        {
            **{each: str(row[each]) for each in (*by, "currency")},
            **{each: decimal_text(row[each], row["currency"]) for each in AMOUNTS},
        }
        for row in rows
    ]
    return answered({"on": look.day.isoformat(), "items": items}, position)


def aged_claims_view(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """The claims on which something was owed at the end of a day, for longer than so many days."""
    at, scope, as_of, position = looks_at(asked, path)
    look = _aged_on(asked, scope, as_of)
    limit = asked["limit"]
    with at.pool.connection() as connection:
        claims = aged_claims(
            connection,
            look,
            older_than=asked["older_than"],
            after=asked.get("cursor"),
            limit=limit + 1,
        )
    following = page_after(claims[limit - 1].claim_id) if len(claims) > limit else None
    items = [
        {
            "claim_id": str(each.claim_id),
            "facility_id": str(each.facility_id),
            "payer_id": None if each.payer_id == SELF_PAY else str(each.payer_id),
            "currency": each.currency,
            "billed_on": each.billed_on.isoformat(),
            "days": each.days,
            "owed": decimal_text(each.owed, each.currency),
        }
        for each in claims[:limit]
    ]
    return answered({"items": items, "next": following}, position)


def _aged_on(asked: dict[str, Any], scope: Sequence[UUID] | None, as_of: int | None) -> AgedOn:
    day: date = asked["on"]
    return AgedOn(
        scope=scope,
        day=day,
        payer_id=asked.get("payer_id"),
        currency=asked.get("currency"),
        as_of=as_of,
    )


def register(desk: Blueprint) -> None:
    """Add the addresses: each for one facility, and for the system."""
    for whose in (FACILITY, "/system"):
        for name, view, asked, told in (
            ("receivables-aging", aging_view, OfDay(), _AGING),
            ("aged-claims", aged_claims_view, OfAgedClaims(), _AGED_CLAIMS),
        ):
            serve(desk, f"{whose}/{name}", view, asked, documents.of_view(view, told))


_ID = {"type": ["string", "null"], "format": "uuid"}
_MONEY = {"type": "string", "description": "Money, in the row's currency."}
_POSITION = {"type": "integer", "description": "How far the ledger is told here."}
_AGING = {
    "type": "object",
    "required": ["on", "items", "position"],
    "properties": {
        "on": {"type": "string", "format": "date"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "facility_id": _ID,
                    "payer_id": _ID,
                    "currency": {"type": "string"},
                    **dict.fromkeys(AMOUNTS, _MONEY),
                },
            },
        },
        "position": _POSITION,
    },
}
_AGED_CLAIMS = {
    "type": "object",
    "required": ["items", "next", "position"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "claim_id": {"type": "string", "format": "uuid"},
                    "facility_id": {"type": "string", "format": "uuid"},
                    "payer_id": _ID,
                    "currency": {"type": "string"},
                    "billed_on": {"type": "string", "format": "date"},
                    "days": {"type": "integer"},
                    "owed": _MONEY,
                },
            },
        },
        "next": {"type": ["string", "null"]},
        "position": _POSITION,
    },
}
