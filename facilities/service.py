"""The one way in: a command is decided on and what it decides is recorded.

`Service.execute` is a numbered procedure:

1. Load, in one query, the command's stream and the streams it refers to.
2. A command id that is known answers as it did the first time; with other content it is refused.
3. Check that the stream exists, that it lies within the actor's scope, and that its version is the
   expected one where the command carries one.
4. Decide. A refusal ends here; nothing is stored.
5. Reserve and release natural keys; refuse where another stream holds one.
6. Append, in one transaction. When someone else was faster, begin again at 1; where the command
   expected a version, say instead that it is stale.

`execute_all` does the same for many commands in one append (importers): each is decided on the
states the earlier ones left, and one that is refused leaves the others alone.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.persistence import IntegrityError
from uuid_utils.compat import uuid7

from domain.kernel import (
    DECISIONS,
    Aggregate,
    Circumstances,
    Command,
    Fact,
    Refused,
    Release,
    Reserve,
    Standing,
    aggregate_of,
)
from domain.natural_key import NaturalKeyReleased, NaturalKeyReserved, stream_of
from facilities.ledger import Answered, Ledger, Pending
from facilities.recorder import Attribution
from facilities.scope import Actor

log = logging.getLogger(__name__)

ATTEMPTS = 12
"""How often a decision is taken anew when others write to the same streams."""

REFERENCES = (
    "facility_id",
    "department_id",
    "into_department_id",
    "payer_id",
    "secondary_payer_id",
    "staff_id",
    "rendering_staff_id",
)
"""Fields of a command that name another aggregate, whose standing the decision may look at."""


def new_id() -> UUID:
    """An id for something born here (UUIDv7: ids sort by the time they were made)."""
    return uuid7()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What goes with a command: who gives it, its id, and what is written down about it.

    `keyed`: the caller chose the command id and may send it again. `born`: the id of the stream
    was made for this request, so it is no part of what is compared when it is sent again.
    """

    actor: Actor
    command_id: UUID = field(default_factory=new_id)
    keyed: bool = False
    born: bool = False
    expected_version: int | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    reason: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command came to: its stream, the version it is at, and the position to wait for.

    `facts` names what was recorded; empty where it was so already. `replayed`: this command was
    given before, and this is what it was answered.
    """

    stream_id: UUID
    version: int
    position: int
    facts: tuple[str, ...]
    replayed: bool = False


class NotFound(Exception):
    """There is no such thing, or it is not this actor's to know of."""

    def __init__(self, kind: str, its_id: UUID) -> None:
        super().__init__(f"There is no such {kind.replace('_', ' ')}.")
        self.kind, self.id = kind, its_id


class NotPermitted(Exception):
    """The actor's role only reads."""


class StaleVersion(Exception):
    """The stream is not at the version the command expected."""

    def __init__(self, expected: int, current: int) -> None:
        super().__init__(f"Expected version {expected}, but it is at version {current}.")
        self.expected, self.current = expected, current


class KeyReused(Exception):
    """This command id was used before, for other content."""

    def __init__(self, command_id: UUID) -> None:
        super().__init__("This key was used before, for another request.")
        self.command_id = command_id


class Contended(Exception):
    """Others wrote to the same streams each time; nothing was recorded."""


Answer = Outcome | Refused | NotFound | NotPermitted | StaleVersion | KeyReused
Instruction = tuple[Command, Context]


class Service:
    """Executes commands against the ledger."""

    def __init__(
        self, ledger: Ledger, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._ledger, self._now = ledger, now

    def now(self) -> datetime:
        """The time decisions are taken at."""
        return self._now()

    def over(self, ledger: Ledger) -> Service:
        """The same service over another ledger: an importer rehearses before it sends."""
        return Service(ledger, self._now)

    def execute(self, command: Command, context: Context) -> Outcome:
        """Decide on one command and record what it decides.

        Raises Refused, NotFound, NotPermitted, StaleVersion, KeyReused or Contended; and
        eventsourcing's OperationalError where the database cannot be reached.
        """
        (answer,) = self.execute_all([(command, context)])
        if isinstance(answer, Outcome):
            return answer
        raise answer

    def execute_all(self, instructions: Sequence[Instruction]) -> list[Answer]:
        """Decide on many commands in their order and record all of it in one append.

        Returns one answer each; only what concerns them all is raised (Contended, errors of the
        database). A batch ought to stay below some thousand events.
        """
        keys: set[UUID] = set()
        for _ in range(ATTEMPTS):
            work = _Work(self._ledger, self._now(), instructions, keys)
            answers = [work.answer(*instruction) for instruction in instructions]
            if not work.pending:
                return answers
            try:
                positions = self._ledger.append(work.pending)
            except IntegrityError:
                log.info("decided on an old state, deciding again")
                keys |= work.assumed_free
                continue
            return work.positioned(answers, positions)
        raise Contended("Others keep writing to the same records; try again.")


@dataclass(slots=True)
class _Stream:
    """A stream as it is known in the middle of a batch."""

    aggregate: Aggregate[Any] | None
    state: Any
    version: int
    position: int

    def record(self, fact: Fact) -> None:
        if self.aggregate is None:
            self.aggregate = aggregate_of(fact.name)
            self.state = self.aggregate.initial
        self.state = self.state.evolve(fact)
        self.version += 1


class _Work:
    """One attempt at a batch: the streams it touches, and the facts it is about to append."""

    def __init__(
        self,
        ledger: Ledger,
        now: datetime,
        instructions: Sequence[Instruction],
        keys: Iterable[UUID] = (),
    ) -> None:
        self._ledger, self._now = ledger, now
        self._streams: dict[UUID, _Stream] = {}
        self.pending: list[Pending] = []
        # A key that is to be reserved is taken to be free: looking each of them up would cost an
        # importer most of its time. One that is not free is a conflict when appending, and is
        # among the `keys` of the next attempt.
        self.assumed_free: set[UUID] = set()
        # The place in `pending` of the last fact of each answer.
        self._last: dict[int, int] = {}
        self._load({each for command, _ in instructions for each in _named_by(command)} | {*keys})
        # The facilities that what was loaded belongs to are looked at too.
        owners = {stream.state.facility_id for stream in self._streams.values() if stream.version}
        self._load(owners - {None})
        keyed = [context.command_id for _, context in instructions if context.keyed]
        self._answered = ledger.answered(keyed) if keyed else {}

    def answer(self, command: Command, context: Context) -> Answer:
        try:
            return self._execute(command, context)
        except (Refused, NotFound, NotPermitted, StaleVersion, KeyReused) as answer:
            return answer

    def positioned(self, answers: list[Answer], positions: list[int]) -> list[Answer]:
        """The answers, with the positions the append gave to their facts."""
        return [
            replace(answer, position=positions[self._last[place]])
            if place in self._last and isinstance(answer, Outcome)
            else answer
            for place, answer in ((place, answer) for place, answer in enumerate(answers))
        ]

    def _execute(self, command: Command, context: Context) -> Outcome:
        place = self._place
        self._place += 1
        aggregate, decide = DECISIONS[type(command)]
        stream_id: UUID = getattr(command, command.stream)
        digest = _digest(command, context)
        if (known := self._answered.get(context.command_id)) is not None:
            return self._as_before(known, aggregate, digest, context)
        if context.actor.role.reads_only:
            raise NotPermitted(f"The role {context.actor.role} may not change anything.")
        stream = self._streams[stream_id]
        self._check(command, context, aggregate, stream_id, stream)
        state = aggregate.initial if stream.aggregate is None else stream.state
        decided = tuple(decide(state, command, self._circumstances(command, stream)))
        facts = [each for each in decided if isinstance(each, Fact)]
        if not facts:
            return Outcome(
                stream_id=stream_id, version=stream.version, position=stream.position, facts=()
            )
        by = Attribution(
            actor=context.actor.name,
            role=context.actor.role,
            command_id=context.command_id,
            correlation_id=context.correlation_id or context.command_id,
            causation_id=context.causation_id,
            reason=context.reason,
            source=context.source,
        )
        # Keys first: the last position of a command is then the last of its own facts.
        for key_stream, key_fact in self._keys(decided, stream_id):
            self._append(key_stream, key_fact, by)
        for number, each in enumerate(facts):
            self._append(stream_id, each, replace(by, digest=digest) if number == 0 else by)
        self._last[place] = len(self.pending) - 1
        outcome = Outcome(
            stream_id=stream_id,
            version=stream.version,
            position=0,
            facts=tuple(each.name for each in facts),
        )
        if context.keyed:
            self._answered[context.command_id] = Answered(
                digest, stream_id, outcome.version, 0, outcome.facts
            )
        return outcome

    _place = 0

    def _check(
        self,
        command: Command,
        context: Context,
        aggregate: Aggregate[Any],
        stream_id: UUID,
        stream: _Stream,
    ) -> None:
        scope = context.actor.scope
        if stream.aggregate is None:
            if not command.creates:
                raise NotFound(aggregate.name, stream_id)
        elif stream.aggregate is not aggregate or not scope.admits(stream.state.facility_id):
            raise NotFound(aggregate.name, stream_id)
        acts_at: UUID | None = getattr(command, "facility_id", None)
        if not scope.whole_system and (stream.aggregate is None or acts_at is not None):
            if acts_at is None:
                raise NotPermitted("This is for the whole health system to decide.")
            if not scope.admits(acts_at):
                raise NotFound("facility", acts_at)
        if context.expected_version not in (None, stream.version):
            raise StaleVersion(context.expected_version, stream.version)

    def _as_before(
        self, known: Answered, aggregate: Aggregate[Any], digest: bytes, context: Context
    ) -> Outcome:
        self._load({known.stream_id})
        stream = self._streams[known.stream_id]
        if known.digest != digest or stream.aggregate is not aggregate:
            raise KeyReused(context.command_id)
        if not context.actor.scope.admits(stream.state.facility_id):
            raise NotFound(aggregate.name, known.stream_id)
        return Outcome(
            stream_id=known.stream_id,
            version=known.version,
            position=known.position,
            facts=known.facts,
            replayed=True,
        )

    def _circumstances(self, command: Command, stream: _Stream) -> Circumstances:
        named = {*_named_by(command)}
        if stream.aggregate is not None and stream.state.facility_id is not None:
            named.add(stream.state.facility_id)
        standings: dict[UUID, Standing] = {}
        for each in named:
            known = self._streams.get(each)
            if known is not None and known.aggregate is not None and known.aggregate.standing:
                standings[each] = known.aggregate.standing(known.state, each)
        return Circumstances(self._now, standings)

    def _keys(self, decided: Sequence[object], holder_id: UUID) -> Iterable[tuple[UUID, Fact]]:
        keys = [each for each in decided if isinstance(each, Reserve | Release)]
        self._load({stream_of(key.kind, key.value) for key in keys if isinstance(key, Release)})
        changes: list[tuple[UUID, Fact]] = []
        for key in keys:
            key_stream = stream_of(key.kind, key.value)
            if key_stream not in self._streams:
                self._streams[key_stream] = _Stream(None, None, 0, 0)
                self.assumed_free.add(key_stream)
            state = self._streams[key_stream].state
            holder: UUID | None = None if state is None else state.holder_id
            named = {"kind": key.kind, "value": key.value, "holder_id": holder_id}
            if isinstance(key, Release):
                if holder == holder_id:
                    changes.append((key_stream, NaturalKeyReleased(**cast(Any, named))))
            elif holder is None:
                changes.append((key_stream, NaturalKeyReserved(**cast(Any, named))))
            elif holder != holder_id:
                raise Refused(
                    key.code,
                    f"The {key.kind.replace('_', ' ')} {key.value} is in use.",
                    field=key.kind,
                    value=key.value,
                )
        return changes

    def _append(self, stream_id: UUID, fact: Fact, by: Attribution) -> None:
        stream = self._streams[stream_id]
        stream.record(fact)
        self.pending.append(Pending(stream_id, stream.version, fact, by))

    def _load(self, stream_ids: set[UUID]) -> None:
        wanted = stream_ids - self._streams.keys()
        if not wanted:
            return
        found = self._ledger.load(wanted)
        for stream_id in wanted:
            facts = found.get(stream_id)
            if not facts:
                self._streams[stream_id] = _Stream(None, None, 0, 0)
                continue
            aggregate = aggregate_of(facts[0].fact.name)
            state = aggregate.fold(each.fact for each in facts)
            self._streams[stream_id] = _Stream(
                aggregate, state, facts[-1].version, facts[-1].position
            )


def _named_by(command: Command) -> Iterable[UUID]:
    """The streams a command is for or refers to."""
    yield getattr(command, command.stream)
    for name in REFERENCES:
        if (its_id := getattr(command, name, None)) is not None:
            yield its_id


def _digest(command: Command, context: Context) -> bytes:
    """What makes two commands the same: their name, their content and the version expected."""
    content = [
        getattr(command, each.name)
        for each in fields(cast(Any, command))
        if not (context.born and each.name == command.stream)
    ]
    meant = [command.name, context.expected_version, content]
    return hashlib.sha256(msgspec.json.encode(meant)).digest()
