"""The auditor's routes: timeline, causes, state, difference."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import flask
import msgspec
from flask_smorest import Blueprint

from domain.access.roles import EVENTS
from domain.kernel import FACTS
from facilities.bulk import unhurried_collector
from facilities.service import NotFound
from projections.audit.difference import RESPONSIBLE
from projections.audit.state import Moment
from projections.audit.timeline import Asked
from projections.kernel import Summary
from projections.scorecards import facility_scorecard
from web import audit_answers as answers
from web import audit_documents as documents
from web.api import serve
from web.audit_asked import CausesAsked, DifferenceAsked, StateAsked, TimelineAsked, question
from web.auditor import Auditor, Compared
from web.doors import Doors, doors
from web.moments import caught_up, instant_of, position_of
from web.problems import Problem

# --- routes -------------------------------------------------------------------------------------


def register(blueprint: Blueprint) -> None:
    """Add the auditor's routes to a blueprint."""
    for path, view, schema, document in (
        ("/audit/timeline", timeline, TimelineAsked, documents.TIMELINE),
        ("/audit/causes", causes, CausesAsked, documents.CAUSES),
        ("/audit/state", state, StateAsked, documents.STATE),
        ("/audit/diff", diff, DifferenceAsked, documents.DIFFERENCE),
    ):
        serve(blueprint, path, view, schema(), document)


def timeline(asked: dict[str, Any]) -> flask.Response:
    """A page of events, and the addresses of the pages after and before it."""
    auditor = _auditor(asked)
    newest_first = asked.pop("order") == "newest"
    beyond, limit = asked.pop("beyond", None), asked.pop("limit")
    found = auditor.timeline(
        _possible(asked), beyond=beyond, newest_first=newest_first, limit=limit
    )
    following = None if found.beyond is None else _address(beyond=found.beyond)
    previous = None
    if found.events and beyond is not None:
        back = "oldest" if newest_first else "newest"
        previous = _address(beyond=found.events[0].position, order=back)
    items = [answers.told(each) for each in found.events]
    return _linked(
        _json({"items": items, "next": following, "previous": previous}), following, previous
    )


def _possible(asked: dict[str, Any]) -> Asked:
    """The events that are asked for. Raises Problem where there can be none, which would read as if
    nothing of the kind had happened."""
    events = question(asked)
    if events.facts is not None and not any(each in FACTS for each in events.facts):
        raise _unclear("fact", "There is no such fact, and none whose name begins so.")
    if (turned := events.turned()) is not None:
        raise _out_of_order(flask.request.args[f"{turned}_from"], f"{turned}_")
    return events


def causes(asked: dict[str, Any]) -> flask.Response:
    """What led to an event, what followed from it, and what it belongs to."""
    auditor = _auditor(asked)
    position, command_id = asked.get("position"), asked.get("command")
    if (position is None) == (command_id is None):
        raise _unclear("command", "Give either a position or a command.")
    found = auditor.causes(position=position, command_id=command_id, limit=asked["limit"])
    if found is None:
        raise Problem(404, "event.unknown", "There is no such event.")
    return _json(answers.causes(found))


@unhurried_collector()
def state(asked: dict[str, Any]) -> flask.Response:
    """What a stream had become; not found where it had not begun."""
    auditor = _auditor(asked)
    if "version" in asked and "as_of" in asked:
        raise _unclear("as_of", "Give either a version or as_of.")
    stream_id: UUID = asked["stream"]
    ends_with = auditor.end(stream_id)
    if "version" in asked:
        known_at = _position_of_version(auditor, stream_id, asked["version"])
    else:
        known_at = _known_at(asked, "as_of", auditor)
    effective_at = asked.get("effective_at")
    moment = Moment(
        known_at=known_at,
        effective_at=None if effective_at is None else instant_of(effective_at, "effective_at"),
    )
    found = auditor.state(stream_id, moment)
    if found is None:
        raise NotFound("stream", stream_id)
    steps = {
        name: _address(as_of=None, version=step) if 1 <= step <= ends_with else None
        for name, step in (("next", found.version + 1), ("previous", found.version - 1))
    }
    response = _linked(_json({**answers.state(found, moment), **steps}), *steps.values())
    response.headers["ETag"] = f'"{found.version}"'
    response.headers["Almoner-Position"] = str(known_at)
    return response


@unhurried_collector()
def diff(asked: dict[str, Any]) -> flask.Response:
    """What changed, by which events, between two moments."""
    at, auditor = doors(), _auditor(asked)
    stream_id, facility_id = asked.get("stream"), asked.get("facility")
    if stream_id is not None and facility_id is not None:
        raise _unclear("facility", "Give either a stream or a facility.")
    if asked["clock"] == "effective" and stream_id is None:
        raise _unclear("clock", "Figures and facilities are compared by when things were recorded.")
    if stream_id is not None:
        return _stream_diff(auditor, stream_id, asked)
    if facility_id is not None and not (
        at.actor.scope.admits(facility_id) and at.is_facility(facility_id)
    ):
        raise NotFound("facility", facility_id)
    old, new = _between(auditor, asked)
    summaries = _summaries(at, asked.get("summary"))
    for summary in summaries:
        caught_up(at, summary, max(new, asked.get("after", 0)))
    found = auditor.compared(
        facility_id,
        summaries,
        old=old,
        new=new,
        beyond=asked.get("beyond"),
        by_facility=asked["each_facility"],
        limit=asked["limit"],
    )
    return _told(found, old, new)


def _told(found: Compared, old: int, new: int, *, by_instants: bool = False) -> flask.Response:
    """A part of a difference, and the address of the next one, which ends at the same moment."""
    following = None
    if not found.complete:
        ends = {} if by_instants else {"to": new}
        following = _address(beyond=found.upto, **ends)
    response = _json({**answers.compared(found, old, new), "next": following})
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _stream_diff(auditor: Auditor, stream_id: UUID, asked: dict[str, Any]) -> flask.Response:
    auditor.end(stream_id)
    if asked["clock"] == "recorded":
        old, new = (Moment(known_at=position) for position in _between(auditor, asked))
    else:
        known_at = auditor.ledger.head()
        ends = asked.get("ends")
        if "T" not in asked["begins"] or (ends is not None and "T" not in ends):
            raise _unclear("from", "When something happened is told by instants.")
        old = Moment(known_at=known_at, effective_at=instant_of(asked["begins"], "from"))
        until = None if ends is None else instant_of(ends, "to")
        if until is not None and old.effective_at is not None and old.effective_at > until:
            raise _out_of_order(asked["begins"])
        new = Moment(known_at=known_at, effective_at=until)
    beyond = asked.get("beyond", 0)
    found = auditor.difference(stream_id, old, new, beyond=beyond, most=RESPONSIBLE)
    if found is None:
        raise NotFound("stream", stream_id)
    whole = Compared(differences=[found], figures=[], upto=found.upto, complete=found.complete)
    return _told(whole, old.known_at, new.known_at, by_instants=asked["clock"] == "effective")


# --- what is meant ------------------------------------------------------------------------------


def _auditor(asked: dict[str, Any]) -> Auditor:
    at = doors()
    at.reads(EVENTS)
    after = asked.get("after", 0)
    if after > at.ledger.head():
        position_of(at, str(after), "after")
    auditor = Auditor(at.pool, at.ledger, at.seen, at.actor)
    flask.g.persons = auditor.persons
    return auditor


def _summaries(at: Doors, name: str | None) -> list[Summary[Any]]:
    """The summary that is named; else the scorecard."""
    if name is None:
        return [facility_scorecard]
    return [each for each in at.models if isinstance(each, Summary) and each.name == name]


def _between(auditor: Auditor, asked: dict[str, Any]) -> tuple[int, int]:
    old = position_of(doors(), asked["begins"], "from")
    new = _known_at(asked, "ends", auditor)
    if old > new:
        raise _out_of_order(asked["begins"])
    return old, new


def _out_of_order(begins: str, of: str = "") -> Problem:
    rule = f"must not be after `{of}to`"
    details = {"field": f"{of}from", "value": begins, "rule": rule}
    return Problem(409, "moment.order", f"{of}from {rule}.", details=details)


def _known_at(asked: dict[str, Any], name: str, auditor: Auditor) -> int:
    given = asked.get(name)
    if given is None:
        return auditor.ledger.head()
    return position_of(doors(), given, "to" if name == "ends" else name)


def _position_of_version(auditor: Auditor, stream_id: UUID, version: int) -> int:
    position = auditor.seen.position_of(stream_id, version)
    if position is not None:
        return position
    details = {"field": "version", "value": version, "rule": "there is no such version yet"}
    raise Problem(409, "moment.not_yet", "version: There is no such version yet.", details=details)


def _unclear(field: str, said: str) -> Problem:
    details = {"field": field, "value": flask.request.args.get(field), "rule": said.rstrip(".")}
    return Problem(409, "question.unclear", said, details=details)


def _address(**members: Any) -> str:
    """This address with other members; without those that are None."""
    asked = {**flask.request.args, **members}
    told = {name: value for name, value in asked.items() if value is not None}
    return f"{flask.request.path}?{urlencode(told)}"


def _linked(
    response: flask.Response, following: str | None, previous: str | None
) -> flask.Response:
    for rel, address in (("next", following), ("prev", previous)):
        if address is not None:
            response.headers.add("Link", f'<{address}>; rel="{rel}"')
    return response


def _json(content: dict[str, Any]) -> flask.Response:
    body = msgspec.json.encode(content, enc_hook=str)
    return flask.Response(body, mimetype="application/json")
