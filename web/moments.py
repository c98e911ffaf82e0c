"""Which moment is asked about: as of when, after what, and whether a read model has come there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import flask
import marshmallow as ma
from marshmallow import validate

from projections import queries
from projections.kernel import ReadModel
from web.doors import Doors
from web.problems import Problem
from web.schemas import LARGEST_INTEGER, Exactly, Text

THERE_IS = "must be a position that the ledger has come to"

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

A_MOMENT = validate.Regexp(
    MOMENT, error="Must be a position of the ledger, or an instant such as 2026-01-31T23:59:59Z."
)
AN_INSTANT = validate.Regexp(
    f"^{INSTANT}$", error="Must be an instant with its offset, such as 2026-01-31T23:59:59Z."
)
A_MONTH = validate.Regexp(
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])$", error="Must be a year and a month, such as 2026-03."
)


# --- what may be asked -------------------------------------------------------------------------


def moment_fields() -> dict[str, Any]:
    """Which moment, and after which position."""
    return {
        "as_of": Text(
            validate=A_MOMENT,
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


class AsOf(Exactly):
    """The moment that is asked about."""

    as_of = moment_fields()["as_of"]
    after = moment_fields()["after"]


# --- what was asked ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """The position a query is about (None: now), and the one it was to be told after."""

    as_of: int | None
    after: int

    @classmethod
    def of(cls, at: Doors, asked: dict[str, Any]) -> Moment:
        """Takes `as_of` and `after` out of what was asked."""
        given, after = asked.pop("as_of", None), asked.pop("after", 0)
        if given is None:
            return cls(None, after)
        # Whether there is such a position shows when it is read, or waited for.
        return cls(int(given) if given.isdigit() else position_of(at, given), after)

    @property
    def needed(self) -> int:
        """The position its read model must have reached."""
        return max(self.after, self.as_of or 0)

    def wait(self, at: Doors, model: ReadModel[Any]) -> int:
        """Wait until the read model has come that far; returns how far it has.

        Raises Problem 409 where there is no such position, 503 where it does not come in time.
        """
        if self.needed and self.needed > (head := at.ledger.head()):
            name, value = ("after", self.after) if self.after > head else ("as_of", str(self.as_of))
            raise _not_yet(name, value, THERE_IS)
        return caught_up(at, model, self.needed)


def asked_moment(at: Doors, model: ReadModel[Any], asked: dict[str, Any]) -> tuple[int | None, int]:
    """The position a query is about (None: now), and the one its answer is good for.

    Takes `as_of` and `after` out of `asked`, and waits until the read model has come that far. The
    model is what is shown, for whoever puts the read on record.

    Raises Problem 409 where there is no such position, 503 where the model does not come in time.
    """
    flask.g.shows = model
    moment = Moment.of(at, asked)
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
    return Problem(409, "moment.not_yet", f"{field} {rule}.", details=details)


def position_of(at: Doors, given: str, field: str = "as_of") -> int:
    """The position of a moment: one given as it is, or the last one recorded by an instant.

    Raises Problem 409 where the moment is yet to come.
    """
    if re.fullmatch("[0-9]+", given):
        position = int(given)
        if position > at.ledger.head():
            raise _not_yet(field, given, THERE_IS)
        return position
    instant = instant_of(given, field)
    if instant > datetime.now(UTC):
        raise _not_yet(field, given, "must not be in the future")
    return at.ledger.position_at(instant)


def instant_of(given: str, field: str) -> datetime:
    """An instant that is well formed. Raises Problem 409 for the 29 February of a year without."""
    try:
        return datetime.fromisoformat(given)
    except ValueError as error:
        details = {"field": field, "value": given, "rule": "must be a day there is"}
        raise Problem(
            409, "moment.unknown", f"{field} must be a day there is.", details=details
        ) from error


def _checkpoint(at: Doors, model: ReadModel[Any]) -> int:
    """How far a model has come; -1 while its tables are being built."""
    with at.pool.connection() as connection:
        try:
            return queries.checkpoint(connection, model)
        except queries.NotReady:
            return -1
