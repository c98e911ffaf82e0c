"""The auditor at work: what is asked at either door, answered within the scope of who asks.

What identifies a person is masked for whoever may not see it, before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.persistence import OperationalError
from psycopg_pool import ConnectionPool

from domain.kernel import Recorded
from facilities.bulk import unhurried_collector
from facilities.codec import is_personal, person_of
from facilities.envelope import Entry
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import NotFound
from facilities.sight import Seen
from projections.audit import Placed
from projections.audit.causes import Causes, causes
from projections.audit.difference import Difference, difference, in_full
from projections.audit.facility import TOLD, changed, part
from projections.audit.figures import (
    Figure,
    Movements,
    Once,
    figures,
    movements,
    with_movements,
)
from projections.audit.masking import masked
from projections.audit.state import Folded, Moment, state_at
from projections.audit.timeline import Asked, Page, page
from projections.audit.wanted import Scope
from projections.kernel import Summary

Events = Sequence[Recorded[Any]]
P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What changed between two positions, told up to the position `upto`; whether that is all."""

    differences: Sequence[Difference[Recorded[Any]]]
    figures: Sequence[Figure]
    upto: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Auditor:
    """Someone who looks back: at what is within the scope, and nothing else.

    The program finds where something is (`ledger`); what is there is read as `seen`.
    """

    pool: ConnectionPool[Any]
    ledger: Ledger
    seen: Seen
    actor: Actor
    persons: set[UUID] = field(default_factory=set)
    """Whose data was looked at unmasked."""

    @property
    def scope(self) -> Scope:
        """The facilities that may be looked at; None is all, and what belongs to none."""
        return self.actor.scope.facility_ids

    def at(self, positions: Sequence[int]) -> Events:
        """The events at these positions, in order, as this auditor may see them."""
        return self._masked(self.seen.at(positions))

    def entries(
        self, stream_ids: Sequence[UUID], *, upto: int, carried_by: int = 0
    ) -> dict[UUID, Sequence[Entry]]:
        """What was recorded of some streams up to a position, as this auditor may see it."""
        found = self.seen.entries(stream_ids, upto=upto, carried_by=carried_by)
        return {stream_id: self._masked(own) for stream_id, own in found.items()}

    def end(self, stream_id: UUID) -> int:
        """The last version of a stream. Raises NotFound where it is not there, or not in the
        scope."""
        found = self.seen.end(stream_id)
        if found is None or not self.actor.scope.admits(found[1]):
            raise NotFound("stream", stream_id)
        return found[0]

    def state(self, stream_id: UUID, moment: Moment) -> Folded[Recorded[Any]] | None:
        """What a stream had become at a moment; None where nothing had happened yet, or it lies
        outside the scope."""
        with unhurried_collector():
            found: Folded[Any] | None = state_at(self._course(stream_id, moment), moment)
        if found is None or not found.set_aside:
            return found
        set_aside = self.at([each.position for each in found.set_aside])
        return replace(found, set_aside=tuple(set_aside))

    def difference(
        self, stream_id: UUID, old: Moment, new: Moment, *, beyond: int = 0, most: int | None
    ) -> Difference[Recorded[Any]] | None:
        """What changed between two moments in a stream; None where it had not begun, or lies
        outside the scope."""
        with unhurried_collector():
            entries = self._course(stream_id, old, new)
            found = difference(entries, old, new, beyond=beyond, most=most)
            return None if found is None else in_full(self, [found])[0]

    def _course(self, stream_id: UUID, *moments: Moment) -> Sequence[Entry]:
        """What is to be folded of a stream to tell what it was at some moments.

        What it carried is enough where all that was known makes the moments. By when things
        happened it is not: a closing tells of what was recorded by then, whenever that happened.
        """
        by_record = all(each.effective_at is None for each in moments)
        entries = self.entries(
            [stream_id],
            upto=max(each.known_at for each in moments),
            carried_by=min(each.known_at for each in moments) if by_record else 0,
        ).get(stream_id, ())
        if entries and not self.actor.scope.admits(entries[0].facility_id):
            return ()
        return entries

    def timeline(
        self, asked: Asked, *, beyond: int | None = None, newest_first: bool = False, limit: int
    ) -> Page:
        """The next events that satisfy, in either direction."""
        upto = self._settled()
        with self.pool.connection() as connection:
            return page(
                connection,
                self,
                asked,
                scope=self.scope,
                upto=upto,
                beyond=beyond,
                newest_first=newest_first,
                limit=limit,
            )

    def causes(
        self, *, position: int | None = None, command_id: UUID | None = None, limit: int
    ) -> Causes | None:
        """The chains of an event, or of a command's first event; None where there is none."""
        upto = self._settled()
        if position is None:
            found = self.timeline(Asked(command_id=command_id), limit=1).events
        else:
            found = self.at([position])
        if not found or not self.actor.scope.admits(found[0].facility_id):
            return None
        with self.pool.connection() as connection:
            return causes(connection, self, found[0], scope=self.scope, upto=upto, limit=limit)

    def compared(
        self,
        facility_id: UUID | None,
        summaries: Sequence[Summary[Any]],
        *,
        old: int,
        new: int,
        beyond: int | None = None,
        by_facility: bool = False,
        limit: int,
        events: int | None = TOLD,
        known: Sequence[Figure] | None = None,
    ) -> Compared:
        """What changed between two positions that the read models have reached: at a facility its
        things (at most `limit`, by at most so many `events` each) and its figures, in the whole
        system the figures.

        Figures are told whole, and what moved them from the position `beyond` on. Those that are
        `known` from an earlier part are not looked up again.
        """
        scope = self.scope if facility_id is None else frozenset({facility_id})
        after = old if beyond is None else max(old, beyond)
        counted = {each.name for summary in summaries for each in summary.handlers}
        asked = Asked(facts=tuple(sorted(counted))) if facility_id is None else Asked()
        with unhurried_collector(), self.pool.connection() as connection:
            told = part(
                connection,
                self,
                asked,
                scope=scope,
                after=after,
                upto=new,
                streams=None if facility_id is None else limit,
            )
            things: Sequence[Difference[Recorded[Any]]] = ()
            if facility_id is not None:
                things = changed(connection, self, told.events, old=old, new=new, told=events)
            ledger, found = Once(self.seen, summaries), list(known or ())
            moved: Movements = {}
            for summary in summaries:
                within: dict[str, Any] = {"scope": scope, "by_facility": by_facility}
                moved |= movements(connection, ledger, summary, told.events, after=after, **within)
                if known is None:
                    found += figures(connection, ledger, summary, old=old, new=new, **within)
            found = with_movements(found, moved)
        return Compared(differences=things, figures=found, upto=told.upto, complete=told.last)

    def _settled(self) -> int:
        """The position up to which the order is certain: nothing slips in later before the end of
        a page that was read."""
        settled = self.ledger.recorder.settled()
        if settled is None:
            raise OperationalError("somebody has been in the middle of an append for long")
        return settled

    def _masked(self, events: Sequence[P]) -> Sequence[P]:
        if not self.actor.sees_personal:
            return masked(events)
        self.persons.update(persons_of(events))
        return events


def persons_of(events: Iterable[Placed]) -> Iterator[UUID]:
    """The persons whom what is personal in these events is about."""
    for event in events:
        if is_personal(event.fact.name):
            person = person_of(event.fact, event.stream_id)
            if person is not None:
                yield person
