"""A writer as writers come: quick and slow, committing and rolling back, in the way of others,
sending again what was answered, sending what nobody can store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, PersistenceError

from tests.facilities.stores import Notes, Store

CROWDED = [UUID(int=number) for number in range(1, 4)]
"""Streams that everybody writes to."""

Tell = Callable[[str, Notes], None]
Hold = Callable[[psycopg.Connection], None]


@dataclass(frozen=True, slots=True)
class Weather:
    """How often each kind of append is, how long, in seconds, a slow one is held open, and how many
    acknowledgements a process lives for."""

    kinds: Mapping[str, float]
    held: tuple[float, float]
    lives: tuple[int, int]


WEATHERS = {
    "squall": Weather(
        {
            "quickly": 200,
            "in_a_crowd": 100,
            "briefly": 20,
            "slowly": 1,
            "in_vain": 20,
            "again": 40,
            "poisoned": 20,
        },
        held=(0.3, 1.0),
        lives=(10, 1_000),
    ),
    "gale": Weather(
        {
            "quickly": 20_000,
            "in_a_crowd": 2_000,
            "briefly": 40,
            "slowly": 1,
            "in_vain": 40,
            "again": 500,
            "poisoned": 100,
        },
        held=(1.0, 6.0),
        lives=(100, 40_000),
    ),
    "draught": Weather({"quickly": 100, "briefly": 1}, held=(0, 0), lives=(100, 2_000)),
}
"""A squall is over in seconds, a gale goes on; a draught is what the library's store can take."""


class Writer:
    """Writes to a stream of its own and to the crowded ones, and tells what it was answered.

    `hold` is what happens while its transaction is open.
    """

    def __init__(self, store: Store, seed: str, weather: Weather, tell: Tell, hold: Hold) -> None:
        self._store, self._weather, self._tell, self._hold = store, weather, tell, hold
        self._dice = Random(seed)
        self._stream = self._id()
        self._version = 0
        self._last: Notes | None = None

    def write(self) -> None:
        """One append, of the kind the dice say."""
        kinds = self._weather.kinds
        (kind,) = self._dice.choices(list(kinds), list(kinds.values()))
        getattr(self, f"_{kind}")()

    def _quickly(self) -> None:
        mine = self._next()
        self._store.append(mine)
        self._acknowledged(mine)

    def _in_a_crowd(self) -> None:
        stream = self._dice.choice(CROWDED)
        theirs = replace(self._next(), stream=stream, version=self._store.reached(stream) + 1)
        try:
            self._store.append(theirs)
        except IntegrityError:
            self._tell("refused", theirs)
        else:
            self._tell("stored", theirs)

    def _briefly(self) -> None:
        self._open(lambda connection: None)

    def _slowly(self) -> None:
        self._open(self._hold)

    def _open(self, hold: Hold) -> None:
        mine = self._next()
        with self._store.open(mine) as connection:
            hold(connection)
            connection.commit()
        self._acknowledged(mine)

    def _in_vain(self) -> None:
        mine = self._next()
        with self._store.open(mine) as connection:
            connection.rollback()
        self._tell("undone", mine)

    def _again(self) -> None:
        """Under the id of a command that was acknowledged: as it was, or decided anew."""
        if (said := self._last) is not None:
            anew = replace(said, version=self._version + 1)
            try:
                self._store.append(self._dice.choice([said, anew]))
            except IntegrityError:
                self._tell("replayed", said)
            else:
                raise AssertionError(f"stored again: {said}")

    def _poisoned(self) -> None:
        bad = replace(self._next(), reason="\x00")
        try:
            self._store.append(bad)
        except (PersistenceError, ValueError):
            self._tell("refused", bad)
        else:
            raise AssertionError(f"stored what cannot be: {bad}")

    def _next(self) -> Notes:
        number = self._dice.choice([1, 1, 1, 1, 2, 3])
        return Notes(self._stream, self._version + 1, number, self._id())

    def _acknowledged(self, mine: Notes) -> None:
        self._tell("stored", mine)
        self._version, self._last = self._version + mine.number, mine

    def _id(self) -> UUID:
        return UUID(int=self._dice.getrandbits(128))
