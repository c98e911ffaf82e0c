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
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.kernel import Command
from facilities.answers import (
    Answer,
    Contended,
    Context,
    Instruction,
    KeyReused,
    NotFound,
    NotPermitted,
    Outcome,
    StaleVersion,
    new_id,
)
from facilities.deciding import Batch
from facilities.ledger import Ledger
from facilities.states import States

__all__ = [
    "Answer",
    "Contended",
    "Context",
    "Instruction",
    "KeyReused",
    "NotFound",
    "NotPermitted",
    "Outcome",
    "Service",
    "StaleVersion",
    "new_id",
]

log = logging.getLogger(__name__)

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

    def execute_all(self, instructions: Sequence[Instruction]) -> list[Answer]:
        """Decide on many commands in their order and record all of it in one append.

        Returns one answer each; only what concerns them all is raised (Contended, errors of the
        database). A batch ought to stay below some thousand events.
        """
        keys: set[UUID] = set()
        for attempt in range(ATTEMPTS):
            batch = Batch(self._ledger, self._states, self._now(), instructions, keys)
            answers = [batch.answer(*instruction) for instruction in instructions]
            if not batch.pending:
                return answers
            try:
                positions = self._ledger.append(batch.pending)
            except IntegrityError:
                log.info("decided on an old state, deciding again")
                keys |= batch.assumed_free
                # Losers that began again all at once would mostly lose again.
                time.sleep(random.uniform(0, PAUSE * (attempt + 1)))  # noqa: S311
                continue
            return batch.stored(answers, positions)
        raise Contended("Others keep writing to the same records; try again.")
