"""From a query string to one SELECT and back: which moment, which rows, which page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from projections.render import personal_columns
from web import barcodes
from web.doors import Doors
from web.problems import Problem
from web.schemas import LARGEST_INTEGER, Day, Text

PATIENCE = 3.0
"""How long, in seconds, a query waits for its read model to catch up."""

_MONTH_AND_DAY = (
    r"((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31|02-29)"
)
INSTANT = (
    rf"[1-9][0-9]{{3}}-{_MONTH_AND_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
MOMENT = rf"^([0-9]{{1,15}}|{INSTANT})$"


# --- what may be asked -------------------------------------------------------------------------


def moment_fields() -> dict[str, Any]:
    return {
        "as_of": Text(
            validate=validate.Regexp(MOMENT, error="Must be a position or an ISO 8601 instant."),
            metadata={
                "description": "A past instant, with an offset, or a position of the ledger.",
                "example": "2026-01-31T23:59:59Z",
            },
        ),
        "after": ma.fields.Integer(
            validate=validate.Range(min=0, max=LARGEST_INTEGER),
            metadata={"description": "Wait until this position of the ledger is told of."},
        ),
    }


@cache
def moment_schema() -> ma.Schema:
    """What may be asked of one row."""
    return _schema("Moment", moment_fields())


@cache
def list_schema(model: ReadModel[Any], in_path: tuple[str, ...]) -> ma.Schema:
    """What may be asked of a list: filters by column, a page, a moment."""
    asked = moment_fields()
    for name, (column, comparison) in queries.filter_names(model).items():
        if name not in in_path:
            asked[name] = _boolean() if comparison == ABSENT else _field(column)
    asked["limit"] = ma.fields.Integer(
        load_default=100,
        validate=validate.Range(min=1, max=1000),
        metadata={"description": "How many rows a page has at most."},
    )
    asked["cursor"] = Text(
        validate=[
            validate.Length(min=1, max=2000),
            validate.Regexp(r"^[A-Za-z0-9_=-]+$", error="Must be taken from the address in `next`."),
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
            asked[column.name] = _field(column)
    if through is not None:
        asked[through].metadata["description"] = "The last day that counts; without one, all do."
    return _schema(f"{model.name}_asked", asked)


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
            rule = "Must be an instant with its offset, such as 2026-01-31T23:59:59Z."
            return Text(validate=validate.Regexp(f"^{INSTANT}$", error=rule))
        case _:
            return Text(validate=validate.Length(min=1, max=200))


def _boolean() -> ma.fields.Boolean:
    return ma.fields.Boolean(truthy={"true"}, falsy={"false"})


def _schema(name: str, asked: dict[str, Any]) -> ma.Schema:
    class Meta:
        unknown = ma.RAISE

    members: dict[str, Any] = {**asked, "Meta": Meta}
    if scannable := barcodes.filters_of(asked):

        def scanned(self: ma.Schema, given: Any, **_: Any) -> Any:  # noqa: ARG001
            return barcodes.read(given, scannable)

        members["barcode"] = Text(metadata={"description": barcodes.TOLD})
        members["scanned"] = ma.pre_load(scanned)
    return cast(ma.Schema, type(name, (ma.Schema,), members)())


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
    moment = _Moment.of(at, rest)
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
    following = None
    if found.next_cursor is not None:
        kept = [(name, value) for name, value in flask.request.args.items() if name != "cursor"]
        following = f"{flask.request.path}?{urlencode([*kept, ('cursor', found.next_cursor)])}"
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
    flask.g.shows = model
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
    response = _json(shown, position, wrapped=False)
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
    flask.g.shows = model
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
    return _json({"items": rows}, position)


def _json(content: dict[str, Any], position: int, *, wrapped: bool = True) -> flask.Response:
    whole = {**content, "position": position} if wrapped else content
    response = flask.Response(msgspec.json.encode(whole, enc_hook=str), mimetype="application/json")
    response.headers["Almoner-Position"] = str(position)
    return response


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


@dataclass(frozen=True, slots=True)
class _Moment:
    """The position a query is about (None: now), and the one its read model must have reached."""

    as_of: int | None
    after: int

    @classmethod
    def of(cls, at: Doors, asked: dict[str, Any]) -> _Moment:
        """Takes `as_of` and `after` out of what was asked."""
        given, after = asked.pop("as_of", None), asked.pop("after", 0)
        if given is None:
            return cls(None, after)
        # Whether there is such a position shows when it is read, or waited for.
        return cls(int(given) if given.isdigit() else position_of(at, given), after)

    @property
    def needed(self) -> int:
        return max(self.after, self.as_of or 0)

    def wait(self, at: Doors, model: ReadModel[Any]) -> int:
        """Wait until the read model has come that far; returns how far it has.

        Raises Problem 409 where there is no such position, 503 where it does not come in time.
        """
        if self.needed and self.needed > (head := at.ledger.head()):
            name, value = ("after", self.after) if self.after > head else ("as_of", str(self.as_of))
            raise _not_yet(name, value, "There is no such position yet.")
        return caught_up(at, model, self.needed)


def asked_moment(at: Doors, model: ReadModel[Any], asked: dict[str, Any]) -> tuple[int | None, int]:
    """The position a query is about (None: now), and the one its answer is good for.

    Takes `as_of` and `after` out of `asked`, and waits until the read model has come that far.
    """
    moment = _Moment.of(at, asked)
    reached = moment.wait(at, model)
    return moment.as_of, reached if moment.as_of is None else moment.as_of


def caught_up(at: Doors, model: ReadModel[Any], needed: int) -> int:
    """How far a read model has come, once it has come as far as is needed. Raises Problem 503."""
    reached = _checkpoint(at, model)
    if reached < needed:
        if not at.progress.wait(lambda: _checkpoint(at, model) >= needed, PATIENCE):
            raise Problem(
                503,
                "read_model.behind",
                f"{model.name} has not come to position {needed} yet.",
                headers={"Retry-After": "1"},
                model=model.name,
                needed=needed,
            )
        reached = _checkpoint(at, model)
    return reached


def _not_yet(field: str, value: object, rule: str) -> Problem:
    details = {"field": field, "value": value, "rule": rule}
    return Problem(409, "moment.not_yet", f"{field}: {rule}", details=details)


def position_of(at: Doors, given: str, field: str = "as_of") -> int:
    """The position of a moment: one given as it is, or the last one recorded by an instant.

    Raises Problem 409 where the moment is yet to come.
    """
    if re.fullmatch("[0-9]+", given):
        position = int(given)
        if position > at.ledger.head():
            raise _not_yet(field, given, "There is no such position yet.")
        return position
    instant = instant_of(given, field)
    if instant > datetime.now(UTC):
        raise _not_yet(field, given, "Must not be in the future.")
    return at.ledger.position_at(instant)


def instant_of(given: str, field: str) -> datetime:
    """An instant that is well formed. Raises Problem 409 for the 29 February of a year without."""
    try:
        return datetime.fromisoformat(given)
    except ValueError as error:
        details = {"field": field, "value": given, "rule": "must be a day there is"}
        raise Problem(
            409, "moment.unknown", f"{field}: There is no such day.", details=details
        ) from error


def _checkpoint(at: Doors, model: ReadModel[Any]) -> int:
    """How far a model has come; -1 while its tables are being built."""
    with at.pool.connection() as connection:
        try:
            return queries.checkpoint(connection, model)
        except queries.NotReady:
            return -1
