"""What a verification finds: of each its kind, its position, and what is told to people."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from facilities.seals.leaves import RECORD, at_position, position_of
from facilities.seals.tree import leaf_hash

MOST_COMPARED = 300
"""Of how many events, at most, it is found out whether one took another's position."""


class Kind(StrEnum):
    """What is wrong."""

    EVENT_EDITED = "event.edited"
    EVENT_DELETED = "event.deleted"
    EVENT_INSERTED = "event.inserted"
    EVENT_MOVED = "event.moved"
    LEDGER_TRUNCATED = "ledger.truncated"
    DATABASE_OLDER = "database.older"
    SEAL_EDITED = "seal.edited"
    SEAL_MISSING = "seal.missing"
    SEAL_REPLACED = "seal.replaced"
    SEAL_FOREIGN = "seal.foreign_key"
    LEAVES_EDITED = "leaves.edited"
    LEAVES_MISSING = "leaves.missing"
    SUBTREE_EDITED = "subtree.edited"
    KEY_EDITED = "key.edited"
    KEY_UNKNOWN = "key.unknown"
    COPY_EDITED = "copy.edited"
    COPY_MISSING = "copy.missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed.

    `position` is that of the event, or the first one that a seal took in; None where it concerns
    none.
    """

    kind: Kind
    told: str
    position: int | None = None
    seal: int | None = None

    def __str__(self) -> str:
        where = "" if self.position is None else f" at position {self.position}"
        return f"{self.kind}{where}: {self.told}"


@dataclass(slots=True)
class Events:
    """The events that do not fit their seals: those that were sealed and are not there like that
    (`lost`, with their hashes), and those that are there and were not sealed like that (`strange`,
    as entries). Told when all are known, since one may have become another.
    """

    lost: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    strange: list[tuple[int, bytes, int]] = field(default_factory=list)

    def compare(self, sealed: bytes, found: Iterable[bytes], seal: int) -> None:
        """Hold entries against the leaves a seal took in."""
        missing = dict(RECORD.iter_unpack(sealed))
        known = dict(missing)
        for entry in found:
            position = position_of(entry)
            if known.get(position) == leaf_hash(entry) and position in missing:
                del missing[position]
            else:
                self.strange.append((position, entry, seal))
        self.lost.update({position: (leaf, seal) for position, leaf in missing.items()})

    def findings(self, last: int | None) -> Iterator[Finding]:
        """What happened to them. `last` is the last position there is now, if any."""
        origins = self._origins()
        taken = {was for was in origins if was is not None}
        still_there = set()
        for (position, _, seal), was in zip(self.strange, origins, strict=True):
            if was is not None:
                told = f"it was sealed at position {was} and stands at {position} now"
                yield Finding(Kind.EVENT_MOVED, told, was, self.lost[was][1])
            elif position in self.lost:
                still_there.add(position)
                yield Finding(Kind.EVENT_EDITED, "it is not what was sealed", position, seal)
            else:
                yield Finding(Kind.EVENT_INSERTED, "no such event was sealed", position, seal)
        gone = sorted(self.lost.keys() - taken - still_there)
        cut = 0 if last is None else bisect_left(gone, last)
        for position in gone[:cut]:
            told = "it was sealed and is not there"
            yield Finding(Kind.EVENT_DELETED, told, position, self.lost[position][1])
        if gone[cut:]:
            first = gone[cut]
            told = f"the last {len(gone) - cut} sealed events, from here on, are not there"
            yield Finding(Kind.LEDGER_TRUNCATED, told, first, self.lost[first][1])

    def _origins(self) -> list[int | None]:
        """Of each strange event the position it was sealed at, where it only took another."""
        if len(self.strange) > MOST_COMPARED or len(self.lost) > MOST_COMPARED:
            return [None] * len(self.strange)
        return [
            next(
                (
                    was
                    for was, (leaf, _) in self.lost.items()
                    if was != position and leaf_hash(at_position(entry, was)) == leaf
                ),
                None,
            )
            for position, entry, _ in self.strange
        ]
