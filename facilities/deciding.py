"""Deciding on a batch of commands, once: on what the ledger holds and what the batch adds to it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel import (
    DECISIONS,
    FACTS,
    Aggregate,
    Circumstances,
    Command,
    Decide,
    Decided,
    Entail,
    Fact,
    Refused,
    unknown,
)
from facilities.admitting import admit
from facilities.answers import (
    Answer,
    Context,
    Instruction,
    KeyReused,
    NotFound,
    NotPermitted,
    Outcome,
    StaleVersion,
    new_id,
)
from facilities.batch_streams import Stream, Streams, named_by, stream_of
from facilities.digests import digest_of, is_same
from facilities.envelope import Attribution
from facilities.keys import changed_keys
from facilities.ledger import Answered, Ledger, Pending
from facilities.states import Known

log = logging.getLogger(__name__)


class Batch:
    """One attempt: the streams the commands touch, and the facts that are about to be appended."""

    def __init__(
        self,
        ledger: Ledger,
        states: Known,
        now: datetime,
        instructions: Sequence[Instruction],
        keys: Iterable[UUID] = (),
        *,
        new: bool = False,
    ) -> None:
        self._ledger, self._states, self._now = ledger, states, now
        self._streams = Streams(states)
        # Whether the ids of commands are taken to be new; one that is not is then a conflict.
        self._new = new
        self.pending: list[Pending] = []
        # A key that is to be reserved is taken to be free: looking each of them up would cost an
        # importer most of its time. One that is not free is a conflict when appending, and is
        # among the `keys` of the next attempt.
        self.assumed_free: set[UUID] = set()
        # Streams that are in the middle of a decision that entails others.
        self._deciding: set[UUID] = set()
        # The place in `pending` of the fact each answer waits for; None where it is stored already.
        self._places: list[int | None] = []
        # Where in this batch a command id was given first.
        self._given: dict[UUID, int] = {}
        self._warned: dict[UUID, tuple[object, ...]] = {}
        # What was refused and is news to somebody, and in whose hands.
        self._news: list[tuple[Refused, Context]] = []
        self._answered: dict[UUID, Answered] = {}
        self.foresee(instructions, keys)

    def foresee(self, instructions: Sequence[Instruction], keys: Iterable[UUID] = ()) -> None:
        """Load at once what commands that are about to be decided on touch."""
        self._streams.foresee(instructions, keys)
        keyed = [context.command_id for _, context in instructions if context.keyed]
        if keyed and not self._new:
            self._answered |= self._ledger.answered(keyed)

    def known(self, stream_id: UUID) -> tuple[Any, int]:
        """What a stream is now (None: there is none yet), and the position of its last fact."""
        stream = self._streams[stream_id]
        return stream.state, stream.position

    def answer(self, command: Command, context: Context) -> Answer:
        """The answer to the next command; what it records is pending then."""
        self._places.append(None)
        try:
            return self._execute(command, context)
        except Refused as refusal:
            self._note(refusal, context)
            return refusal
        except (NotFound, NotPermitted, StaleVersion, KeyReused) as answer:
            return answer

    def _note(self, refusal: Refused, context: Context) -> None:
        """Put on record what is news about a refusal, each for itself: nobody gave these commands,
        and whoever was refused does not learn what becomes of them."""
        self._news += [(refusal, context)] if refusal.news else []
        by = replace(
            context,
            command_id=new_id(),
            correlation_id=context.correlation_id or context.command_id,
            causation_id=context.command_id,
        )
        for command in refusal.news:
            try:
                self._entail([command], by)
            except Refused as left:
                log.info("not put on record (%s): %s", left.code, command.name)

    def abandon(self) -> None:
        """Nothing of what the commands decided is to be recorded; of what was refused is told."""
        self.pending.clear()
        self._streams.clear()
        self._places = [None] * len(self._places)
        news, self._news = self._news, []
        for refusal, context in news:
            self._note(refusal, context)

    def stored(self, answers: Sequence[Answer], positions: Sequence[int]) -> list[Answer]:
        """The answers, when the pending facts have been appended at these positions."""
        self._states.keep(self._streams.stored(positions))
        return [
            answer
            if place is None or not isinstance(answer, Outcome)
            else _at(answer, positions[place])
            for answer, place in zip(answers, self._places, strict=True)
        ]

    # --- one command -----------------------------------------------------------------------------

    def _execute(self, command: Command, context: Context) -> Outcome:
        aggregate, decide = DECISIONS[type(command)]
        stream_id = stream_of(command)
        # Nobody can send a command again whose id was made for it: there is nothing to compare.
        digest = digest_of(command, context) if context.keyed else None
        if (known := self._answered.get(context.command_id)) is not None:
            return self._as_before(known, aggregate, digest, context)
        stream = self._streams[stream_id]
        if not context.actor.role.does(type(command)):
            raise NotPermitted(f"This is not for the role {context.actor.role} to do.")
        scope = context.actor.scope
        if command.derived and command.creates and not self._streams.tell(stream_id, scope):
            self._refuse_as_absent(command, context)
        admit(command, context, aggregate, stream_id, stream)
        hidden = self._hidden(command, context)
        facts = self._decide(command, aggregate, decide, digest, context, hidden)
        self._places[-1] = stream.place
        outcome = Outcome(
            stream_id=stream_id,
            version=stream.version,
            position=stream.position,
            facts=tuple(each.name for each in facts),
            warnings=_warnings(facts),
        )
        if facts and digest is not None:
            self._given[context.command_id] = len(self.pending) - 1
            self._answered[context.command_id] = Answered(
                digest, stream_id, outcome.version, 0, outcome.facts
            )
            self._warned[context.command_id] = outcome.warnings
        return outcome

    def _decide(
        self,
        command: Command,
        aggregate: Aggregate[Any],
        decide: Decide,
        digest: bytes | None,
        context: Context,
        hidden: Collection[UUID] = (),
    ) -> list[Fact]:
        """Decide on a command; what is decided is pending then. Returns the facts of its stream.

        What is `hidden` from who gives the command is for its decision as if it was not there.
        """
        stream_id = stream_of(command)
        stream = self._streams[stream_id]
        state = aggregate.initial if stream.aggregate is None else stream.state
        consulted = self._streams.consulted(command, state)
        circumstances = self._circumstances(command, stream, consulted, context, hidden)
        decided = _asked(decide, state, command, circumstances)
        facts = [each for each in decided if isinstance(each, Fact)]
        entailed = [each.command for each in decided if isinstance(each, Entail)]
        if facts or entailed:
            assert facts, f"{command.name} records nothing of its own, and entails a command"
            assert stream_id not in self._deciding, f"{command.name} is entailed by its own stream"
        if entailed:
            self._deciding.add(stream_id)
            try:
                with self._whole():
                    self._record(stream_id, facts, decided, entailed, digest, context)
            finally:
                self._deciding.remove(stream_id)
        elif facts:
            self._record(stream_id, facts, decided, entailed, digest, context)
        return facts

    def _record(
        self,
        stream_id: UUID,
        facts: Sequence[Fact],
        decided: Sequence[Decided],
        entailed: Sequence[Command],
        digest: bytes | None,
        context: Context,
    ) -> None:
        """Keys and what is entailed come first: the last position of a command is then the last of
        its own facts. What is entailed is decided on after them, all the same."""
        first = Attribution(
            actor=context.actor.name,
            role=context.actor.role,
            command_id=context.command_id,
            correlation_id=context.correlation_id or context.command_id,
            digest=digest,
            causation_id=context.causation_id,
            reason=context.reason,
            source=context.source,
        )
        alone = len(decided) == 1
        by = first if alone or digest is None else replace(first, digest=None)
        if len(facts) + len(entailed) < len(decided):
            changes = changed_keys(decided, stream_id, self._streams, self.assumed_free)
            for key_stream, key_fact in changes:
                self._append(self._recorded(key_stream, key_fact, by))
        own = [self._recorded(stream_id, facts[0], first)]
        own += [self._recorded(stream_id, each, by) for each in facts[1:]]
        if entailed:
            self._entail(entailed, context)
        for each in own:
            self._append(each)

    def _entail(self, commands: Sequence[Command], context: Context) -> None:
        """Decide on what a decision entails. Raises Refused as each of the decisions does, and
        where what a command is for is not there."""
        self._streams.load_for(commands)
        for command in commands:
            aggregate, decide = DECISIONS[type(command)]
            stream_id = stream_of(command)
            known = self._streams[stream_id].aggregate
            if known is not aggregate and not (known is None and command.creates):
                raise unknown(aggregate.name, stream_id, command.stream)
            self._decide(command, aggregate, decide, None, context)

    def _recorded(self, stream_id: UUID, fact: Fact, by: Attribution) -> Pending:
        return Pending(stream_id, self._streams.record(stream_id, fact), fact, by)

    def _append(self, recorded: Pending) -> None:
        self._streams[recorded.originator_id].place = len(self.pending)
        self.pending.append(recorded)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Nothing of what is recorded in here stays where it is refused in the middle."""
        recorded_before = len(self.pending)
        try:
            with self._streams.whole():
                yield
        except Refused:
            del self.pending[recorded_before:]
            raise

    def _as_before(
        self, known: Answered, aggregate: Aggregate[Any], digest: bytes | None, context: Context
    ) -> Outcome:
        self._streams.load({known.stream_id})
        stream = self._streams[known.stream_id]
        if not is_same(known.digest, digest, known.key) or stream.aggregate is not aggregate:
            raise KeyReused(context.command_id)
        if not context.actor.scope.admits(stream.state.facility_id):
            raise NotFound(aggregate.name, known.stream_id)
        self._places[-1] = self._given.get(context.command_id)
        return Outcome(
            stream_id=known.stream_id,
            version=known.version,
            position=known.position,
            facts=known.facts,
            replayed=True,
            warnings=self._warned_before(known, context.command_id),
        )

    def _warned_before(self, known: Answered, command_id: UUID) -> tuple[object, ...]:
        """What a command was warned of when it was first given: its facts say so still."""
        if command_id in self._warned:
            return self._warned[command_id]
        if not any(hasattr(FACTS[each], "warnings") for each in known.facts):
            return ()
        stored = self._ledger.load([known.stream_id])[known.stream_id]
        first = known.version - len(known.facts)
        return _warnings(each.fact for each in stored if first < each.version <= known.version)

    def _refuse_as_absent(self, command: Command, context: Context) -> None:
        """Answer a command for what is out of one's scope like one for what is not there, where it
        is called by what it is of: whoever knows that (a person's id) could else find out whether
        there is any. What would be decided then is not: raises NotFound."""
        aggregate, decide = DECISIONS[type(command)]
        stream_id = stream_of(command)
        there, self._streams[stream_id] = self._streams[stream_id], Stream()
        try:
            absent = self._streams[stream_id]
            admit(command, context, aggregate, stream_id, absent)
            consulted = self._streams.consulted(command, aggregate.initial)
            hidden = self._hidden(command, context)
            circumstances = self._circumstances(command, absent, consulted, context, hidden)
            _asked(decide, aggregate.initial, command, circumstances)
        finally:
            self._streams[stream_id] = there
        raise NotFound(aggregate.name, stream_id)

    def _hidden(self, command: Command, context: Context) -> Collection[UUID]:
        """What a command names and is out of the scope of who gives it: it is to be answered like
        what is not there. What a decision entails names what it has to."""
        scope = context.actor.scope
        if scope.whole_system:
            return ()
        return [each for each in named_by(command) if not self._streams.tell(each, scope)]

    def _circumstances(
        self,
        command: Command,
        stream: Stream,
        consulted: set[UUID],
        context: Context,
        hidden: Collection[UUID],
    ) -> Circumstances:
        # Of itself a decision has the state at hand.
        itself = stream_of(command)
        facility_id = None if stream.aggregate is None else stream.state.facility_id
        others = (*consulted, *named_by(command), facility_id)
        standings = self._streams.standings(
            each for each in others if each != itself and each not in hidden
        )
        return Circumstances(self._now, standings, context.actor.name)


def _asked(decide: Decide, state: Any, command: Command, at: Circumstances) -> tuple[Decided, ...]:
    """All that a decision gives. Where it refuses, it is told which field of the command, which
    value and which rule that was about."""
    try:
        return tuple(decide(state, command, at))
    except Refused as refusal:
        raise refusal.about(command) from None


def _at(answer: Outcome, position: int) -> Outcome:
    """An answer with the position that it has now. Importers have a hundred thousand of them, and
    it is made in a fifth of the time that `replace` takes."""
    return Outcome(
        stream_id=answer.stream_id,
        version=answer.version,
        position=position,
        facts=answer.facts,
        replayed=answer.replayed,
        warnings=answer.warnings,
    )


def _warnings(facts: Iterable[Fact]) -> tuple[object, ...]:
    """What facts say of soft rules, in a field of that name."""
    return tuple(warning for each in facts for warning in getattr(each, "warnings", ()))
