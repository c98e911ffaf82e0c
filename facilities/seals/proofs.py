"""Proofs: that one event, or some, are in the tree a seal signed; that a tree grew into another.

Made of the leaves and the subtrees that are kept: a proof reads a few lists of up to 256 hashes,
and never the ledger. Whoever checks a proof needs none of this: `tree` tells how.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from facilities.seals.leaves import RECORD, positions_of
from facilities.seals.register import Register, SealRow
from facilities.seals.tree import (
    KEPT_LEVELS,
    Range,
    consistency_ranges,
    inclusion_ranges,
    node_hash,
    root_of,
    selection_ranges,
    split,
)

_STEP = KEPT_LEVELS[0]
"""Between one kept level and the next; so many hashes, as a power of two, are read at once."""


class NotSealed(Exception):
    """There is no such event under the seal that was asked for, or no tree of that size."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The event at `position` is leaf `leaf_index` of the tree that `seal` signed."""

    position: int
    leaf_index: int
    leaf_hash: bytes
    tree_size: int
    path: list[bytes]
    seal: SealRow


class Prover:
    """Makes proofs, on one connection. Keeps what it read: make one for each question."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._register = Register(connection)
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def inclusion(self, position: int) -> Inclusion:
        """That an event is in the newest seal's tree. Raises NotSealed."""
        newest = self._newest()
        leaf, hashed = self._leaf(position)
        ranges = inclusion_ranges(leaf, newest.tree_size)
        path = self._hashes(ranges)
        return Inclusion(position, leaf, hashed, newest.tree_size, path, newest)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """That the tree of so many leaves is the beginning of another. Raises NotSealed."""
        if not 0 < first <= second <= self._newest().tree_size:
            raise NotSealed(f"there are no trees of {first} and, later, {second} events")
        return self._hashes(consistency_ranges(first, second))

    def selection(self, positions: Sequence[int]) -> tuple[SealRow, list[int], list[bytes]]:
        """That many events (positions in order) are in the newest seal's tree: which leaves they
        are, and the hashes beside them. Raises NotSealed."""
        newest = self._newest()
        leaves = self._indexes(positions)
        return newest, leaves, self._hashes(selection_ranges(leaves, newest.tree_size))

    def _newest(self) -> SealRow:
        newest = self._register.last()
        if newest is None:
            raise NotSealed("nothing is sealed")
        return newest

    # --- positions -----------------------------------------------------------------------------

    def _leaf(self, position: int) -> tuple[int, bytes]:
        first, leaves = self._batch(position)
        # Of fifty thousand leaves only the few on the way to this one are looked at.
        size = RECORD.size
        every = range(len(leaves) // size)
        at = bisect_left(every, position, key=lambda it: RECORD.unpack_from(leaves, it * size)[0])
        found, hashed = RECORD.unpack_from(leaves, min(at, every[-1]) * size)
        if found != position:
            raise _unsealed(position)
        return first + at, hashed

    def _indexes(self, positions: Sequence[int]) -> list[int]:
        indexes: list[int] = []
        at = 0
        while at < len(positions):
            first, leaves = self._batch(positions[at])
            known = positions_of(leaves)
            while at < len(positions) and positions[at] <= known[-1]:
                indexes.append(first + _place(known, positions[at]))
                at += 1
        return indexes

    def _batch(self, position: int) -> tuple[int, bytes]:
        """The leaves of the seal that took in a position, and the index of their first."""
        row = self._register.covering(position)
        leaves = b"" if row is None else self._register.leaves([row.number]).get(row.number, b"")
        if row is None or not leaves:
            raise _unsealed(position)
        return row.tree_size - len(leaves) // RECORD.size, leaves

    # --- hashes --------------------------------------------------------------------------------

    def _hashes(self, ranges: Sequence[Range]) -> list[bytes]:
        return [self._hash(first, beyond) for first, beyond in ranges]

    def _hash(self, first: int, beyond: int) -> bytes:
        """The hash of a subtree: of a complete one, or of what lies at the right end."""
        size = beyond - first
        if size & size - 1 == 0:
            return self._subtree(size.bit_length() - 1, first // size)
        middle = split(first, beyond)
        return node_hash(self._hash(first, middle), self._hash(middle, beyond))

    def _subtree(self, level: int, place: int) -> bytes:
        """The hash of a complete subtree, from those of the kept level at or below it."""
        kept = min(level // _STEP * _STEP, KEPT_LEVELS[-1])
        width = 1 << level - kept
        begin = place * width
        tile = self._tile(kept, begin >> _STEP)
        at = begin % (1 << _STEP)
        return root_of(tile[at : at + width])

    def _tile(self, level: int, number: int) -> list[bytes]:
        """Up to 256 hashes of one level that lie side by side."""
        tile = self._read.get((level, number))
        if tile is None:
            begin = number << _STEP
            beyond = begin + (1 << _STEP)
            if level == 0:
                tile = self._register.leaf_hashes(begin, beyond)
            else:
                tile = self._register.subtrees_between(level, begin, beyond)
            self._read[level, number] = tile
        return tile


def _place(positions: Sequence[int], position: int) -> int:
    at = bisect_left(positions, position)
    if at == len(positions) or positions[at] != position:
        raise _unsealed(position)
    return at


def _unsealed(position: int) -> NotSealed:
    return NotSealed(f"no event at position {position} is sealed")
