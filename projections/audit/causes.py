"""What led to an event, what followed from it, and all that it belongs to, across streams.

A command may name the one it follows from (its causation) and what it belongs to (its correlation).
What it recorded carries both. So chains are told of commands, each with its events. A chain ends at
what lies outside the auditor's scope, as if there were nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg

from domain.kernel import Recorded
from projections.audit import Reader
from projections.audit.timeline import Asked, page
from projections.audit.wanted import Scope

DEEPEST = 50
"""How many steps a chain is followed, up or down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A command: what it recorded, and the commands that followed from it."""

    command_id: UUID
    causation_id: UUID | None
    events: tuple[Recorded[Any], ...]
    led_to: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """The chains an event stands in.

    `led_here` begins with the first cause and ends with the event's own command, `led_to` is what
    followed from that, `correlated` is all of the correlation as trees. `complete` is False where
    more belongs to it than was asked for.
    """

    event: Recorded[Any]
    led_here: tuple[Given, ...]
    led_to: tuple[Given, ...]
    correlated: tuple[Given, ...]
    complete: bool


class _Ledger:
    """Reads what is in the scope, up to one position."""

    def __init__(
        self, connection: psycopg.Connection[Any], reader: Reader, scope: Scope, upto: int
    ) -> None:
        self._connection, self._reader = connection, reader
        self._scope, self._upto = scope, upto

    def read(self, asked: Asked, limit: int) -> tuple[list[Recorded[Any]], bool]:
        """The first events that satisfy, and whether these are all."""
        found: list[Recorded[Any]] = []
        beyond: int | None = 0
        while beyond is not None and len(found) < limit:
            part = page(
                self._connection,
                self._reader,
                asked,
                scope=self._scope,
                upto=self._upto,
                beyond=beyond,
                limit=limit - len(found),
            )
            found += part.events
            beyond = part.beyond
        return found, beyond is None


def causes(
    connection: psycopg.Connection[Any],
    reader: Reader,
    event: Recorded[Any],
    *,
    scope: Scope,
    upto: int,
    limit: int = 200,
) -> Causes:
    """The chains of an event, each part of at most `limit` events.

    1. The correlation, which mostly is all there is, as trees: those commands come first that
       follow from none of it.
    2. Up: the command of the event, the one it follows from, and so on.
    3. Down: what follows from the event's command, and from that, whatever it belongs to.
    """
    ledger = _Ledger(connection, reader, scope, upto)
    correlated, whole = ledger.read(Asked(correlation_id=event.correlation_id), limit)
    known = {each.command_id: each for each in _given(correlated)} if whole else {}
    led_here, all_above = _up(ledger, event, known, limit)
    below, all_below = _down(ledger, led_here[-1], known, limit)
    return Causes(
        event=event,
        led_here=tuple(led_here),
        led_to=_trees(below, under=event.command_id),
        correlated=_trees(correlated),
        complete=whole and all_above and all_below,
    )


def _up(
    ledger: _Ledger, event: Recorded[Any], known: Mapping[UUID, Given], limit: int
) -> tuple[list[Given], bool]:
    """The chain that ends with the event's own command, and whether that is all of it."""
    chain: list[Given] = []
    wanted: UUID | None = event.command_id
    complete = True
    while wanted is not None and wanted not in {each.command_id for each in chain}:
        if len(chain) == DEEPEST:
            complete = False
            break
        given = known.get(wanted)
        if given is None:
            found, whole = ledger.read(Asked(command_id=wanted), limit)
            if not found:
                break
            (given,) = _given(found)
            complete = complete and whole
        chain.append(given)
        wanted = given.causation_id
    # An event that no command's index knows of stands for itself.
    return chain[::-1] or _given([event]), complete


def _down(
    ledger: _Ledger, top: Given, known: Mapping[UUID, Given], limit: int
) -> tuple[list[Recorded[Any]], bool]:
    """What follows from a command, and whether that is all; a generation at a time, but for those
    that are known, which are looked at together."""
    begun = top.events[0].position
    found = {each.position: each for given in _below(top, known) for each in given.events}
    seen = {top.command_id, *(each.command_id for each in found.values())}
    generation = tuple(seen)
    for _ in range(DEEPEST):
        asked = Asked(causation_ids=generation, position_from=begun)
        children, all_of_them = ledger.read(asked, limit)
        found.update((each.position, each) for each in children)
        generation = tuple({each.command_id for each in children} - seen)
        seen.update(generation)
        if not all_of_them or len(found) > limit:
            return sorted(found.values(), key=lambda each: each.position)[:limit], False
        if not generation:
            return list(found.values()), True
    return list(found.values()), False


def _below(top: Given, known: Mapping[UUID, Given]) -> list[Given]:
    """The commands among those known that follow from one."""
    reached, found = {top.command_id}, list[Given]()
    for each in known.values():
        # In the order of the ledger, a cause comes before what follows from it.
        if each.causation_id in reached and each.command_id not in reached:
            reached.add(each.command_id)
            found.append(each)
    return found


# --- trees ---------------------------------------------------------------------------------------


def _given(events: Iterable[Recorded[Any]]) -> list[Given]:
    """The commands that recorded these events, in the order of their first one."""
    by_command: dict[UUID, list[Recorded[Any]]] = {}
    for each in events:
        by_command.setdefault(each.command_id, []).append(each)
    return [
        Given(command_id=command_id, causation_id=own[0].causation_id, events=tuple(own))
        for command_id, own in by_command.items()
    ]


def _trees(events: Sequence[Recorded[Any]], under: UUID | None = None) -> tuple[Given, ...]:
    """The commands that recorded these events as trees: of those that follow from `under`, or of
    those that follow from none of them.
    """
    commands = _given(sorted(events, key=lambda each: each.position))
    known = {each.command_id for each in commands}
    below: dict[UUID | None, list[Given]] = {}
    for each in commands:
        follows = each.causation_id
        at_the_top = under is None and (follows not in known or follows == each.command_id)
        below.setdefault(None if at_the_top else follows, []).append(each)

    def grown(parent: UUID | None, above: frozenset[UUID | None]) -> tuple[Given, ...]:
        # Whoever follows from himself, over however many others, is not told twice.
        return tuple(
            replace(each, led_to=grown(each.command_id, above | {each.command_id}))
            for each in below.get(parent, ())
            if each.command_id not in above
        )

    return grown(under, frozenset({under}))
