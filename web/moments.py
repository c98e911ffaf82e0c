"""What is asked of figures that a view makes of a read model: as of which moment, after which."""

from __future__ import annotations

from typing import Any

import flask
import marshmallow as ma
from marshmallow import validate

from projections.kernel import ReadModel
from web import reading
from web.doors import Doors
from web.schemas import LARGEST_INTEGER, Text


class AsOf(ma.Schema):
    """The moment that is asked about."""

    class Meta:
        unknown = ma.RAISE

    as_of = Text(
        validate=validate.Regexp(
            reading.MOMENT, error="Must be a position or an ISO 8601 instant."
        ),
        metadata={"description": "A past instant, with an offset, or a position of the ledger."},
    )
    after = ma.fields.Integer(
        validate=validate.Range(min=0, max=LARGEST_INTEGER),
        metadata={"description": "Wait until this position of the ledger is told of."},
    )


def moment(at: Doors, model: ReadModel[Any], asked: dict[str, Any]) -> tuple[int | None, int]:
    """The position that is asked about (None: now), and the one the answer is good for, once the
    model has come there. Takes `as_of` and `after` out of what was asked.

    Raises Problem 409 where there is no such position, 503 where the model does not come in time.
    """
    flask.g.shows = model
    given, after = asked.pop("as_of", None), asked.pop("after", 0)
    as_of = None if given is None else reading.position_of(at, given)
    needed = max(as_of or 0, reading.position_of(at, str(after), "after"))
    reached = reading.caught_up(at, model, needed)
    return as_of, reached if as_of is None else as_of
