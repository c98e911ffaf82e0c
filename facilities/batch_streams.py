"""The streams that a batch of commands touches: as the ledger has them, and what the batch adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from uuid import UUID

from domain.kernel import (
    AGGREGATES,
    CONSULTED,
    DECISIONS,
    Aggregate,
    Command,
    Fact,
    Refused,
    Standing,
    aggregate_of,
)
from facilities.answers import Instruction
from facilities.scope import Scope
from facilities.states import Folded, Known


@dataclass(slots=True)
class Stream:
    """A stream as it is known in the middle of a batch.

    `position` is that of its last stored fact, `place` that of its last pending one in the batch.
    `told` is what others may know of it, where somebody has asked since it changed last.
    """

    aggregate: Aggregate[Any] | None = None
    state: Any = None
    version: int = 0
    position: int = 0
    place: int | None = None
    told: Standing | None = None

    def record(self, fact: Fact) -> None:
        """It is what the fact makes of it."""
        if self.aggregate is None:
            self.aggregate = aggregate_of(fact.name)
            self.state = self.aggregate.initial
        self.state = self.state.evolve(fact)
        self.version += 1
        self.told = None

    def standing(self, stream_id: UUID) -> Standing | None:
        """What others may know of it; None where there is none, or nobody may know of it."""
        if self.told is None and self.aggregate is not None and self.aggregate.standing is not None:
            self.told = self.aggregate.standing(self.state, stream_id)
        return self.told


class Streams(dict[UUID, Stream]):
    """The streams that were looked at so far, by id; one that there is not is an empty one."""

    def __init__(self, states: Known) -> None:
        super().__init__()
        self._states = states
        # How streams were before a decision that entails others; None where there is none.
        self._journal: dict[UUID, Stream] | None = None

    # --- looking ---------------------------------------------------------------------------------

    def foresee(self, instructions: Sequence[Instruction], keys: Iterable[UUID]) -> None:
        """Load at once what commands that are about to be decided on touch."""
        # Of what is born with its command there is nothing to be loaded.
        born = {stream_of(command) for command, context in instructions if context.born}
        self.update((each, Stream()) for each in born)
        named = {each for command, _ in instructions for each in named_by(command)} | {*keys}
        self.load(named | self._states.owners(named))
        # The facilities that what was loaded belongs to are looked at too.
        owners = {stream.state.facility_id for stream in self.values() if stream.version}
        self.load(owners - {None})
        self._load_consulted([command for command, _ in instructions])

    def load_for(self, commands: Sequence[Command]) -> None:
        """Load what commands name, and the facilities that what they are for belongs to."""
        self.load({each for command in commands for each in named_by(command)})
        owners = (self[stream_of(each)].state for each in commands)
        self.load({each.facility_id for each in owners if each is not None} - {None})

    def consulted(self, command: Command, state: Any) -> set[UUID]:
        """Whose standing the decision on a command wants to know beside of what it names."""
        consult = CONSULTED.get(type(command))
        if consult is None:
            return set()
        consulted = set(consult(state, command))
        self.load(consulted)
        return consulted

    def _load_consulted(self, commands: Iterable[Command]) -> None:
        """Load what the decisions on many commands consult, at once. What the earlier ones of them
        change about that is found when it comes to it."""
        wanted: set[UUID] = set()
        for command in commands:
            consult = CONSULTED.get(type(command))
            aggregate, _ = DECISIONS[type(command)]
            stream = self[stream_of(command)]
            if consult is not None and stream.aggregate in (None, aggregate):
                state = aggregate.initial if stream.aggregate is None else stream.state
                wanted.update(consult(state, command))
        self.load(wanted)

    def load(self, stream_ids: set[UUID]) -> None:
        """Look at those that were not looked at yet."""
        # Not a set difference with the keys: that walks all of the batch's streams each time.
        wanted = {each for each in stream_ids if each not in self}
        if not wanted:
            return
        found = self._states.load(wanted)
        for stream_id in wanted:
            known = found.get(stream_id)
            self[stream_id] = (
                Stream()
                if known is None
                else Stream(known.aggregate, known.state, known.version, known.position)
            )

    def standings(self, stream_ids: Iterable[UUID | None]) -> Mapping[UUID, Standing]:
        """What a decision may know of some of them, looked up where it asks."""
        return Standings(self, stream_ids)

    def tell(self, stream_id: UUID, scope: Scope) -> bool:
        """Whether somebody may know of a thing; what there is not, anybody may."""
        stream = self.get(stream_id)
        if stream is None or stream.aggregate is None or stream.aggregate.named_across:
            return True
        return stream.state.facility_id is None or scope.admits(stream.state.facility_id)

    # --- recording -------------------------------------------------------------------------------

    def record(self, stream_id: UUID, fact: Fact) -> int:
        """What a stream is with another fact; returns the version it is at then."""
        stream = self[stream_id]
        if self._journal is not None and stream_id not in self._journal:
            self._journal[stream_id] = copy(stream)
        stream.record(fact)
        return stream.version

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Nothing of what is recorded in here stays where it is refused in the middle."""
        if self._journal is not None:
            yield
            return
        self._journal = {}
        try:
            yield
        except Refused:
            self.update(self._journal)
            raise
        finally:
            self._journal = None

    def stored(self, positions: Sequence[int]) -> Mapping[UUID, Folded]:
        """What those have become that have pending facts, when these are stored at `positions`."""
        return {
            stream_id: Folded(
                stream.aggregate, stream.state, stream.version, positions[stream.place]
            )
            for stream_id, stream in self.items()
            if stream.aggregate is not None and stream.place is not None
        }


class Standings(Mapping[UUID, Standing]):
    """What a decision may know of the streams that it names or consults.

    It is found out when it is asked for: most decisions, of those that an import makes a hundred
    thousand of, look at nothing but their own state.
    """

    __slots__ = ("_known", "_of", "_streams")

    def __init__(self, streams: Streams, of: Iterable[UUID | None]) -> None:
        self._streams, self._of = streams, of
        self._known: dict[UUID, Standing] | None = None

    def __getitem__(self, stream_id: UUID) -> Standing:
        return self._found()[stream_id]

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> dict[UUID, Standing]:
        if self._known is None:
            self._known = {
                each: told
                for each in self._of
                if each is not None
                and (stream := self._streams.get(each)) is not None
                and (told := stream.standing(each)) is not None
            }
        return self._known


# --- what a command names ------------------------------------------------------------------------


def stream_of(command: Command) -> UUID:
    """The stream that a command is for."""
    its_id: UUID = getattr(command, command.stream)
    return its_id


def named_by(command: Command) -> Iterable[UUID]:
    """The streams that a command is for or refers to."""
    kind: Any = type(command)
    for name in _naming(kind):
        if (its_id := getattr(command, name)) is not None:
            yield its_id


@cache
def _naming(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of command that name streams: its own, and those it refers to."""
    references = {name for each in AGGREGATES.values() for name in each.referred_to_as}
    naming = [each.name for each in fields(kind) if each.name in references]
    return tuple(dict.fromkeys([kind.stream, *naming]))
