"""The one way in: a command is decided on and what it decides is recorded.

`Service.execute` is a numbered procedure:

1. Load the command's stream and the streams it refers to, as they are now.
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

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError, Tracking

from domain.kernel import Circumstances, Command, Refused
from facilities.answers import (
    Answer,
    Contended,
    Context,
    Instruction,
    KeyReused,
    NotFound,
    NotPermitted,
    Outcome,
    Overtaken,
    StaleVersion,
    new_id,
)
from facilities.deciding import Batch
from facilities.ledger import Ledger
from facilities.premises import Premises
from facilities.presuming import NotInMind, Presumed
from facilities.states import States

__all__ = [
    "Answer",
    "Contended",
    "Context",
    "Foreseen",
    "Instruction",
    "KeyReused",
    "NotFound",
    "NotPermitted",
    "Outcome",
    "Overtaken",
    "Service",
    "StaleVersion",
    "new_id",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a command would be answered, and its stream as it is: the state (None: there is none
    yet) and the position of its last fact.
    """

    answer: Answer
    state: Any
    position: int

    @property
    def outcome(self) -> Outcome:
        """The answer, where it is one; raises what `Service.execute` would."""
        if isinstance(self.answer, Outcome):
            return self.answer
        raise self.answer


Instead = Callable[[Instruction, Refused], Sequence[Instruction]]
"""What is to be tried where a command is refused."""

ATTEMPTS = 20
"""How often a decision is taken anew when others write to the same streams."""

PAUSE = 0.002
"""How long, in seconds, a loser lets others pass at most; longer with every time it loses."""


class Service:
    """Executes commands against the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        states: States | None = None,
    ) -> None:
        self._ledger, self._now = ledger, now
        self._states = States(ledger) if states is None else states

    def now(self) -> datetime:
        """The time decisions are taken at."""
        return self._now()

    def forget(self) -> None:
        """Keep nothing in mind of what streams have become."""
        self._states.forget()

    def over(self, ledger: Ledger) -> Service:
        """The same service over another ledger: an importer rehearses before it sends."""
        return Service(ledger, self._now, States(ledger, room=0))

    def execute(self, command: Command, context: Context) -> Outcome:
        """Decide on one command and record what it decides.

        Raises Refused, NotFound, NotPermitted, StaleVersion, KeyReused or Contended; and
        eventsourcing's OperationalError where the database cannot be reached.
        """
        (answer,) = self.execute_all([(command, context)])
        if isinstance(answer, Outcome):
            return answer
        raise answer

    def presume(self, command: Command, context: Context, premises: Premises) -> Outcome | None:
        """What `execute` would do, in one round trip or two: on the states that are in mind.

        That they are so still, and that `premises` hold (who gives the command, and may), is found
        out by the statement that stores what is decided. None where that does not do: nothing was
        recorded then, and it is for `execute` to tell why. Raises errors of the database.
        """
        looked_at = () if context.born else (getattr(command, command.stream),)
        presumed = Presumed(self._states, looked_at)
        try:
            batch = Batch(self._ledger, presumed, self._now(), [(command, context)], new=True)
            answer = batch.answer(command, context)
        except NotInMind:
            return None
        if not isinstance(answer, Outcome) or not batch.pending:
            return None
        try:
            positions = self._ledger.append(
                batch.pending, premises=premises.and_ends(presumed.ends)
            )
        except IntegrityError:
            return None
        (stored,) = batch.stored([answer], positions)
        assert isinstance(stored, Outcome)
        return stored

    def rehearse(self, command: Command, context: Context) -> Outcome:
        """What `execute` would answer now, with nothing recorded. Raises what `execute` does."""
        return self.foresee(command, context).outcome

    def foresee(self, command: Command, context: Context) -> Foreseen:
        """What `execute` would answer now, and what it would be decided on; nothing is recorded.

        The position of the answer is that at which the ledger is.
        """
        batch = Batch(self._ledger, self._states, self._now(), [(command, context)])
        state, position = batch.known(getattr(command, command.stream))
        answer = batch.answer(command, context)
        if isinstance(answer, Outcome) and not answer.replayed:
            answer = replace(answer, position=self._ledger.head())
        return Foreseen(answer, state, position)

    def execute_all(self, instructions: Sequence[Instruction]) -> list[Answer]:
        """Decide on many commands in their order and record all of it in one append.

        Returns one answer each; only what concerns them all is raised (Contended, errors of the
        database). A batch ought to stay below some thousand events.
        """
        return self._recorded(
            instructions, lambda batch: [batch.answer(*each) for each in instructions]
        )

    def look(
        self, stream_id: UUID, consulting: Callable[[Any], Iterable[UUID]]
    ) -> tuple[Any, Circumstances]:
        """What a stream that exists has become, and what a decision about it could look at, for
        those who have to think before they command. `consulting`: as of a decision."""
        state = self._states.load([stream_id])[stream_id].state
        wanted = {*consulting(state), state.facility_id} - {None}
        standings = {
            each: known.aggregate.standing(known.state, each)
            for each, known in self._states.load(wanted).items()
            if known.aggregate.standing is not None
        }
        return state, Circumstances(self._now(), standings)

    def execute_together(
        self, instructions: Sequence[Instruction], *, rehearsed: bool = False
    ) -> list[Answer]:
        """Like `execute_all`, but all of it is recorded, or nothing where one of them is refused.

        The answers tell every refusal. What is refused changes nothing for those after it, so that
        what is in the way of two of them together is told once the first could be. `rehearsed`:
        nothing is recorded whatever comes of it.
        """
        if rehearsed:
            batch = Batch(self._ledger, self._states, self._now(), instructions)
            return [batch.answer(*each) for each in instructions]

        def decide(batch: Batch) -> list[Answer]:
            answers = [batch.answer(*each) for each in instructions]
            if not all(isinstance(each, Outcome) for each in answers):
                batch.abandon()
            return answers

        return self._recorded(instructions, decide)

    def react(
        self, instructions: Sequence[Instruction], instead: Instead, tracking: Tracking
    ) -> list[tuple[Instruction, Answer]]:
        """What a process does about one event: many commands in one append, like `execute_all`.

        What `instead` gives where one of them is refused is decided on in its place. How far the
        process has followed the ledger is stored in the same append, so that each event is reacted
        to once. Raises Overtaken where another has reacted to it, and what `execute_all` raises.
        """
        told: list[tuple[Instruction, Answer]] = []

        def decide(batch: Batch) -> list[Answer]:
            told.clear()
            waiting = [*reversed(instructions)]
            while waiting:
                each = waiting.pop()
                answer = batch.answer(*each)
                told.append((each, answer))
                if isinstance(answer, Refused):
                    others = instead(each, answer)
                    batch.foresee(others)
                    waiting += reversed(others)
            return [answer for _, answer in told]

        answers = self._recorded(instructions, decide, tracking)
        return [(each, answer) for (each, _), answer in zip(told, answers, strict=True)]

    def _recorded(
        self,
        instructions: Sequence[Instruction],
        decide: Callable[[Batch], list[Answer]],
        tracking: Tracking | None = None,
    ) -> list[Answer]:
        """Decide, and append what was decided; again where others were faster."""
        keys: set[UUID] = set()
        for attempt in range(ATTEMPTS):
            batch = Batch(self._ledger, self._states, self._now(), instructions, keys)
            answers = decide(batch)
            if not batch.pending and tracking is None:
                return answers
            try:
                positions = self._ledger.append(batch.pending, tracking)
            except IntegrityError:
                if tracking is not None and self._ledger.reached(tracking):
                    raise Overtaken(tracking.application_name) from None
                log.info("decided on an old state, deciding again")
                keys |= batch.assumed_free
                # Losers that began again all at once would mostly lose again.
                time.sleep(random.uniform(0, PAUSE * (attempt + 1)))  # noqa: S311
                continue
            return batch.stored(answers, positions)
        raise Contended("Others keep writing to the same records; try again.")
