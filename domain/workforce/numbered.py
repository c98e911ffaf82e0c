"""Things that are numbered, such as a roster's shifts: one more of thousands is cheap.

A fact about one of them makes a new mapping, and the old one stays as it was. They lie in drawers
of a few dozen, and only the drawer that is changed is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")

DRAWER = 64
"""How many numbers go into a drawer: about the square root of the most there are."""


class Numbered(Mapping[int, T]):
    """A mapping by number that never changes, in the order of the numbers' drawers."""

    __slots__ = ("_drawers", "_many")

    def __init__(self, drawers: Mapping[int, Mapping[int, T]] = {}, many: int = 0) -> None:
        self._drawers, self._many = drawers, many

    def __getitem__(self, number: int) -> T:
        return self._drawers[number // DRAWER][number]

    def __iter__(self) -> Iterator[int]:
        for each in self._drawers.values():
            yield from each

    def __len__(self) -> int:
        return self._many

    def __repr__(self) -> str:
        return f"Numbered({dict(self)!r})"

    def with_one(self, number: int, one: T) -> Numbered[T]:
        """The same, with `one` under its number, whatever was there."""
        place = number // DRAWER
        drawer = self._drawers.get(place, {})
        many = self._many + (number not in drawer)
        return Numbered({**self._drawers, place: {**drawer, number: one}}, many)

    def without(self, number: int) -> Numbered[T]:
        """The same without what is under a number that is there."""
        place = number // DRAWER
        drawer = {each: one for each, one in self._drawers[place].items() if each != number}
        return Numbered({**self._drawers, place: drawer}, self._many - 1)
