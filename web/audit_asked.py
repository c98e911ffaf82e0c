"""What may be asked of the auditor's desk, as it stands in an address."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from projections.audit.timeline import Asked, named
from web import audit_documents as documents
from web.moments import A_MOMENT, AN_INSTANT, instant_of
from web.schemas import LARGEST_INTEGER, Text

LARGEST_PAGE = 1000
LARGEST_PART = 100
"""Of how many things a part of a facility's difference tells at most."""


def _position(told: str, **options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(
        validate=validate.Range(min=0, max=LARGEST_INTEGER),
        metadata={"description": told},
        **options,
    )


def _moment(told: str, **options: Any) -> Text:
    return Text(
        validate=A_MOMENT,
        metadata={"description": told, "example": "2026-01-31T23:59:59Z"},
        **options,
    )


def _instant(told: str) -> Text:
    return Text(validate=AN_INSTANT, metadata={"description": told})


def _id(told: str, **options: Any) -> ma.fields.UUID:
    return ma.fields.UUID(metadata={"description": told}, **options)


def _text(told: str) -> Text:
    return Text(validate=validate.Length(min=1, max=200), metadata={"description": told})


def _limit(most: int, default: int, told: str | None = None) -> ma.fields.Integer:
    return ma.fields.Integer(
        load_default=default,
        validate=validate.Range(min=1, max=most),
        metadata={} if told is None else {"description": told},
    )


class _Question(ma.Schema):
    class Meta:
        unknown = ma.RAISE

    after = _position("Refuse to answer from a ledger that has not come to this position.")


class TimelineAsked(_Question):
    """Which events; those that satisfy everything that is given. Ranges include both ends."""

    facility = _id("Events of this facility.")
    stream = _id("Events of this stream.")
    actor = _text("Who did it.")
    role = _text("In which role.")
    command = _id("What this command recorded.")
    correlation = _id("What belongs to this.")
    causation = _id("What followed from this command.")
    fact = Text(
        validate=validate.Regexp(
            r"^[a-z_]{1,60}\.[a-z_]{0,60}$", error="Must be a fact's name, or begin one: claim."
        ),
        metadata={"description": "A fact's name; or how it begins, up to the dot (`claim.`)."},
    )
    effective_from = _instant("Happened then or later.")
    effective_to = _instant("Happened then or before.")
    recorded_from = _instant("Recorded then or later.")
    recorded_to = _instant("Recorded then or before.")
    position_from = _position("At this position or a later one.")
    position_to = _position("At this position or an earlier one.")
    order = ma.fields.String(load_default="oldest", validate=validate.OneOf(("oldest", "newest")))
    beyond = _position("Go on beyond this position, in that order.")
    limit = _limit(LARGEST_PAGE, 100)


class CausesAsked(_Question):
    """The event at a position, or the first one of a command."""

    position = _position("The event at this position.")
    command = _id("The first event of this command.")
    limit = _limit(LARGEST_PAGE, 200)


class StateAsked(_Question):
    """What a stream had become: now, at a version, or at a moment on either clock."""

    stream = _id("What to look at.", required=True)
    version = _position("As of this version of it.")
    as_of = _moment("As it was known then: an instant, or a position of the ledger.")
    effective_at = _instant("By what had happened then, as far as it is known.")


class DifferenceAsked(_Question):
    """Of what, and between which two moments."""

    stream = _id("What changed in this stream.")
    facility = _id("What changed at this facility. Without either: in the whole system's figures.")
    begins = _moment("The earlier moment.", data_key="from", required=True)
    ends = _moment("The later moment; now without one.", data_key="to")
    clock = ma.fields.String(
        load_default="recorded",
        validate=validate.OneOf(("recorded", "effective")),
        metadata={
            "description": "What the moments are of: when it was known, or (of a stream, and of "
            "instants) when it happened."
        },
    )
    summary = ma.fields.String(
        validate=validate.OneOf(documents.SUMMARIES),
        metadata={"description": "The figures of this one instead of the scorecard's."},
    )
    each_facility = ma.fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "The figures of each facility instead of their sum."},
    )
    beyond = _position("Go on beyond this position.")
    limit = _limit(LARGEST_PART, 20, "Of how many things of a facility it is told at once.")


def question(asked: dict[str, Any]) -> Asked:
    """The events that are asked for, from what stands in an address."""
    instants = {
        name: instant_of(asked[name], name)
        for name in ("effective_from", "effective_to", "recorded_from", "recorded_to")
        if name in asked
    }
    fact, causation = asked.get("fact"), asked.get("causation")
    return Asked(
        facility_id=asked.get("facility"),
        stream_id=asked.get("stream"),
        actor=asked.get("actor"),
        role=asked.get("role"),
        command_id=asked.get("command"),
        correlation_id=asked.get("correlation"),
        causation_ids=None if causation is None else (causation,),
        facts=None if fact is None else named(fact),
        position_from=asked.get("position_from"),
        position_to=asked.get("position_to"),
        **instants,
    )
