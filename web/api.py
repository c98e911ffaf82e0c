"""Route rows, and the few views that serve them all.

A context's routes are rows: a path and a command, or a path and a read model. `command_view` takes
a request to the service, `query_view` to one SELECT; neither knows any context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, cast
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint

from domain.kernel import Command, foreign_id
from facilities.scope import Actor
from facilities.service import Context, Foreseen, NotFound, Outcome, new_id
from projections.kernel import ReadModel, Summary
from web import documents, reading
from web.components import said
from web.doors import Doors, doors
from web.moments import AsOf
from web.problems import Problem, header
from web.schemas import schema_for

Place = re.compile(r"<uuid:(\w+)>")


@dataclass(frozen=True, slots=True)
class Does:
    """POST `path` is this command. Ids come from the path; what is created gets a new one, unless
    the command tells itself which it is of (a payer has one contract)."""

    path: str
    command: type[Command]


@dataclass(frozen=True, slots=True)
class Foresees:
    """POST `path` tells what this command would do, and records nothing.

    `tell` makes the answer of the command and of what is foreseen, and `told` is how it looks.
    """

    path: str
    command: type[Command]
    tell: Callable[[Any, Foreseen], dict[str, Any]]
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lists:
    """GET `path` is a page of this read model. Ids in the path are equality filters."""

    path: str
    model: ReadModel[Any]


@dataclass(frozen=True, slots=True)
class Shows:
    """GET `path` is one row of this read model, found by the ids in the path.

    `stream` names the id whose stream's version is the ETag.
    """

    path: str
    model: ReadModel[Any]
    stream: str


@dataclass(frozen=True, slots=True)
class Sums:
    """GET `path` is a summary: of the facility in the path, or of all facilities together.

    `through` names a dimension that is a day: what is added up are the days up to the one asked
    for, or all of them.
    """

    path: str
    model: Summary[Any]
    through: str | None = None


Row = Does | Foresees | Lists | Shows | Sums


def register(blueprint: Blueprint, rows: Sequence[Row]) -> None:
    """Add rows to a blueprint, with their description for the OpenAPI document."""
    for row in rows:
        match row:
            case Does():
                body = schema_for(row.command, _from_elsewhere(row))
                document = documents.of_command(row.command)
                serve(blueprint, row.path, partial(command_view, row), body, document, "POST")
            case Foresees():
                body = schema_for(row.command, _from_elsewhere(row))
                document = documents.of_foresight(row.command, row.told)
                serve(blueprint, row.path, partial(foresight_view, row), body, document, "POST")
            case Lists():
                asked = reading.list_schema(row.model, tuple(Place.findall(row.path)))
                document = documents.of_list(row.model)
                serve(blueprint, row.path, partial(query_view, row), asked, document)
            case Shows():
                asked, document = AsOf(), documents.of_row(row.model)
                serve(blueprint, row.path, partial(row_view, row), asked, document)
            case Sums():
                asked = reading.summary_schema(row.model, row.through)
                document = documents.of_summary(row.model, row.through)
                serve(blueprint, row.path, partial(summary_view, row), asked, document)


def serve(
    blueprint: Blueprint,
    path: str,
    view: Callable[..., flask.Response],
    schema: ma.Schema,
    document: dict[str, Any],
    method: str = "GET",
) -> None:
    """Add one operation. The view is given what `schema` loaded, then the ids in the path."""
    location = "json" if method == "POST" else "query"
    plain = Place.sub(r"by_\1", path)
    name = re.sub(r"\W+", "_", f"{method}{plain}").strip("_").lower()
    described = blueprint.doc(operationId=name, **{"description": said(view), **document})
    parsed = blueprint.arguments(schema, location=location)
    blueprint.add_url_rule(
        path, endpoint=name, view_func=described(parsed(_named(view))), methods=[method]
    )


def _named(view: Callable[..., flask.Response]) -> Callable[..., flask.Response]:
    """A plain function around a partial one: decorators ask for a name."""

    def plain(*arguments: Any, **named: Any) -> flask.Response:
        return view(*arguments, **named)

    return plain


def _from_elsewhere(row: Does | Foresees) -> frozenset[str]:
    """The command's fields that are not in the body: those of the path, and a new thing's id."""
    named = set(Place.findall(row.path)) & {each.name for each in fields(cast(Any, row.command))}
    return frozenset(named | {row.command.stream})


# --- commands ----------------------------------------------------------------------------------


def command_view(row: Does, body: dict[str, Any], **path: UUID) -> flask.Response:
    """Decide on a command and answer with where it led.

    201 where something was recorded (the same again when the request is repeated under its
    Idempotency-Key), 200 where it was so already, or where it is a dry run.
    """
    at = doors()
    born = not (row.command.derived or row.command.stream in path)
    ids = {**path, row.command.stream: new_id()} if born else path
    wanted = {each.name for each in fields(cast(Any, row.command))}
    command = row.command(**{**body, **{k: v for k, v in ids.items() if k in wanted}})
    if is_rehearsal():
        rehearsed = at.service.rehearse(command, context_of(at.actor, born=born))
        return _answer(rehearsed, recorded=False)
    return _answer(_decided(at, command, born=born))


def _decided(at: Doors, command: Command, *, born: bool) -> Outcome:
    """What comes of a command.

    1. Take the token for what it was when it was last seen, and everything but what the command
       writes to for what it is in mind. What is stored finds out whether all of that is so still.
    2. Where it is not, or where that is no decision, make sure of the token and decide on what is.
    """
    bearer = at.bearer
    presumed = at.service.presume(command, context_of(bearer.actor, born=born), bearer.premises)
    if presumed is not None:
        at.admitted()
        return presumed
    return at.service.execute(command, context_of(at.actor, born=born))


def is_rehearsal() -> bool:
    """Whether a request asks what would become of it, and for nothing to be recorded."""
    asked = flask.request.headers.get("Almoner-Dry-Run", "false")
    if asked not in ("true", "false"):
        raise Problem(
            400,
            "dry_run.malformed",
            "Almoner-Dry-Run takes true or false.",
            details=header("Almoner-Dry-Run", "must be true or false"),
        )
    return asked == "true"


def foresight_view(row: Foresees, body: dict[str, Any], **path: UUID) -> flask.Response:
    """Decide on a command as if it was sent, and answer with what would come of it."""
    at = doors()
    command = row.command(**body, **path)
    found = at.service.foresee(command, context_of(at.actor))
    return flask.jsonify(row.tell(command, found))


def context_of(actor: Actor, *, born: bool = False) -> Context:
    """What a request's headers say of the command it is."""
    headers = flask.request.headers
    key = headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise Problem(
            400,
            "idempotency_key.malformed",
            "Idempotency-Key takes 1 to 255 visible characters.",
            details=header("Idempotency-Key", "must have 1 to 255 visible characters"),
        )
    reason = headers.get("Almoner-Reason")
    if reason is not None and not re.fullmatch(r"[!-~]([ -~]{0,498}[!-~])?", reason):
        raise Problem(
            400,
            "reason.malformed",
            "Almoner-Reason takes 1 to 500 ASCII characters.",
            details=header("Almoner-Reason", "must have 1 to 500 ASCII characters"),
        )
    return Context(
        actor=actor,
        command_id=foreign_id("idempotency", actor.name, key) if key else new_id(),
        keyed=key is not None,
        born=born,
        expected_version=_expected_version(headers.get("If-Match")),
        reason=reason,
        source="api",
    )


def _expected_version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    version = re.fullmatch(r'\s*("?)([0-9]{1,9})\1\s*', if_match)
    if version is None:
        raise Problem(
            400,
            "if_match.malformed",
            'If-Match takes a version, such as "3", or *.',
            details=header("If-Match", 'must be a version, such as "3", or *'),
        )
    return int(version.group(2))


def _answer(outcome: Outcome, *, recorded: bool = True) -> flask.Response:
    told = {
        "stream_id": str(outcome.stream_id),
        "version": outcome.version,
        "position": outcome.position,
        "facts": outcome.facts,
    }
    if outcome.warnings:
        told["warnings"] = outcome.warnings
    response = flask.jsonify(told)
    response.status_code = 201 if outcome.facts and recorded else 200
    response.headers["ETag"] = f'"{outcome.version}"'
    response.headers["Location"] = f"/api/v1/streams/{outcome.stream_id}/events"
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def given_by(actor: Actor, command: Command, *, keyed: bool = True) -> flask.Response:
    """Decide on a command that a view of its own has made up, with what the headers say of it. One
    that is made up of what is there now is never sent again, so that it takes no key."""
    context = context_of(actor)
    if not keyed:
        context = replace(context, command_id=new_id(), keyed=False)
    return _answer(doors().service.execute(command, context))


# --- queries -----------------------------------------------------------------------------------


def query_view(row: Lists, asked: dict[str, Any], **path: UUID) -> flask.Response:
    """A page of a list, live or as of any past instant.

    1. Take the token for what it was when it was last seen, and read by its admission.
    2. Where that lets nobody in, make sure of the token, and read once more by what it is.
    """
    at = doors()
    for _ in range(2):
        scope = _scope(at, at.bearer.actor, row.path, path)
        if (found := reading.page(at, row.model, scope, path, asked)) is not None:
            return found
        at.make_sure()
    raise Problem(503, "token.changing", "Send it again.", headers={"Retry-After": "1"})


def row_view(row: Shows, asked: dict[str, Any], **path: UUID) -> flask.Response:
    """One row; its ETag is the version of the stream it tells of."""
    at, scope = entered(row.path, path)
    return reading.row(at, row.model, scope, path, row.stream, asked)


def summary_view(row: Sums, asked: dict[str, Any], **path: UUID) -> flask.Response:
    """Figures of one facility, or the sum of all facilities' figures."""
    at, scope = entered(row.path, path)
    return reading.summary(at, row.model, scope, asked, row.through)


def entered(route: str, path: dict[str, UUID]) -> tuple[Doors, Sequence[UUID] | None]:
    """Who comes in, and which facilities they may look at by this route."""
    at = doors()
    return at, _scope(at, at.actor, route, path)


def _scope(at: Doors, actor: Actor, route: str, path: dict[str, UUID]) -> Sequence[UUID] | None:
    """Which facilities someone may look at by a route (None: all).

    What lies outside one's scope is not found, as if it were not there.
    """
    at.reads(flask.request.blueprint or "")
    scope = actor.scope
    if route.startswith("/system"):
        at.whole_system(scope)
        return None
    facility_id = path.get("facility_id")
    if facility_id is not None:
        if not scope.admits(facility_id) or not at.is_facility(facility_id):
            raise NotFound("facility", facility_id)
        return [facility_id]
    return None if scope.facility_ids is None else sorted(scope.facility_ids)
