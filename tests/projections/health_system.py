"""A small health system in memory, in which anything may happen: what properties are held to.

Commands of every kind are made up, with arguments by the name and the type of their fields, and
decided by the aggregates themselves; what these refuse does not happen. A seed tells it all, also
which context's desks are the busy ones: in the long lives of one the others would not get far.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from domain.kernel import (
    DECISIONS,
    Aggregate,
    Circumstances,
    Command,
    Entail,
    Fact,
    Recorded,
    Refused,
    Release,
    Reserve,
    Standing,
)
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from domain.supply.events.controlled_code import code_stream
from domain.supply.events.recall import RecallIssued
from domain.workforce.roster_publication import DraftRoster
from facilities.process import Process
from facilities.processes.denials import denials
from facilities.processes.recall import recalls
from facilities.processes.schedules import schedules
from facilities.processes.transfer import transfers
from tests.projections import made_up_rosters
from tests.projections.grammar import Envelopes
from tests.projections.how_often import BUSY, EAGER, EVERYWHERE, LATER, OFTEN, SELDOM, TOLD
from tests.projections.made_up import CURRENCIES, NOW, OPENED_ON, MadeUp


def _desk(kind: type[Command]) -> str:
    """The context a command is of."""
    return kind.__module__.split(".")[1]


@dataclass(frozen=True, kw_only=True)
class KnownLot:
    """A lot that a facility has or had."""

    facility_id: UUID
    stock_item_id: UUID
    lot: str


class HealthSystem:
    """What has happened so far: the events, and what every aggregate has become by them."""

    def __init__(self, seed: int, word: str = "", without: Collection[type[Command]] = ()) -> None:
        """With a `word` (supply) only that context's commands are made up: more of each.
        Commands of some kinds are never given."""
        self.random = Random(seed)
        self.events: list[Recorded[Any]] = []
        self.states: dict[UUID, tuple[Aggregate[Any], Any]] = {}
        self._of_each: defaultdict[str, dict[UUID, Any]] = defaultdict(dict)
        self._standings: dict[UUID, Standing] = {}
        self._reserved: dict[tuple[str, str], UUID] = {}
        self._undoing: list[tuple[dict[Any, Any], Any, Any]] = []
        self._envelopes = Envelopes()
        self.making = MadeUp(self)
        self._unseen: deque[Recorded[Any]] = deque()
        # What is set going by facts, some time after them.
        self._processes = (
            transfers,
            denials,
            recalls(self._lots, self._recalls),
            schedules(self._kept, self._scheduled),
        )
        self._seen = {each for process in self._processes for each in process.facts}
        # In one order, whatever was imported first: a seed is to tell it all.
        self._kinds = sorted(
            (
                each
                for each in DECISIONS
                if each.__module__.startswith(f"domain.{word}")
                and each not in TOLD
                and each not in without
            ),
            key=lambda each: each.__name__,
        )
        # Lives are long: in one system some desks are busy, in the next one others.
        desks = sorted({_desk(each) for each in self._kinds} - EVERYWHERE)
        self._busy = {*EVERYWHERE, desks[seed % len(desks)]}
        self._weights = {each: self._weight(each) for each in self._kinds}
        self._up_to = [*accumulate(self._weights.values())]
        for currency in CURRENCIES:
            self.does(
                OpenFacility(
                    facility_id=self.new_id(),
                    legal_name=f"{currency} House",
                    kind=FacilityKind.HOSPITAL,
                    zone="UTC",
                    opened_on=OPENED_ON,
                    currency=currency,
                )
            )

    def lives(self, commands: int) -> HealthSystem:
        """So many commands are tried. Processes react in order, and not at once."""
        for _ in range(commands):
            if self._unseen and self.random.random() < 0.6:
                self.reacts()
            (kind,) = self.random.choices(self._kinds, cum_weights=self._up_to)
            for each in self._tried(kind):
                if self._tries(each):
                    break
            if kind is DraftRoster:
                latest = (*self.all("roster"),)[-1:]
                for each in made_up_rosters.BUSY if latest else ():
                    of_the_roster = DECISIONS[each][0].name == "roster"
                    self._tries(each, latest if of_the_roster else ())
        return self

    def reacts(self) -> None:
        """The processes see the first event that they have not seen yet."""
        event = self._unseen.popleft()
        for process in self._processes:
            for command in process.commands(event):
                self._told(process, event, command)

    def settles(self) -> HealthSystem:
        """The processes see everything that has happened, and what follows from it."""
        while self._unseen:
            self.reacts()
        return self

    def _lots(self, item_system: str, item_code: str, _position: int) -> list[KnownLot]:
        return [
            KnownLot(facility_id=item.facility_id, stock_item_id=stock_item_id, lot=lot)
            for stock_item_id, item in self.all("stock_item").items()
            if (item.item_system, item.item_code) == (item_system, item_code)
            for lot in item.lots
        ]

    def _kept(self, item_system: str, item_code: str, _position: int) -> list[KnownLot]:
        return [
            KnownLot(facility_id=item.facility_id, stock_item_id=stock_item_id, lot="")
            for stock_item_id, item in self.all("stock_item").items()
            if (item.item_system, item.item_code) == (item_system, item_code)
        ]

    def _scheduled(self, item_system: str, item_code: str, _position: int) -> bool:
        return code_stream(item_system, item_code) in self.states

    def _recalls(self, item_system: str, item_code: str, position: int) -> list[RecallIssued]:
        return [
            event.fact
            for event in self.events
            if isinstance(event.fact, RecallIssued)
            and (event.fact.item_system, event.fact.item_code) == (item_system, item_code)
            and event.position <= position
            and self.states[event.stream_id][1].status == "in_force"
        ]

    def _told(self, process: Process, event: Recorded[Any], command: Command) -> None:
        try:
            self._decide_or_undo(command)
        except Refused as refusal:
            for instead in process.instead(event, command, refusal):
                self._told(process, event, instead)

    def _tries(self, kind: type[Command], among: tuple[UUID, ...] = ()) -> bool:
        made = self.making.command(kind, among)
        return made is not None and self.does(made)

    def _tried(self, kind: type[Command]) -> list[type[Command]]:
        """A kind of command, and those of the same eager aggregate that are tried after it."""
        name = DECISIONS[kind][0].name
        if name not in EAGER:
            return [kind]
        others = [
            each
            for each in self._kinds
            if DECISIONS[each][0].name == name
            and (each is kind or each.__name__ not in SELDOM or self.random.random() < 0.02)
        ]
        chance = {each: self.random.random() ** (1 / self._weights[each]) for each in others}
        return sorted(others, key=lambda each: chance[each], reverse=True)

    def all(self, name: str) -> Mapping[UUID, Any]:
        """The states of the aggregates of this name, by stream."""
        return dict(self._of_each[name])

    def does(self, command: Command) -> bool:
        """Decide on a command, and record what is decided; nothing where it is refused. Answers
        whether something happened."""
        written = len(self.events)
        try:
            self._decide_or_undo(command)
        except Refused:
            return False
        return len(self.events) > written

    def _decide_or_undo(self, command: Command) -> None:
        written, envelopes = len(self.events), self._envelopes.mark()
        self._undoing.clear()
        try:
            self._decide(command)
        except Refused:
            for kept, key, was in reversed(self._undoing):
                if was is None:
                    kept.pop(key, None)
                else:
                    kept[key] = was
            del self.events[written:]
            self._envelopes.back_to(envelopes)
            raise
        self._unseen += [each for each in self.events[written:] if each.fact.name in self._seen]

    def _keeps(self, kept: dict[Any, Any], key: Any, value: Any) -> None:
        """Put something in the place of what was there, until it is undone; None is nothing."""
        self._undoing.append((kept, key, kept.get(key)))
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value

    def _decide(self, command: Command) -> None:
        aggregate, decide = DECISIONS[type(command)]
        stream_id: UUID = getattr(command, command.stream)
        _known, state = self.states.get(stream_id, (aggregate, aggregate.initial))
        now = NOW + LATER.get(command.name, timedelta())
        decided = tuple(
            decide(state, command, Circumstances(now, self._standings, self._somebody()))
        )
        for each in decided:
            match each:
                case Reserve():
                    key = each.kind, each.value
                    if self._reserved.get(key, stream_id) != stream_id:
                        raise Refused(each.code, "It is taken.")
                    self._keeps(self._reserved, key, stream_id)
                case Release():
                    self._keeps(self._reserved, (each.kind, each.value), None)
                case Fact():
                    self.events.append(self._envelopes.around(each))
                    state = state.evolve(each)
                case Entail():
                    pass
        if decided:
            self._keeps(self.states, stream_id, (aggregate, state))
            self._keeps(self._of_each[aggregate.name], stream_id, state)
            if aggregate.standing is not None:
                self._keeps(self._standings, stream_id, aggregate.standing(state, stream_id))
        for each in decided:
            if isinstance(each, Entail):
                self._decide(each.command)

    def _somebody(self) -> str:
        """Who gives the next command: another one than who gave the last."""
        return f"clerk {len(self.events) % 5}"

    def new_id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _weight(self, kind: type[Command]) -> int:
        often = OFTEN.get(DECISIONS[kind][0].name, 2) * (BUSY if _desk(kind) in self._busy else 1)
        return 24 * often // SELDOM.get(kind.__name__, 1)
