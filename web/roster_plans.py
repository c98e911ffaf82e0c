"""Shifts of several departments in one request: all are planned, or none and it is told why.

    POST /roster-plans {"plans": [{"roster_id": ..., "shifts": [...]}, ...]}

Each plan is the command of its roster (`PlanShifts`); they are decided on one after the other, each
knowing what those before it have booked, and recorded in one append.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any
from uuid import UUID

import flask
import msgspec
from flask_smorest import Blueprint

from domain.kernel import AtMost, Refused, foreign_id, unknown
from domain.workforce.roster_planning import MOST_SHIFTS, PlannedShift, PlanShifts
from facilities.answers import Answer, Context, KeyReused, NotFound, NotPermitted, Outcome, new_id
from web import documents
from web.api import context_of, is_rehearsal, serve
from web.doors import doors
from web.problems import Problem, header
from web.schemas import schema_for

PATH = "/roster-plans"

MOST_PLANS = 200
"""The most rosters that are planned at once (c)."""

LARGEST_BODY = 8 * 1024 * 1024
"""Some 50,000 shifts, each with somebody on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPlan:
    """Shifts to be planned in one roster."""

    roster_id: UUID
    shifts: Annotated[tuple[PlannedShift, ...], AtMost(MOST_SHIFTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPlans:
    """Shifts to be planned in several rosters."""

    plans: Annotated[tuple[RosterPlan, ...], AtMost(MOST_PLANS)]


def plan(asked: RosterPlans) -> flask.Response:
    """Plan shifts of several departments at once: all of them, or none and every conflict is told.

    A conflict names its roster, and the shift by its place in that roster's plan. What is refused
    books nothing, so that what stands in the way of two plans together is told once the first of
    them could be.
    """
    at, rehearsed = doors(), is_rehearsal()
    context = context_of(at.actor)
    if context.expected_version is not None:
        raise Problem(
            400,
            "if_match.several",
            "If-Match is about one roster, these are several.",
            details=header("If-Match", "must be left out"),
        )
    instructions = [
        (
            PlanShifts(roster_id=each.roster_id, shifts=each.shifts),
            _of_its_own(context, place),
        )
        for place, each in enumerate(asked.plans, start=1)
    ]
    answers = at.service.execute_together(instructions, rehearsed=rehearsed)
    conflicts = [
        conflict
        for each, answer in zip(asked.plans, answers, strict=True)
        for conflict in _conflicts(each, answer)
    ]
    if conflicts:
        raise Problem(
            409,
            "roster.conflicts",
            f"Conflicts: {len(conflicts)}; nothing was recorded.",
            details={
                "field": "plans",
                "value": len(asked.plans),
                "rule": "must have no conflicts",
                "conflicts": conflicts,
            },
        )
    outcomes = [each for each in answers if isinstance(each, Outcome)]
    position = max((each.position for each in outcomes), default=0)
    told = {
        "position": at.ledger.head() if rehearsed else position,
        "rosters": [
            {
                "stream_id": each.stream_id,
                "version": each.version,
                "facts": each.facts,
                "warnings": [asdict(warning) for warning in each.warnings],  # type: ignore[call-overload]
            }
            for each in outcomes
        ],
    }
    recorded = not rehearsed and any(each.facts for each in outcomes)
    response = flask.Response(msgspec.json.encode(told), mimetype="application/json")
    response.status_code = 201 if recorded else 200
    if outcomes and all(each.replayed for each in outcomes):
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _of_its_own(context: Context, place: int) -> Context:
    """Each roster's command has an id of its own, the same when the request is sent again."""
    known = foreign_id("roster-plans", context.command_id, place)
    return replace(
        context,
        command_id=known if context.keyed else new_id(),
        correlation_id=context.command_id,
    )


def _conflicts(planned: RosterPlan, answer: Answer) -> list[dict[str, Any]]:
    if isinstance(answer, KeyReused | NotPermitted):
        raise answer
    whose = {"roster_id": planned.roster_id}
    if isinstance(answer, NotFound):
        answer = unknown("roster", planned.roster_id, "roster_id")
    if not isinstance(answer, Refused):
        return []
    found = answer.details.get("conflicts")
    if isinstance(found, list):
        return [{**whose, **each} for each in found]
    said = {"code": answer.code, "hard": True, "said": answer.message}
    return [{**whose, **said, "shift": None, "staff_id": None}]


def register(desk: Blueprint) -> None:
    """Add the route, which takes more than others do."""
    told = {
        "type": "object",
        "required": ["position", "rosters"],
        "properties": {
            "position": {"type": "integer", "minimum": 0},
            "rosters": {"type": "array", "items": documents.OUTCOME_OF_ONE},
        },
    }
    schema = schema_for(RosterPlans)
    schema.largest_body = LARGEST_BODY  # type: ignore[attr-defined]
    serve(desk, PATH, plan, schema, documents.of_making(plan, told, headers=True), "POST")
