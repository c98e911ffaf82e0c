"""A process: what a fact sets going elsewhere, as commands like anybody's.

    reordering = Process("reordering", desk="store rooms: what runs low is asked for")

    @reordering.on(StockIssued)
    def runs_low(event: Recorded[StockIssued]) -> Iterator[Command]:
        if event.fact.on_hand_after <= event.fact.reorder_point:
            yield DraftRequisition(...)

A process keeps no state of its own: what it knows is in the event, and what is so by now the
decision on its command looks at. The id of what it creates is made of the event
(``foreign_id("reordering", event.stream_id, event.version)``). `facilities.dispatch` runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from domain.kernel import Command, Fact, Recorded, Refused

React = Callable[[Any], Iterable[Command]]
Instead = Callable[[Any, Any, Refused], Iterable[Command]]

R = TypeVar("R", bound=React)
I = TypeVar("I", bound=Instead)  # noqa: E741 - it stands for Instead


class Process:
    """Declares which commands follow from which facts. `name` is permanent: how far it has followed
    the ledger is kept under it. `desk` tells whom it works for, and what it does."""

    def __init__(self, name: str, *, desk: str) -> None:
        self.name, self.desk = name, desk
        self._reacts: dict[type[Fact], React] = {}
        self._instead: dict[type[Command], Instead] = {}

    def on(self, *facts: type[Fact]) -> Callable[[R], R]:
        """Declare what is done about facts: a function of the event that gives commands."""

        def declare(react: R) -> R:
            for each in facts:
                if each in self._reacts:
                    raise TypeError(f"{self.name} reacts to {each.name} twice")
                self._reacts[each] = react
            return react

        return declare

    def when_refused(self, *commands: type[Command]) -> Callable[[I], I]:
        """Declare what is done where a rule refuses a command of this process: a function of the
        event, the command and the refusal. Otherwise the refusal is logged, and that is all."""

        def declare(instead: I) -> I:
            for each in commands:
                if each in self._instead:
                    raise TypeError(f"{self.name} has two answers to {each.name} being refused")
                self._instead[each] = instead
            return instead

        return declare

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts it reacts to."""
        return tuple(each.name for each in self._reacts)

    def commands(self, event: Recorded[Any]) -> list[Command]:
        """What it does about an event; nothing where it is none of its facts."""
        react = self._reacts.get(type(event.fact))
        return [] if react is None else list(react(event))

    def answers(self, command: Command) -> bool:
        """Whether it does something where this command is refused."""
        return type(command) in self._instead

    def instead(self, event: Recorded[Any], command: Command, refusal: Refused) -> list[Command]:
        """What it does where a command of its own is refused."""
        instead = self._instead.get(type(command))
        return [] if instead is None else list(instead(event, command, refusal))
