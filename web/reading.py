"""From a query string to one SELECT and back: which rows, which page, which sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

import flask
import marshmallow as ma
import msgspec
from marshmallow import validate

from projections import queries
from projections.columns import Column
from projections.filters import ABSENT
from projections.kernel import ReadModel, Summary
from projections.render import person_column, personal_columns
from web import barcodes
from web.doors import Doors
from web.moments import AN_INSTANT, Moment, asked_moment, moment_fields
from web.problems import Problem
from web.schemas import LARGEST_INTEGER, Day, Exactly, Text

# --- what may be asked -------------------------------------------------------------------------


@cache
def list_schema(model: ReadModel[Any], in_path: tuple[str, ...]) -> ma.Schema:
    """What may be asked of a list: filters by column, a page, a moment."""
    asked = moment_fields()
    for name, (column, comparison) in queries.filter_names(model).items():
        if name not in in_path:
            asked[name] = _filter(column, comparison)
    asked["limit"] = ma.fields.Integer(
        load_default=100,
        validate=validate.Range(min=1, max=1000),
        metadata={"description": "How many rows a page has at most."},
    )
    asked["cursor"] = Text(
        validate=[
            validate.Length(min=1, max=2000),
            validate.Regexp(r"^[A-Za-z0-9_=-]+$", error="Must be taken from `next` of a page."),
        ],
        metadata={"description": "Where the page begins, from the address in `next`."},
    )
    return _schema(f"{model.name}_asked_{'_'.join(in_path)}", asked)


@cache
def summary_schema(model: Summary[Any], through: str | None = None) -> ma.Schema:
    """What may be asked of a summary: some of its dimensions, a moment, and the last day."""
    asked = moment_fields()
    for column in model.columns:
        if column.name in model.groups:
            asked[column.name] = _described(
                _field(column), f"Only what is of this `{column.name}`."
            )
    if through is not None:
        _described(asked[through], "The last day that counts; without one, all do.")
    return _schema(f"{model.name}_asked", asked)


_FILTERS = {
    "=": "Only rows of which `{}` is this.",
    ">=": "Only rows of which `{}` is this or more; of days and instants, this or later.",
    "<=": "Only rows of which `{}` is this or less; of days and instants, this or earlier.",
    ABSENT: "With `true` only rows without `{}`, with `false` only those that have one.",
}
"""What a filter finds, by its comparison."""


def _filter(column: Column, comparison: str) -> Any:
    told = _FILTERS[comparison].format(column.name) + (" Needs `currency`." if column.minor else "")
    return _described(_boolean() if comparison == ABSENT else _field(column), told)


def _described(asked: Any, description: str) -> Any:
    asked.metadata["description"] = description
    return asked


def _field(column: Column) -> Any:
    if column.enum is not None:
        return ma.fields.Enum(column.enum, by_value=True)
    if column.minor:
        amount = validate.Regexp(
            r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$", error="Must be a decimal number, such as 12.30."
        )
        return Text(validate=amount)
    match column.kind:
        case "uuid":
            return ma.fields.UUID()
        case "bigint":
            return ma.fields.Integer(
                validate=validate.Range(min=-LARGEST_INTEGER, max=LARGEST_INTEGER)
            )
        case "boolean":
            return _boolean()
        case "date":
            return Day()
        case "timestamptz":
            return Text(validate=AN_INSTANT)
        case _:
            return Text(validate=validate.Length(min=1, max=200))


def _boolean() -> ma.fields.Boolean:
    return ma.fields.Boolean(truthy={"true"}, falsy={"false"})


def _schema(name: str, asked: dict[str, Any]) -> ma.Schema:
    members: dict[str, Any] = {**asked}
    if scannable := barcodes.filters_of(asked):

        def scanned(self: ma.Schema, given: Any, **_: Any) -> Any:  # noqa: ARG001
            return barcodes.read(given, scannable)

        members["barcode"] = Text(metadata={"description": barcodes.TOLD})
        members["scanned"] = ma.pre_load(scanned)
    return cast(ma.Schema, type(name, (Exactly,), members)())


# --- what is answered --------------------------------------------------------------------------


def page(
    at: Doors,
    model: ReadModel[Any],
    scope: Sequence[UUID] | None,
    path: Mapping[str, UUID],
    asked: dict[str, Any],
) -> flask.Response | None:
    """A page of a list; None where the bearer's admission lets nobody in.

    1. Read, in one round trip, and see how far the model had come then.
    2. Where that is not as far as was asked for, or there are no tables yet, make sure that there
       is such a moment, wait for it, and read again.
    """
    flask.g.shows = model
    rest = dict(asked)
    limit, cursor = rest.pop("limit"), rest.pop("cursor", None)
    moment = Moment.of(at, rest)
    filters = {name: _plain(value) for name, value in {**rest, **path}.items()}

    def read() -> queries.Shown | None:
        with at.pool.connection() as connection:
            return queries.shown(
                connection,
                model,
                admission=at.bearer.admission,
                scope=scope if model.scoped else None,
                filters=filters,
                cursor=cursor,
                limit=limit,
                as_of=moment.as_of,
                ledger=at.seen_by(at.bearer.actor),
                masked=not at.bearer.actor.sees_personal,
            )

    try:
        try:
            found = read()
            behind = found is not None and found.position < moment.needed
        except queries.NotReady:
            behind = True
        if behind:
            at.make_sure()
            moment.wait(at, model)
            found = read()
    except queries.BadCursor as error:
        rule = "must be taken from `next` of this list, asked in the same way"
        raise Problem(
            400,
            "cursor.malformed",
            f"The cursor {rule}.",
            details={"field": "cursor", "value": cursor[:40], "rule": rule},
        ) from error
    except queries.BadValue as error:
        raise Problem(
            409,
            "filter.refused",
            str(error),
            details={"field": error.field, "value": error.value, "rule": error.rule},
        ) from error
    if found is None:
        return None
    at.admitted()
    flask.g.persons_shown = found.persons  # for whoever puts the read on record
    following = None if found.next_cursor is None else page_after(found.next_cursor)
    position = found.position if moment.as_of is None else moment.as_of
    told = msgspec.json.encode(following).decode()
    body = f'{{"items":[{found.items}],"next":{told},"position":{position}}}'
    response = flask.Response(body, mimetype="application/json")
    response.headers["Almoner-Position"] = str(position)
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def row(
    at: Doors,
    model: ReadModel[Any],
    scope: Sequence[UUID] | None,
    path: Mapping[str, UUID],
    stream: str,
    asked: dict[str, Any],
) -> flask.Response:
    """One row; not found where there was none at that moment."""
    as_of, position = asked_moment(at, model, dict(asked))
    with at.pool.connection() as connection:
        found = queries.one(
            connection,
            model,
            tuple(path[name] for name in model.key),
            scope=scope if model.scoped else None,
            as_of=as_of,
        )
    if found is None:
        kind = stream.removesuffix("_id")
        raise Problem(404, f"{kind}.unknown", f"There is no such {kind.replace('_', ' ')}.")
    hidden = () if at.actor.sees_personal else personal_columns(model)
    (shown,) = queries.render(model, [found], hidden)
    if not hidden and (name := person_column(model)) is not None:
        flask.g.persons_shown = shown[name]  # for whoever puts the read on record
    response = _told(shown, position)
    response.headers["ETag"] = f'"{at.ledger.version_at(path[stream], position)}"'
    return response


def summary(
    at: Doors,
    model: Summary[Any],
    scope: Sequence[UUID] | None,
    asked: dict[str, Any],
    through: str | None = None,
) -> flask.Response:
    """Figures of the facilities in scope, added up by the dimensions beyond the facility, and over
    the days up to the one asked for where the summary is told `through` a day.
    """
    rest = dict(asked)
    as_of, position = asked_moment(at, model, rest)
    if through in rest:
        rest[f"{through}_to"] = rest.pop(through)
    with at.pool.connection() as connection:
        rows = queries.total(
            connection,
            model,
            scope=scope,
            by=[each for each in model.groups if each != through],
            filters={name: _plain(value) for name, value in rest.items()},
            as_of=as_of,
            ledger=at.seen,
        )
    return answered({"items": rows}, position)


def page_after(cursor: object) -> str:
    """The address of the page that follows: what was asked for, from there on."""
    kept = [(name, value) for name, value in flask.request.args.items() if name != "cursor"]
    return f"{flask.request.path}?{urlencode([*kept, ('cursor', str(cursor))])}"


def answered(content: dict[str, Any], position: int) -> flask.Response:
    """What is told, and the position it is good for: beside it, and in a header."""
    return _told({**content, "position": position}, position)


def _told(content: dict[str, Any], position: int) -> flask.Response:
    told = msgspec.json.encode(content, enc_hook=str)
    response = flask.Response(told, mimetype="application/json")
    response.headers["Almoner-Position"] = str(position)
    return response


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)
