"""The Merkle tree of RFC 9162, section 2.1: roots, inclusion and consistency proofs.

A proof is told twice here: as the ranges of leaves whose hashes it is made of (whoever makes a
proof looks those hashes up), and as the check of the hashes against a root. Leaves are counted from
0; a range is (first, beyond).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

HASH_SIZE = 32

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""

KEPT_LEVELS = (8, 16, 24)
"""Of which levels complete subtrees are kept, so that a proof need not hash the leaves again."""

Range = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of what two subtrees are together."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Subtrees:
    """Complete subtrees of 2**level leaves each, beginning with the one in this place."""

    level: int
    place: int
    hashes: list[bytes]


@dataclass(slots=True)
class Tree:
    """A tree that grows to the right. It holds its peaks: one hash for each bit of its size."""

    size: int = 0
    _peaks: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, size: int, peaks: bytes) -> Tree:
        """The tree of this size with these peaks, the largest first.

        Raises ValueError where there are not as many as the size has bits.
        """
        levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
        if len(peaks) != HASH_SIZE * len(levels):
            raise ValueError(f"a tree of {size} leaves has {len(levels)} peaks")
        return cls(size, dict(zip(levels, hashes_in(peaks), strict=True)))

    @property
    def peaks(self) -> bytes:
        """The roots of its complete subtrees, the largest first."""
        return b"".join(self._peaks[level] for level in sorted(self._peaks, reverse=True))

    @property
    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        first, *others = (self._peaks[level] for level in sorted(self._peaks))
        for peak in others:
            first = node_hash(peak, first)
        return first

    def copy(self) -> Tree:
        """The same tree, to grow another way."""
        return Tree(self.size, dict(self._peaks))

    def extend(self, leaves: Iterable[bytes]) -> list[Subtrees]:
        """Add the hashes of further leaves; returns the subtrees of `KEPT_LEVELS` that are complete
        now and were not before.

        Level by level: what lies there alone from before is taken first, pairs go up, and what is
        left over stays as a peak.
        """
        nodes, completed = list(leaves), []
        place, level = self.size, 0
        self.size += len(nodes)
        while nodes:
            if place % 2:
                nodes.insert(0, self._peaks.pop(level))
            if len(nodes) % 2:
                self._peaks[level] = nodes.pop()
            nodes = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(nodes[::2], nodes[1::2], strict=True)
            ]
            place, level = place // 2, level + 1
            if level in KEPT_LEVELS and nodes:
                completed.append(Subtrees(level, place, [*nodes]))
        return completed


def hashes_in(joined: bytes) -> list[bytes]:
    """Hashes that were joined."""
    return [joined[at : at + HASH_SIZE] for at in range(0, len(joined), HASH_SIZE)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of leaves."""
    tree = Tree()
    tree.extend(leaves)
    return tree.root


def split(first: int, beyond: int) -> int:
    """Where a subtree of more than one leaf is divided: the left part is the largest power of two
    that is smaller than the whole."""
    return first + (1 << (beyond - first - 1).bit_length() - 1)


# --- what proofs are made of -------------------------------------------------------------------


def inclusion_ranges(leaf: int, size: int) -> list[Range]:
    """PATH(leaf, D[size]): the subtrees beside the way from a leaf to the root, from below."""
    if not 0 <= leaf < size:
        raise ValueError(f"there is no leaf {leaf} in a tree of {size}")
    beside: list[Range] = []
    first, beyond = 0, size
    while beyond - first > 1:
        middle = split(first, beyond)
        if leaf < middle:
            beside.append((middle, beyond))
            beyond = middle
        else:
            beside.append((first, middle))
            first = middle
    return beside[::-1]


def consistency_ranges(earlier: int, later: int) -> list[Range]:
    """PROOF(earlier, D[later]): what shows that the first tree is the beginning of the second."""
    if not 0 < earlier <= later:
        raise ValueError(f"a tree of {earlier} leaves is not the beginning of one of {later}")
    ranges: list[Range] = []
    first, beyond, whole = 0, later, True
    while earlier < beyond:
        middle = split(first, beyond)
        if earlier <= middle:
            ranges.append((middle, beyond))
            beyond = middle
        else:
            ranges.append((first, middle))
            first, whole = middle, False
    return ([] if whole else [(first, beyond)]) + ranges[::-1]


def selection_ranges(leaves: Sequence[int], size: int) -> list[Range]:
    """What has to be known beside many leaves (sorted) to come to the root: the largest subtrees
    that have none of them, from left to right. `selection_root` uses them up in that order."""
    return list(_without(leaves, 0, size))


def _without(leaves: Sequence[int], first: int, beyond: int) -> Iterator[Range]:
    at = bisect_left(leaves, first)
    if at == len(leaves) or leaves[at] >= beyond:
        yield (first, beyond)
    elif bisect_left(leaves, beyond) - at < beyond - first:
        middle = split(first, beyond)
        yield from _without(leaves, first, middle)
        yield from _without(leaves, middle, beyond)


# --- checking ----------------------------------------------------------------------------------


def root_by_inclusion(leaf: int, size: int, hashed: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's hash and its path come to; None where the path is of another length.

    Section 2.1.3.2.
    """
    if leaf >= size:
        return None
    place, last, root = leaf, size - 1, hashed
    for beside in path:
        if last == 0:
            return None
        if place % 2 or place == last:
            root = node_hash(beside, root)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, beside)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(
    earlier: int, later: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a tree of `earlier` leaves is the beginning of one of `later`. Section 2.1.4.2."""
    if earlier == later:
        return not path and first_root == second_root
    if not 0 < earlier < later:
        return False
    hashes = [first_root, *path] if earlier & earlier - 1 == 0 else [*path]
    if not hashes:
        return False
    place, last = earlier - 1, later - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    first = second = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            first, second = node_hash(beside, first), node_hash(beside, second)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and first == first_root and second == second_root


def selection_root(leaves: Mapping[int, bytes], size: int, beside: Iterable[bytes]) -> bytes | None:
    """The root that the hashes of some leaves come to, with what stands beside them (of
    `selection_ranges`); None where that is too little or too much."""
    order, others = sorted(leaves), iter(beside)

    def root(first: int, beyond: int) -> bytes:
        at = bisect_left(order, first)
        if at == len(order) or order[at] >= beyond:
            return next(others)
        if beyond - first == 1:
            return leaves[first]
        middle = split(first, beyond)
        return node_hash(root(first, middle), root(middle, beyond))

    try:
        found = root(0, size)
    except (StopIteration, RecursionError):
        return None
    return found if next(others, None) is None else None
