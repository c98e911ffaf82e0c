"""What changed in the figures of summaries between two positions, and which facts moved each.

Old and new are read as of the two positions, for the whole stretch between them. Which facts moved
a figure is told by folding the events in between; of a long stretch that is told a part at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

from domain.kernel import Recorded
from domain.money import decimal_text
from projections import queries
from projections.audit.state import plain
from projections.audit.wanted import Scope
from projections.blocks import Facts, rows_as_of
from projections.kernel import Key, Summary

Connection = psycopg.Connection[Any]
Group = tuple[Any, ...]
Amount = int | str
"""A figure: a count, or money as decimal text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What the facts of one name did to a figure: how many of them, by how much, first and last."""

    fact: str
    events: int
    by: Amount
    first: int
    last: int

    def __add__(self, other: Moved) -> Moved:
        """What the facts of two parts did, one after the other."""
        return replace(
            self,
            events=self.events + other.events,
            by=_plus(self.by, other.by),
            last=max(self.last, other.last),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a summary that was `old` and is `new`, for the values that tell its row apart."""

    summary: str
    group: dict[str, Any]
    figure: str
    old: Amount
    new: Amount
    change: Amount
    moved_by: tuple[Moved, ...] = ()

    def moved(self, by: Iterable[Moved]) -> Figure:
        """The figure, with what moved it."""
        return replace(self, moved_by=tuple(by))


def groups_of(summary: Summary[Any], *, by_facility: bool) -> tuple[str, ...]:
    """What figures are told apart by: with each facility by itself, or all of them added up."""
    return (("facility_id",) if by_facility else ()) + summary.groups


class Once:
    """The ledger for several summaries: they look at the same blocks, which are read once."""

    def __init__(self, ledger: Facts, summaries: Iterable[Summary[Any]]) -> None:
        self._ledger = ledger
        self._names = sorted({each.name for one in summaries for each in one.handlers})
        self._read: dict[tuple[int, int, Scope], Sequence[Recorded[Any]]] = {}

    def between(
        self,
        after: int,
        upto: int,
        *,
        facts: Sequence[str],
        facilities: Collection[UUID] | None = None,
    ) -> Sequence[Recorded[Any]]:
        """As `Facts` says."""
        place = after, upto, None if facilities is None else frozenset(facilities)
        if place not in self._read:
            self._read[place] = self._ledger.between(
                after, upto, facts=self._names, facilities=facilities
            )
        wanted = frozenset(facts)
        return [each for each in self._read[place] if each.fact.name in wanted]


def figures(
    connection: Connection,
    ledger: Facts,
    summary: Summary[Any],
    *,
    scope: Scope,
    old: int,
    new: int,
    by_facility: bool = False,
) -> list[Figure]:
    """The figures that differ as of two positions the read models have reached."""
    groups = groups_of(summary, by_facility=by_facility)
    was, now = (
        {
            tuple(row[each] for each in groups): row
            for row in queries.total(
                connection, summary, scope=scope, by=groups, as_of=position, ledger=ledger
            )
        }
        for position in (old, new)
    )
    found = []
    for group in [*now, *(each for each in was if each not in now)]:
        for measure in summary.measures:
            one, other = was.get(group, {}), now.get(group, {})
            before, after = one.get(measure.name), other.get(measure.name)
            zero: Amount = 0 if not measure.minor else _zero_like(before or after)
            before, after = before or zero, after or zero
            if before != after:
                found.append(
                    Figure(
                        summary=summary.name,
                        group=dict(zip(groups, group, strict=True)),
                        figure=measure.name,
                        old=before,
                        new=after,
                        change=_less(after, before),
                    )
                )
    return found


Movements = dict[tuple[str, Group, str], list[Moved]]
"""What moved a figure, by summary, group and figure."""


def movements(
    connection: Connection,
    ledger: Facts,
    summary: Summary[Any],
    events: Iterable[Recorded[Any]],
    *,
    scope: Scope,
    after: int,
    by_facility: bool = False,
) -> Movements:
    """What events moved the figures of a summary: all of its events in the scope that follow the
    position `after`, up to some later one.

    1. Read what the block of `after` has of events until there, and load the rows as of its start
       that any of the events touches.
    2. Fold; after `after`, look how far each event moves each figure.
    """
    told = [each for each in events if type(each.fact) in summary.handlers]
    if not told:
        return {}
    start = after - after % summary.grain
    names = [each.name for each in summary.handlers]
    before = ledger.between(start, after, facts=names, facilities=scope) if start < after else ()
    keys = list(dict.fromkeys(key for each in told for key, _ in summary.touches(each)))
    wanted = set(keys)
    loaded = rows_as_of(connection, summary, scope, keys, start) if keys else {}
    rows: dict[Key, Any] = {key: row for key, (row, _) in loaded.items()}
    groups = groups_of(summary, by_facility=by_facility)
    moved: dict[tuple[Group, str, str], tuple[int, int, int, int, str]] = {}
    for event in (*before, *told):
        for key, handler in summary.touches(event):
            if key not in wanted:
                continue
            row = rows.get(key) or summary.zero(key)
            rows[key] = folded = summary.folded(row, event, key, handler)
            if event.position > after and folded is not row:
                _tell(moved, summary, groups, event, row, folded)
    found: Movements = {}
    for (group, figure, fact), (count, by, first, last, currency) in moved.items():
        amount = decimal_text(by, currency) if summary.column[figure].minor else by
        found.setdefault((summary.name, group, figure), []).append(
            Moved(fact=fact, events=count, by=amount, first=first, last=last)
        )
    return found


def _tell(
    moved: dict[tuple[Group, str, str], tuple[int, int, int, int, str]],
    summary: Summary[Any],
    groups: Sequence[str],
    event: Recorded[Any],
    row: Any,
    folded: Any,
) -> None:
    group = tuple(plain(getattr(folded, each)) for each in groups)
    currency = getattr(folded, "currency", "")
    for measure in summary.measures:
        by = getattr(folded, measure.name) - getattr(row, measure.name)
        if by:
            place = group, measure.name, event.fact.name
            count, sum_, first, _, _ = moved.get(place, (0, 0, event.position, 0, ""))
            moved[place] = count + 1, sum_ + by, first, event.position, currency


def with_movements(found: Iterable[Figure], moved: Movements) -> list[Figure]:
    """The figures, each with what moved it."""
    return [
        each.moved(moved.get((each.summary, tuple(each.group.values()), each.figure), ()))
        for each in found
    ]


def _zero_like(amount: Any) -> str:
    """Nothing, with as many places as an amount."""
    return format(Decimal(amount or 0) * 0, "f").lstrip("-")


def _plus(amount: Amount, other: Amount) -> Amount:
    if isinstance(amount, int) and isinstance(other, int):
        return amount + other
    return format(Decimal(amount) + Decimal(other), "f")


def _less(amount: Amount, other: Amount) -> Amount:
    if isinstance(amount, int) and isinstance(other, int):
        return amount - other
    return format(Decimal(amount) - Decimal(other), "f")
