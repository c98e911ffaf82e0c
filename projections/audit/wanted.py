"""What is asked of the ledger, in SQL: the statement that finds the first positions of a stretch,
and what tells how it is looked for (`projections.audit.search`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from projections.audit.timeline import Asked

Scope = Collection[UUID] | None

BY_BLOCK = frozenset(
    {"actor", "role", "fact", "command_id", "correlation_id", "causation_id", "effective_at"}
)
"""The columns the block-range index knows of."""

_EQUAL = ("facility_id", "stream_id", "actor", "role", "command_id")
_POSITION = ("position",)
_VERSION = ("version",)
_FACILITY = ("position / 4096", "position")
"""The order the index of facilities has: by blocks of positions."""

_AT = "position BETWEEN %s AND %s"
_IN_BLOCKS = "position / 4096 BETWEEN %s / 4096 AND %s / 4096"

Statement = tuple[str, list[Any]]
"""A text, and what it binds."""


@dataclass(slots=True)
class Wanted:
    """Conditions, and what helps to find the events that satisfy them.

    `in_order`: one statement finds them in order, without looking at others. `by_blocks`: the
    block-range indexes help; `first_by_blocks`: from the beginning; `rare`: and far at once.
    `several` is a scope of more than one facility; `only_several`: and nothing else is asked.
    """

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    several: list[UUID] = field(default_factory=list)
    only_several: bool = False
    in_order: bool = False
    by_blocks: bool = False
    first_by_blocks: bool = False
    rare: bool = False
    order: tuple[str, ...] = _POSITION

    @classmethod
    def of(cls, asked: Asked, scope: Scope) -> Wanted:
        wanted = cls()
        for name in _EQUAL:
            wanted._also(name, "=", getattr(asked, name))
        one = asked.facility_id is not None
        if scope is not None and not one:
            one = len(scope) == 1
            if one:
                # An equality: only then does the index of the facility give the order too.
                wanted._also("facility_id", "=", next(iter(scope)))
            else:
                wanted.several = sorted(scope)
        if one:
            wanted.order = _FACILITY
        if asked.correlation_id is not None:
            # A command that begins what it belongs to does not say so.
            wanted.conditions.append(
                "(correlation_id = %s OR (command_id = %s AND correlation_id IS NULL))"
            )
            wanted.values += [asked.correlation_id, asked.correlation_id]
            wanted.by_blocks = True
        if asked.causation_ids is not None:
            wanted._among("causation_id", asked.causation_ids)
        if asked.facts is not None:
            wanted._among("fact", asked.facts)
        wanted._also("effective_at", ">=", asked.effective_from)
        wanted._also("effective_at", "<=", asked.effective_to)
        if asked.stream_id is not None:
            # Positions follow versions, and the index of the stream has these in order.
            wanted.in_order, wanted.by_blocks, wanted.order = True, False, _VERSION
        else:
            alone = len(wanted.conditions) == (1 if one else 0)
            wanted.in_order = alone and not wanted.several
            wanted.only_several = alone and bool(wanted.several)
            wanted.rare = asked.command_id is not None or asked.causation_ids is not None
        if asked.recorded_from is not None and asked.stream_id is None:
            wanted.in_order = wanted.only_several = False
            wanted.by_blocks = wanted.first_by_blocks = True
        wanted._also("recorded_at", ">=", asked.recorded_from)
        wanted._also("recorded_at", "<=", asked.recorded_to)
        return wanted

    @property
    def of_one(self) -> bool:
        """Whether the index of one facility gives the order."""
        return self.order is _FACILITY

    def _also(self, column: str, comparison: str, value: Any) -> None:
        """Another condition, where a value is given."""
        if value is not None:
            self.conditions.append(f"{column} {comparison} %s")
            self.values.append(value)
            self.by_blocks |= column in BY_BLOCK

    def _among(self, column: str, values: Sequence[Any]) -> None:
        self.conditions.append(f"{column} = ANY(%s)")
        self.values.append(list(values))
        self.by_blocks |= column in BY_BLOCK

    def first(
        self, first: int, last: int, newest_first: bool, limit: int, *, merged: bool = False
    ) -> Statement:
        """The statement that finds the first positions from one to another, in order; of several
        facilities among all others' events, or merged from those of each."""
        way = " DESC" if newest_first else ""
        conditions, values, order = [*self.conditions, _AT], [*self.values, first, last], self.order
        if merged:
            conditions, order = [*conditions, "facility_id = each.facility"], _FACILITY
        elif self.several:
            conditions.append("facility_id = ANY(%s)")
            values.append(self.several)
        if order is _FACILITY:
            conditions.append(_IN_BLOCKS)
            values += [first, last]
        text = (
            f"SELECT position FROM ledger.events WHERE {' AND '.join(conditions)}"
            f" ORDER BY {', '.join(each + way for each in order)} LIMIT %s"
        )
        values.append(limit)
        if not merged:
            return text, values
        return (
            "SELECT its.position FROM unnest(%s::uuid[]) AS each (facility)"
            f" CROSS JOIN LATERAL ({text}) AS its ORDER BY its.position{way} LIMIT %s"
        ), [self.several, *values, limit]
