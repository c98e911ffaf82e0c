"""Parcels: the commands one row (or one claim, or one stock item) of a file came to.

A parcel is sent whole or not at all: its commands stay together in one batch, in their order, and
a batch is one append. Sending is a numbered procedure:

1. What was refused already is passed over, and what needs something that was refused is refused
   with it ("its organization was rejected").
2. Parcels are gathered into batches of about a thousand commands; none is split.
3. Where the service refuses one of a parcel's commands, that is reported in the words of the file:
   its line, its column, the value, the rule.

Everything is sent over a `Rehearsal` first, which remembers what would be appended and stores
nothing. What is refused there is left out, whole; what was decided there is stored as it is, where
it still holds (see `delivery`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, Tracking

from domain.kernel import Command, Refused, foreign_id
from facilities.exchange.report import Change, Rejected
from facilities.exchange.tables import BadRow, shown
from facilities.ledger import Answered, Ledger, Pending, StoredFact
from facilities.scope import Actor
from facilities.service import Answer, Context, KeyReused, Outcome, Service, new_id

BATCH = 1_000
"""About how many commands are appended at once."""

Thing = tuple[str, str]
"""What a file tells of, in words for people: ``("organization", "5e766f2b-...")``."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a file. `columns` says in which column each field of its commands stood."""

    file: str
    line: int | None
    columns: Mapping[str, str] = field(default_factory=dict)
    private: frozenset[str] = frozenset()

    def rejected(self, rule: str, column: str | None = None, value: object = None) -> Rejected:
        told = None if value is None or column in self.private else shown(value)
        return Rejected(file=self.file, line=self.line, column=column, value=told, rule=rule)

    def changed(self, named: str, was: object, becomes: object) -> Change:
        """What the row says of a field otherwise than it was; what is private is not repeated."""
        column = self.columns.get(named, named)
        told = [
            None if each is None or column in self.private else shown(each)
            for each in (was, becomes)
        ]
        return Change(file=self.file, line=self.line, column=column, was=told[0], becomes=told[1])


@dataclass(frozen=True, slots=True)
class Letter:
    """A command, where it was read, and what is otherwise by it than was known."""

    command: Command
    context: Context
    place: Place
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """A thing that must not have been refused, and where it is named."""

    thing: Thing
    place: Place
    column: str | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """Commands that belong together, and the stream they are about."""

    thing: Thing
    stream_id: UUID
    place: Place
    letters: Sequence[Letter]


@dataclass(frozen=True, slots=True)
class Draft:
    """A parcel that is not written yet: what it is about, and what it needs to be there.

    Its letters are written when it is sent, so that a large file is never there as commands as a
    whole. Writing may raise `BadRow`.
    """

    thing: Thing
    stream_id: UUID
    place: Place
    write: Callable[[], Sequence[Letter]]
    needs: Sequence[Need] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """Addresses letters: every command has the same id whenever the same row is imported. One that
    changes what was known has it in its run only: another day it may have to be given again."""

    source: str
    actor: Actor
    run: UUID = field(default_factory=new_id)
    _streams: dict[tuple[str, ...], UUID] = field(default_factory=dict, compare=False)

    def letter(self, command: Command, what: str, their_id: str, place: Place) -> Letter:
        return Letter(command, self._context(place, their_id, what, their_id), place)

    def change(
        self, command: Command, what: str, their_id: str, place: Place, *changes: Change
    ) -> Letter:
        context = self._context(place, their_id, what, their_id, self.run)
        return Letter(command, context, place, changes)

    def _context(self, place: Place, their_id: str, *named: object) -> Context:
        return Context(
            actor=self.actor,
            command_id=foreign_id(f"{self.source}/command", *named),
            keyed=True,
            correlation_id=self.run,
            source=f"{self.source}:{place.file}:{their_id}",
        )

    def stream(self, kind: str, *their_id: str) -> UUID:
        """The stream of a thing of theirs. Each is named again and again: by every row of it."""
        named = (kind, *their_id)
        if (known := self._streams.get(named)) is None:
            known = self._streams[named] = foreign_id(f"{self.source}/{kind}", *their_id)
        return known


@dataclass(slots=True)
class Refusals:
    """What was turned away so far, by reading or by sending."""

    rejected: list[Rejected] = field(default_factory=list)
    things: set[Thing] = field(default_factory=set)

    def add(self, rejected: Rejected, *things: Thing) -> None:
        self.rejected.append(rejected)
        self.things.update(things)


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch that was sent: of which drafts, which of its parcels arrived, and whether the service
    refused any."""

    drafts: Sequence[Draft]
    arrived: Sequence[Parcel]
    refused: bool


def send(drafts: Iterable[Draft], service: Service, refusals: Refusals) -> Iterator[Sent]:
    """Send parcels in batches, and tell what came of each.

    Raises what concerns all of a batch: Contended, errors of the database. What was sent before
    stays, and is passed over when the same rows are sent again.
    """
    for tried, batch in _batches(drafts, refusals):
        letters = [letter for parcel in batch for letter in parcel.letters]
        answers = iter(service.execute_all([(each.command, each.context) for each in letters]))
        arrived = []
        for parcel in batch:
            # The letters are first to end, so that no answer of the next parcel is taken.
            refused = [
                (letter, answer)
                for letter, answer in zip(parcel.letters, answers, strict=False)
                if not isinstance(answer, Outcome)
            ]
            if refused:
                _turn_away(parcel, *refused[0], refusals)
            else:
                arrived.append(parcel)
        yield Sent(tried, arrived, len(arrived) < len(batch))


def written(drafts: Iterable[Draft], refusals: Refusals) -> Iterator[Parcel]:
    """The parcels of drafts; not of those that were refused, or need what was."""
    for draft in drafts:
        if (parcel := _written(draft, refusals)) is not None:
            yield parcel


def _batches(
    drafts: Iterable[Draft], refusals: Refusals
) -> Iterator[tuple[Sequence[Draft], Sequence[Parcel]]]:
    """Parcels that are sent together, and the drafts they come of, written or not."""
    tried: list[Draft] = []
    batch: list[Parcel] = []
    letters = 0
    for draft in drafts:
        parcel = _written(draft, refusals)
        if parcel is not None:
            if batch and letters + len(parcel.letters) > BATCH:
                yield tried, batch
                tried, batch, letters = [], [], 0
            batch.append(parcel)
            letters += len(parcel.letters)
        tried.append(draft)
    yield tried, batch


def _written(draft: Draft, refusals: Refusals) -> Parcel | None:
    if draft.thing in refusals.things:
        return None
    for need in draft.needs:
        if need.thing in refusals.things:
            kind, value = need.thing
            rejected = need.place.rejected(f"its {kind} was rejected", need.column, value)
            refusals.add(rejected, draft.thing)
            return None
    try:
        return Parcel(draft.thing, draft.stream_id, draft.place, draft.write())
    except BadRow as bad:
        refusals.add(bad.rejected, draft.thing)
        _left_out(draft.thing, draft.place, bad.rejected, refusals)
        return None


def _turn_away(parcel: Parcel, letter: Letter, answer: Answer, refusals: Refusals) -> None:
    place, column, value = letter.place, None, None
    conflicts = answer.details.get("conflicts") if isinstance(answer, Refused) else None
    if isinstance(conflicts, list):
        for each in conflicts:
            named = str(each["code"]).partition(".")[2]
            column = place.columns.get("staff" if each["staff_id"] else named)
            rule = f"{str(each['said']).removesuffix('.')} ({each['code']})"
            refusals.add(place.rejected(rule, column), parcel.thing)
        return
    if isinstance(answer, Refused):
        named = str(answer.details.get("field", ""))
        column, value = place.columns.get(named), answer.details.get("value")
        rule = f"{answer.details.get('rule', answer)} ({answer.code})"
        if column is None:
            value = None
    elif isinstance(answer, KeyReused):
        rule = "was imported before with other content"
        if place is parcel.place:
            column, value = place.columns.get("id"), parcel.thing[1]
    else:
        rule = str(answer)
    rejected = place.rejected(rule, column, value)
    refusals.add(rejected, parcel.thing)
    _left_out(parcel.thing, parcel.place, rejected, refusals)


def _left_out(thing: Thing, place: Place, cause: Rejected, refusals: Refusals) -> None:
    """What is made of many rows names the one that keeps all of it out."""
    if (cause.file, cause.line) != (place.file, place.line):
        column = place.columns.get("id")
        rule = f"its row in line {cause.line} of {cause.file} was rejected"
        refusals.add(place.rejected(rule, column, thing[1]))


class Counted:
    """The ledger, counting what is appended through it, by however many threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self.appended = ledger, 0
        self._counting = threading.Lock()

    def load(self, stream_ids: Iterable[UUID]) -> dict[UUID, list[StoredFact]]:
        return self._ledger.load(stream_ids)

    def load_carried(self, stream_ids: Iterable[UUID]) -> dict[UUID, list[StoredFact]]:
        return self._ledger.load_carried(stream_ids)

    def answered(self, command_ids: Iterable[UUID]) -> dict[UUID, Answered]:
        return self._ledger.answered(command_ids)

    def append(self, pending: Sequence[Pending], tracking: Tracking | None = None) -> list[int]:
        positions = self._ledger.append(pending, tracking)
        with self._counting:
            self.appended += len(positions)
        return positions

    def serve(self, service: Service) -> Service:
        """The same service, over this ledger."""
        return service.over(cast(Ledger, self))


class Rehearsal(Counted):
    """The ledger as it would be: what is appended is remembered, and nothing is stored."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._streams: dict[UUID, list[StoredFact]] = {}
        self._decided: list[Pending] = []

    def load(self, stream_ids: Iterable[UUID]) -> dict[UUID, list[StoredFact]]:
        wanted = set(stream_ids)
        self._look_up(wanted)
        return {each: facts for each in wanted if (facts := self._streams[each])}

    def load_carried(self, stream_ids: Iterable[UUID]) -> dict[UUID, list[StoredFact]]:
        return self.load(stream_ids)

    def _look_up(self, wanted: Iterable[UUID]) -> None:
        """Find out what is stored of those that were not looked at yet."""
        if unknown := [each for each in wanted if each not in self._streams]:
            found = self._ledger.load(unknown)
            self._streams.update({each: list(found.get(each, ())) for each in unknown})

    def append(
        self,
        pending: Sequence[Pending],
        tracking: Tracking | None = None,  # noqa: ARG002 - nobody follows a rehearsal
    ) -> list[int]:
        its: dict[UUID, list[Pending]] = {}
        for each in pending:
            its.setdefault(each.originator_id, []).append(each)
        self._look_up(its.keys())
        for stream_id, facts in its.items():
            for version, each in enumerate(facts, len(self._streams[stream_id]) + 1):
                if each.originator_version != version:
                    raise IntegrityError
        for stream_id, facts in its.items():
            self._streams[stream_id] += [
                StoredFact(each.originator_version, 0, each.fact) for each in facts
            ]
        self.appended += len(pending)
        self._decided += pending
        return [0] * len(pending)

    def decided(self) -> list[Pending]:
        """What was appended since this was asked last."""
        decided, self._decided = self._decided, []
        return decided

    def forget(self, parcels: Iterable[Parcel]) -> None:
        """Make room: nothing that is still to be rehearsed looks at these again."""
        for parcel in parcels:
            self._streams.pop(parcel.stream_id, None)
