"""A roster is proposed: who is on which of the shifts that are wanted, and why not all are covered.

    POST /rosters/{roster_id}/proposals {"demand": [{"on": ..., "starts": ..., ...}, ...]}

What is proposed is planned, by the command of any plan; with ``Almoner-Dry-Run: true`` it is only
told. The `shifts` of the answer are as ``/rosters/{roster_id}/plan`` takes them, for whoever wants
to change something first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import flask
import msgspec
from flask_smorest import Blueprint

from domain import rules
from domain.kernel import AtMost
from domain.workforce.proposing import MOST_CANDIDATES, Preference
from domain.workforce.roster_planning import MOST_SHIFTS, PlannedShift
from facilities.proposing import Effort
from facilities.solving import SolverMissing
from web import documents
from web.api import context_of, is_rehearsal, serve
from web.doors import doors
from web.problems import Problem
from web.schemas import schema_for

PATH = "/rosters/<uuid:roster_id>/proposals"

MOST_PREFERENCES = 5_000
MOST_EFFORT = 30
"""What a request may ask for; the command line has no such bound."""

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedProposal:
    """The shifts that are wanted, with nobody on them, and among whom is chosen: without names,
    among those of the department, the float pool of the facility, and who is lent to it. `effort`
    is in the solver's own measure, about seconds."""

    demand: Annotated[tuple[PlannedShift, ...], AtMost(MOST_SHIFTS)]
    staff_ids: Annotated[tuple[UUID, ...], AtMost(MOST_CANDIDATES)] = ()
    preferences: Annotated[tuple[Preference, ...], AtMost(MOST_PREFERENCES)] = ()
    seed: int = 1
    effort: int = 10


def propose(asked: WantedProposal, roster_id: UUID) -> flask.Response:
    """Propose who is on the shifts of a demand, and plan it.

    The same seed and effort give the same proposal while nothing else changes. `uncovered` tells of
    each shift with open places how many people could not be on it by which rule. `best`: there is
    no better one. Sent again under its Idempotency-Key it is refused: it was planned already.
    """
    _within("seed", asked.seed, 0, LARGEST_SEED)
    _within("effort", asked.effort, 1, MOST_EFFORT)
    at, rehearsed = doors(), is_rehearsal()
    try:
        proposal = at.proposer.propose(
            roster_id,
            asked.demand,
            context_of(at.actor),
            staff_ids=asked.staff_ids,
            preferences=asked.preferences,
            effort=Effort(seed=asked.seed, effort=asked.effort, seconds=2.0 * asked.effort),
            apply=not rehearsed,
        )
    except SolverMissing as missing:
        raise Problem(501, "solver.missing", f"{missing}.") from None
    outcome = proposal.outcome
    told = {
        "stream_id": outcome.stream_id,
        "version": outcome.version,
        "position": outcome.position,
        "facts": outcome.facts,
        "warnings": outcome.warnings,
        "shifts": proposal.shifts,
        "places": proposal.places,
        "filled": proposal.filled,
        "best": proposal.best,
        "in_time": proposal.in_time,
        "uncovered": proposal.uncovered,
    }
    response = flask.Response(msgspec.json.encode(told), mimetype="application/json")
    response.status_code = 201 if outcome.facts and not rehearsed else 200
    response.headers["ETag"] = f'"{outcome.version}"'
    return response


def _within(named: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        rule = f"must be from {least} to {most}"
        raise rules.refusal(f"proposal.{named}", named, value, rule)


def register(desk: Blueprint) -> None:
    """Add the route."""
    members: dict[str, Any] = {
        "shifts": {"type": "array", "items": {"type": "object"}},
        "places": {"type": "integer", "description": "How many are needed on all shifts."},
        "filled": {"type": "integer"},
        "best": {"type": "boolean"},
        "in_time": {"type": "boolean", "description": "Otherwise the clock ended it."},
        "uncovered": {"type": "array", "items": {"type": "object"}},
    }
    told = {
        **documents.OUTCOME_OF_ONE,
        "required": [*documents.OUTCOME_OF_ONE["required"], *members],
        "properties": {**documents.OUTCOME_OF_ONE["properties"], **members},
    }
    document = documents.of_making(propose, told, "501", headers=True)
    serve(desk, PATH, propose, schema_for(WantedProposal), document, "POST")
