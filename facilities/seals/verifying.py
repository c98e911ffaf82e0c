"""Verifying: the ledger is held against its seals, and the seals against each other.

`verify` is a numbered procedure:

1. Find the keys that may have signed: one that introduced itself, and those introduced one after
   the other from there. Where there are files outside of the database, theirs is the first.
2. Of each seal find the statement that was signed, in the database or outside (`chain`). One that
   is missing, altered, replaced or signed by somebody else is told.
3. Hash the events that each seal took in, let the tree grow by them, and compare its root with the
   signed one. Where they differ, the signed list of leaves tells which events are not as they were.
4. Compare what stands beside the statements: leaves, peaks, subtrees, the files outside.

Unless it is to be full, it begins after the last seal up to which nothing was found. That takes the
database's word for what lies before, so verify in full now and then.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from facilities.seals.chain import Chain, Link
from facilities.seals.findings import Events, Finding, Kind
from facilities.seals.folder import Folder
from facilities.seals.leaves import (
    RECORD,
    entries,
    hashes_of,
    leaves_of,
    listed,
    listing,
    positions_of,
)
from facilities.seals.register import Register
from facilities.seals.statements import digest
from facilities.seals.tree import Subtrees, Tree

Progress = Callable[[str, int, int], None]
"""Is told (stage, done, total)."""

STAGE = "seals verified"
EVENTS_AT_ONCE = 100_000


@dataclass(slots=True)
class Report:
    """What a verification looked at, and what it found.

    `anchored`: it had something that is not in the database to hold the seals against. `sealed`:
    there are seals, in the database or outside; without any, nothing was held against anything.
    """

    full: bool
    anchored: bool
    sealed: bool = True
    seals: int = 0
    events: int = 0
    unsealed: int = 0
    last: Link | None = None
    findings: list[Finding] = field(default_factory=list)


def verify(
    connection: psycopg.Connection[Any],
    folder: Folder | None = None,
    *,
    full: bool = True,
    trusted: Collection[str] = (),
    progress: Progress = lambda *_: None,
) -> Report:
    """Hold the ledger against its seals, as the module says, and note where nothing was found.

    `trusted` are ids of keys that are known from elsewhere: the seals must have come from them.
    Raises FolderUnusable and what the database raises.
    """
    register = Register(connection)
    noted = None if full else register.verified()
    verification = _Verification(connection, register, folder, trusted, progress)
    if noted is None or not verification.resume(*noted):
        verification.report.full = True
    report = verification.run()
    if report.last is not None and not report.findings:
        note = report.last.number, digest(report.last.statement)
        if note != register.verified():
            register.note_verified(*note)
    return report


class _Verification:
    def __init__(
        self,
        connection: psycopg.Connection[Any],
        register: Register,
        folder: Folder | None,
        trusted: Collection[str],
        progress: Progress,
    ) -> None:
        self._connection, self._register = connection, register
        self._folder, self._progress = folder, progress
        self.report = Report(False, folder is not None or bool(trusted))
        self._found = self.report.findings
        self._chain = Chain(register, folder, trusted, self._found)
        self.report.sealed = self._chain.last > 0
        self._events = Events()
        self._subtrees: dict[tuple[int, int], tuple[bytes, int]] = {}
        # None: the tree is not known any more, because of what was found.
        self._tree: Tree | None = Tree()
        self._never_lost = True
        self._before: Link | None = None

    def resume(self, number: int, seal: str) -> bool:
        """Begin after a seal that was verified; False where that is not so any more."""
        before = self._chain.begin_after(number, seal)
        if before is None:
            told = "it was verified, and is another now or not there; beginning from the first seal"
            self._found.append(Finding(Kind.SEAL_REPLACED, told, seal=number))
            return False
        self._tree, self._before = before.tree, before
        return True

    def run(self) -> Report:
        number = begun = 0 if self._before is None else self._before.number
        while number < self._chain.last:
            links, number = self._chain.next(number)
            for some in _together(self._before, links):
                self._verify(some)
                self._progress(STAGE, some[-1].number - begun, self._chain.last - begun)
        self.report.last = self._before
        self._finish()
        return self.report

    @property
    def _after(self) -> int | None:
        return None if self._before is None else self._before.seal.last_position

    # --- the events of seals -------------------------------------------------------------------

    def _verify(self, links: Sequence[Link]) -> None:
        """Read the events of seals that follow each other at once, and look at each seal's."""
        leaves = leaves_of(entries(self._connection, self._after, links[-1].seal.last_position))
        positions, at = positions_of(leaves), 0
        kept = self._register.leaves([each.number for each in links])
        for link in links:
            beyond = bisect_right(positions, link.seal.last_position, at)
            own = bisect_left(positions, link.seal.first_position, at, beyond)
            if link.number == 1 + (0 if self._before is None else self._before.number):
                own = at
            self._hold(
                link,
                leaves[at * RECORD.size : own * RECORD.size],
                leaves[own * RECORD.size : beyond * RECORD.size],
                kept.get(link.number),
            )
            self.report.events += beyond - at
            self._before, at = link, beyond
        self.report.seals += len(links)

    def _hold(self, link: Link, missed: bytes, own: bytes, kept: bytes | None) -> None:
        """Hold a seal's own events, and those of seals before it that are missing, against it."""
        grown = self._grown(link, missed + own)
        sealed = own if grown is not None else self._signed(link, kept)
        self._compare_leaves(link, sealed, kept)
        if grown is None:
            self._tell_events(link, own, sealed, bool(missed))
            grown = self._grown(link, missed + (sealed or own)) or link.tree
        if grown is None:
            self._never_lost = False
        elif link.row is not None and link.row.peaks != grown.peaks:
            self._tell(Kind.SEAL_EDITED, "its row has other peaks than the tree", link)
        self._tree = grown

    def _grown(self, link: Link, leaves: bytes) -> Tree | None:
        """The tree with further leaves, where it is then the one that was signed."""
        if self._tree is None:
            return None
        grown = self._tree.copy()
        completed = grown.extend(hashes_of(leaves))
        if grown.size != link.seal.tree_size or grown.root.hex() != link.seal.root:
            return None
        self._keep(completed, link)
        return grown

    def _keep(self, completed: Sequence[Subtrees], link: Link) -> None:
        for each in completed:
            for place, found in enumerate(each.hashes, each.place):
                self._subtrees[each.level, place] = (found, link.seal.first_position)

    def _signed(self, link: Link, kept: bytes | None) -> bytes | None:
        """The leaves that were signed, in the database or outside; None where they are lost."""
        if kept is not None and digest(listing(kept)) == link.seal.leaves:
            return kept
        outside = None if self._folder is None else self._folder.listing(link.number)
        if outside is not None and digest(outside) == link.seal.leaves:
            return listed(outside)
        return None

    def _tell_events(self, link: Link, own: bytes, sealed: bytes | None, missed: bool) -> None:
        seal = link.seal
        if sealed is None:
            if digest(listing(own)) != seal.leaves:
                told = f"among the events up to {seal.last_position} one is not what was sealed"
                self._tell(Kind.EVENT_EDITED, f"{told}; the list that tells which is lost", link)
        elif sealed != own:
            after = seal.first_position - 1 if missed else self._after
            found = entries(self._connection, after, seal.last_position)
            self._events.compare(sealed, found, link.number)
        elif missed and self._tree is not None:
            told = f"among the events up to {seal.first_position - 1}, whose seals are missing, one"
            position = self._register.first_event(self._after)
            told = f"{told} is not what was sealed"
            self._found.append(Finding(Kind.EVENT_EDITED, told, position, link.number))

    def _compare_leaves(self, link: Link, sealed: bytes | None, kept: bytes | None) -> None:
        if link.row is not None and kept is None:
            self._tell(Kind.LEAVES_MISSING, "the list of its events' hashes is not there", link)
        elif link.row is not None and kept != sealed:
            self._tell(Kind.LEAVES_EDITED, "the list of its events' hashes was changed", link)
        if self._folder is not None:
            outside = self._folder.listing(link.number)
            if outside is None:
                told = f"{self._folder} has no list of its events' hashes"
                self._tell(Kind.COPY_MISSING, told, link)
            elif digest(outside) != link.seal.leaves:
                told = f"the list of its events' hashes in {self._folder} was changed"
                self._tell(Kind.COPY_EDITED, told, link)

    def _tell(self, kind: Kind, told: str, link: Link) -> None:
        self._found.append(Finding(kind, told, link.seal.first_position, link.number))

    # --- in the end ----------------------------------------------------------------------------

    def _finish(self) -> None:
        self.report.unsealed = self._register.events_beyond(self._after)
        self._found += self._events.findings(self._register.last_event())
        kept = self._register.subtrees()
        for (level, place), (found, position) in self._subtrees.items():
            if kept.get((level, place)) != found:
                told = f"the subtree {place} of level {level} is not that of its leaves"
                self._found.append(Finding(Kind.SUBTREE_EDITED, told, position))
        if self.report.full:
            strange = kept.keys() - self._subtrees.keys() if self._never_lost else ()
            for level, place in sorted(strange):
                told = f"there is no subtree {place} of level {level}"
                self._found.append(Finding(Kind.SUBTREE_EDITED, told))
            for number in self._register.leaves_without_seal():
                told = "there are leaves of a seal that is not there"
                self._found.append(Finding(Kind.LEAVES_EDITED, told, seal=number))


def _together(before: Link | None, links: Sequence[Link]) -> Iterator[list[Link]]:
    """Links, as many at once as have so many events."""
    some: list[Link] = []
    size = 0 if before is None else before.seal.tree_size
    for link in links:
        some.append(link)
        if link.seal.tree_size - size >= EVENTS_AT_ONCE:
            yield some
            some, size = [], link.seal.tree_size
    if some:
        yield some
