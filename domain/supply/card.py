"""A lot's card by days: what was on hand at the end of each day, in the order things happened.

Entries arrive late. The ledger keeps them in the order in which it learned of them; a card puts
them in the order of their days. Of one day, what was recorded later happened later.

A count is what was really there. What is entered late for a day before a count was known to
whoever counted, and does not change what is on hand from the count on: it changes what the count
was found to differ by.

Days can be **closed**, a year at a time. From then on the card knows of them only what was on hand
at their end, and when the lot was last counted; what is entered late for one of them is entered at
their end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from domain.replacing import changing


class Day(NamedTuple):
    """A day on which a lot moved: by how much in all, and whether it was counted."""

    on: date
    change: int
    counted: bool = False


class Foreseen(NamedTuple):
    """What is on hand at the end of a day, and what would be if something was entered."""

    on: date
    on_hand_before: int
    on_hand_after: int


@dataclass(frozen=True, slots=True)
class Card:
    """The days on which a lot moved, in their order, and what is on hand after all of them.

    Where days are closed, the first day is the last one of them, with all that came before it, and
    `counted_on` is when the lot was counted until then, last.
    """

    days: tuple[Day, ...] = ()
    total: int = 0
    closed_through: date | None = None
    counted_on: date | None = None

    def entered(self, on: date, change: int, *, counted: bool = False) -> Card:
        """The card with one more movement on a day."""
        days, place, on = self.days, len(self.days), self._open(on)
        # Nearly everything is entered on the last day there is, or after it.
        if days and on <= days[-1].on:
            place = place - 1 if days[-1].on == on else bisect_left(days, on, key=_on)
            if days[place].on == on:
                known = days[place]
                same = Day(on, known.change + change, known.counted or counted)
                return self._with((*days[:place], same, *days[place + 1 :]), change)
        return self._with((*days[:place], Day(on, change, counted), *days[place:]), change)

    def closed(self, through: date) -> Card:
        """The card with the days up to one closed."""
        place = bisect_right(self.days, through, key=_on)
        gone = self.days[:place]
        counted_on = max((each.on for each in gone if each.counted), default=self.counted_on)
        end = Day(through, sum(each.change for each in gone))
        return Card((end, *self.days[place:]), self.total, through, counted_on)

    def on_hand(self, on: date) -> int:
        """What was on hand at the end of a day; of a closed one, at the end of all of them."""
        if not self.days or on >= self.days[-1].on:
            return self.total
        on = self._open(on)
        return sum(each.change for each in self.days[: bisect_right(self.days, on, key=_on)])

    def counted_after(self, on: date) -> date | None:
        """The first day after this one on which the lot was counted; of closed days the last."""
        if not self.days or self.days[-1].on <= on:
            return None
        if self._known_to_a_closed_count(on):
            return self.counted_on
        later = self.days[bisect_right(self.days, on, key=_on) :]
        return next((each.on for each in later if each.counted), None)

    def lowest(self, on: date) -> int:
        """The least that is on hand from the end of a day until the lot was counted next."""
        if not self.days or self.days[-1].on <= on:
            return self.total
        return min(each.on_hand_before for each in self.foreseen(on, 0))

    def foreseen(self, on: date, change: int) -> tuple[Foreseen, ...]:
        """What each day's end would be, from a day until the lot was counted next, with a change
        on that day. What the days from the count on end with stays as it is.
        """
        place = bisect_right(self.days, self._open(on), key=_on)
        there = sum(each.change for each in self.days[:place])
        seen = [Foreseen(on, there, there + change)]
        if self._known_to_a_closed_count(on):
            return tuple(seen)
        for each in self.days[place:]:
            if each.counted:
                break
            there += each.change
            seen.append(Foreseen(each.on, there, there + change))
        return tuple(seen)

    def _open(self, on: date) -> date:
        """The day an entry is kept at: the end of the closed days for one of them."""
        return on if self.closed_through is None else max(on, self.closed_through)

    def _known_to_a_closed_count(self, on: date) -> bool:
        return self.counted_on is not None and on < self.counted_on

    def _with(self, days: tuple[Day, ...], change: int) -> Card:
        return _with_days(self, days, self.total + change)


_with_days = changing(Card, "days", "total")


def _on(day: Day) -> date:
    return day.on
