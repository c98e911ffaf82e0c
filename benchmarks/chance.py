"""Chance and the calendar of a story: what happens next, to whom, on which day, under which id."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

FIRST_DAY = date(2025, 1, 1)
DAYS = 365
_MILLISECOND_OF_FIRST_DAY = 1_735_689_600_000
_LOW_62 = (1 << 62) - 1


class Chance:
    """The dice of a story told in so many events, and the day it has come to."""

    def __init__(self, seed: str, events: int) -> None:
        dice = random.Random(seed)
        self.throw, self.bytes, self._bits = dice.random, dice.randbytes, dice.getrandbits
        self._events, self._told = max(events, 1), 0
        self.today = FIRST_DAY

    def told(self) -> None:
        """One more event was told: a year is over when all of them are."""
        self._told += 1
        if self._told % 100 == 0:
            day = self._told * DAYS // self._events
            self.today = FIRST_DAY + timedelta(days=min(day, DAYS - 1))

    def id(self) -> UUID:
        """A UUIDv7 of the time the story has come to."""
        bits, time = self._bits(74), _MILLISECOND_OF_FIRST_DAY + self._told
        return UUID(int=time << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & _LOW_62)

    def ids(self, number: int) -> list[UUID]:
        return [self.id() for _ in range(number)]

    def below(self, bound: int) -> int:
        return int(self.throw() * bound)

    def one_of(self, things: Sequence[T]) -> T:
        return things[int(self.throw() * len(things))]
