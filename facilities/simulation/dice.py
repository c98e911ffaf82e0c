"""Chance that always falls the same way: whole numbers only, the same on every machine and version.

Not Python's `random`: what it makes of its bits may change between versions, and its log-normal
goes through floating point, which is no way to make money.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

_WORD = 0xFFFF_FFFF_FFFF_FFFF

# exp(0.7 z) in thousandths, at the standard normal's quantiles 0.005, 1/32, 2/32 ... 31/32, 0.995.
_SKEWED = (
    165, 271, 342, 397, 447, 493, 537, 581, 624, 667, 710, 755, 800, 847, 896, 947, 1000,
    1056, 1116, 1181, 1250, 1325, 1408, 1500, 1603, 1722, 1861, 2028, 2237, 2516, 2927, 3684, 6068,
)  # fmt: skip


class Dice:
    """Dice of their own for each thing (`what`), so that one more throw here changes nothing there.

    SplitMix64 (Steele, Lea and Flood, 2014), begun from the SHA-256 of what they are for.
    """

    __slots__ = ("_state",)

    def __init__(self, *what: object) -> None:
        named = "\x1f".join(map(str, what)).encode()
        self._state = int.from_bytes(sha256(named).digest()[:8], "big")

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
        return ((mixed ^ (mixed >> 31)) * bound) >> 64

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return least + self.below(most - least + 1)

    def chance(self, in_a_thousand: int) -> bool:
        return self.below(1000) < in_a_thousand

    def one_of(self, things: Sequence[T]) -> T:
        return things[self.below(len(things))]

    def weighted(self, things: Sequence[tuple[T, int]]) -> T:
        """One of the things, each as often as its weight says."""
        left = self.below(sum(weight for _, weight in things))
        for thing, weight in things:
            left -= weight
            if left < 0:
                return thing
        raise AssertionError("weights are positive")

    def skewed(self, median: int) -> int:
        """A whole number around a median with a long tail above, as prices are (log-normal)."""
        place, rest = divmod(self.below((len(_SKEWED) - 1) * 1000), 1000)
        low, high = _SKEWED[place], _SKEWED[place + 1]
        return max(1, median * (low * 1000 + (high - low) * rest) // 1_000_000)

    def shuffle(self, things: list[T]) -> None:
        for last in range(len(things) - 1, 0, -1):
            other = self.below(last + 1)
            things[last], things[other] = things[other], things[last]


def working_day(day: date) -> date:
    """The day itself, or the Monday after where it is on a weekend."""
    return day if day.weekday() < 5 else day + timedelta(days=7 - day.weekday())
