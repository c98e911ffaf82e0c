"""Routes of the privacy office: legal holds, retention and erasures, for the whole system to decide
on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_smorest import Blueprint

from domain.privacy import erasure, legal_hold, retention
from facilities.service import NotFound, NotPermitted
from projections.privacy import erasures, legal_holds, retention_rules
from web import documents
from web.api import Does, Lists, Row, given_by, serve
from web.doors import doors
from web.problems import Problem
from web.schemas import NothingAsked

HOLD = "/legal-holds/<uuid:hold_id>"
ERASURE = "/erasures/<uuid:erasure_id>"
RULE = "/retention-rules/<uuid:rule_id>"

ROUTES: tuple[Row, ...] = (
    Does("/legal-holds", legal_hold.PlaceLegalHold),
    Does(f"{HOLD}/release", legal_hold.ReleaseLegalHold),
    Does("/retention-rules", retention.AdoptRetentionRule),
    Does(f"{RULE}/lifting", retention.LiftRetentionRule),
    Does("/erasures", erasure.RequestErasure),
    Does(f"{ERASURE}/approvals", erasure.ApproveErasure),
    Does(f"{ERASURE}/withdrawal", erasure.WithdrawErasure),
    Lists("/system/legal-holds", legal_holds),
    Lists("/system/retention-rules", retention_rules),
    Lists("/system/erasures", erasures),
)


def register(blueprint: Blueprint) -> None:
    """Add the route by which an approved erasure is carried out."""
    document = documents.of_command(erasure.BeginErasure)
    document |= {
        "summary": "Carry out an erasure that is approved",
        "description": "Refused where anything keeps what is the person's. What is begun cannot be "
        "undone; within a minute nobody can read it any more.",
        "parameters": [each for each in document["parameters"] if each in HEARD],
    }
    serve(blueprint, f"{ERASURE}/execution", execution, NothingAsked(), document, "POST")


HEARD = ("If-Match", "Almoner-Reason")
"""The headers that say something of it: it is made up of what the ledger says now."""


def execution(_body: dict[str, Any], erasure_id: UUID) -> flask.Response:
    """Begin an approved erasure, or refuse it; what follows is done by the calendar's process,
    which may reach the keys. One that is begun already stays so."""
    at = doors()
    actor = at.actor
    if not actor.role.does(erasure.BeginErasure):
        raise NotPermitted(f"This is not for the role {actor.role} to do.")
    if not actor.scope.whole_system:
        raise NotFound("erasure", erasure_id)
    if at.keeper is None:
        rule = "must be where persons have keys"
        details = {"field": "erasure_id", "value": erasure_id, "rule": rule}
        raise Problem(409, "erasure.nothing_sealed", "Nothing is sealed here.", details=details)
    return given_by(actor, at.keeper.beginning(erasure_id), keyed=False)
