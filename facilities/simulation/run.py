"""Which simulation it is, and what every story in it is told with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain.kernel import Command, foreign_id
from facilities.simulation.dice import Dice

Story = Iterator[tuple[date, Command]]
"""What someone does, command by command; each on a day no earlier than the one before."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """A simulation. All ids and all chance in it come from these three, and from nothing else.

    Its last day is no part of it: the same run continued to a later day begins the same way.
    """

    seed: int
    facilities: int
    first_day: date

    def dice(self, *what: object) -> Dice:
        """Dice for a thing in this simulation."""
        return Dice("simulation", self.seed, self.facilities, self.first_day, *what)

    def id(self, *what: object) -> UUID:
        """The id of a thing in this simulation."""
        return foreign_id("simulation", self.seed, self.facilities, self.first_day, *what)
