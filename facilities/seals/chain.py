"""The chain of seals: of each number the one statement that was signed, found in two places.

Within the database or outside of it a statement may be missing, altered, replaced, or signed by
somebody else. Whatever is wrong is told (`found`); what is right goes on as a `Link`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from facilities.seals.findings import Finding, Kind
from facilities.seals.folder import Folder
from facilities.seals.register import Register, SealRow
from facilities.seals.statements import Introduction, Malformed, Seal, digest, is_signed_by
from facilities.seals.tree import Tree

AT_ONCE = 500
"""How many seals are read at once."""


@dataclass(frozen=True, slots=True)
class Link:
    """A seal that was signed as it is, and its row where there is one."""

    seal: Seal
    statement: str
    row: SealRow | None

    @property
    def number(self) -> int:
        return self.seal.number

    @property
    def tree(self) -> Tree | None:
        """The tree that was signed, where the row has the peaks of that one."""
        try:
            tree = Tree.of(self.seal.tree_size, b"" if self.row is None else self.row.peaks)
        except ValueError:
            return None
        return tree if tree.root.hex() == self.seal.root else None


class Chain:
    """Reads the seals in order. `trusted` are keys they must have come from."""

    def __init__(
        self,
        register: Register,
        folder: Folder | None,
        trusted: Collection[str],
        found: list[Finding],
    ) -> None:
        self._register, self._folder, self._found = register, folder, found
        self._outside = [] if folder is None else folder.numbers()
        newest = register.last()
        self._newest = 0 if newest is None else newest.number
        self.last = max([self._newest, *self._outside[-1:]])
        self._keys = self._introduced()
        self._firsts = self._roots(trusted)
        self._before: Link | None = None
        self._missed: set[int] = set()
        self._told_older = False

    # --- keys ----------------------------------------------------------------------------------

    def _introduced(self) -> dict[str, Introduction]:
        """The keys whose introductions are what was signed."""
        within = self._register.introductions()
        outside = {} if self._folder is None else self._folder.introductions()
        good_within, good_outside = _good(within), _good(outside)
        for key_id in within.keys() | outside.keys():
            if key_id not in good_within:
                told = "changed" if key_id in within else "not there"
                self._found.append(Finding(Kind.KEY_EDITED, f"the key {key_id} is {told}"))
            elif self._folder is not None and key_id not in good_outside:
                changed = key_id in outside
                kind = Kind.COPY_EDITED if changed else Kind.COPY_MISSING
                told = "was changed" if changed else "is not"
                self._found.append(Finding(kind, f"the key {key_id} {told} in {self._folder}"))
            elif self._folder is not None and within[key_id] != outside[key_id]:
                told = f"the key {key_id} was introduced in another way than {self._folder} has it"
                self._found.append(Finding(Kind.KEY_EDITED, told))
        return {**good_within, **good_outside}

    def _roots(self, trusted: Collection[str]) -> set[str]:
        """The keys that may have signed the first seal: they introduced themselves."""
        selves = {key_id for key_id, each in self._keys.items() if each.introduced_by == key_id}
        anchored = selves & set(() if self._folder is None else _good(self._folder.introductions()))
        if len(selves) > 1:
            told = f"{len(selves)} keys introduced themselves; only the first one does"
            self._found.append(Finding(Kind.KEY_EDITED, told))
        roots = {
            each for each in anchored or selves if all(self._leads(each, to) for to in trusted)
        }
        if not roots and trusted and self.last:
            told = "the seals do not come from the key " + ", ".join(sorted(trusted))
            self._found.append(Finding(Kind.KEY_UNKNOWN, told))
        return roots or anchored or selves

    def _leads(self, earlier: str, later: str) -> bool:
        """Whether a key was introduced by another, over any number of others."""
        seen: set[str] = set()
        while later != earlier:
            if later in seen or later not in self._keys:
                return False
            seen.add(later)
            later = self._keys[later].introduced_by
        return True

    # --- seals ---------------------------------------------------------------------------------

    def begin_after(self, number: int, seal: str) -> Link | None:
        """Go on after a seal whose statement has this digest; None where there is none."""
        row = self._register.between(number - 1, number).get(number)
        if row is None or digest(row.statement) != seal:
            return None
        self._before = Link(Seal.read(row.statement), row.statement, row)
        return self._before

    def next(self, after: int) -> tuple[list[Link], int]:
        """The links of the next seals beyond a number, and the number they go up to."""
        rows = self._register.following(after, AT_ONCE)
        upto = max(rows) if len(rows) == AT_ONCE else self.last
        numbers = rows.keys() | {each for each in self._outside if after < each <= upto}
        links = []
        for number in sorted(numbers)[:AT_ONCE]:
            link = self._link(number, rows.get(number))
            if link is not None:
                self._told_missing(link)
                self._before = link
                links.append(link)
            upto = number if len(numbers) > AT_ONCE else upto
        return links, upto

    def _link(self, number: int, row: SealRow | None) -> Link | None:
        """What was signed under a number, and what is wrong about it."""
        outside = None if self._folder is None else self._folder.statement(number)
        there, wrong = (None, None) if row is None else self._judged(number, row.statement)
        copy, altered = (None, None) if outside is None else self._judged(number, outside)
        good = copy or there
        position = good.first_position if good else None if row is None else row.first_position
        if row is None and copy is not None:
            self._tell_absent(copy)
        if row is not None and wrong is not None:
            self._found.append(Finding(*wrong, position, number))
        if outside is not None and altered is not None:
            told = f"the seal in {self._folder} is not what was signed: {altered[1]}"
            self._found.append(Finding(Kind.COPY_EDITED, told, position, number))
        if self._folder is not None and outside is None:
            told = f"{self._folder} has no statement of the seal"
            self._found.append(Finding(Kind.COPY_MISSING, told, position, number))
        if there is not None and copy is not None and row is not None and outside != row.statement:
            told = f"{self._folder} has another, signed by a key of ours"
            self._found.append(Finding(Kind.SEAL_REPLACED, told, position, number))
        if good is None:
            self._missed.add(number)
            return None
        if row is not None and there is not None and _columns(row) != _columns(there):
            told = "its row tells other positions than its statement"
            self._found.append(Finding(Kind.SEAL_EDITED, told, position, number))
        text = outside if copy is not None else None if row is None else row.statement
        return Link(good, text or "", row)

    def _judged(self, number: int, text: str) -> tuple[Seal | None, tuple[Kind, str] | None]:
        """The seal a text states, or what is wrong with it."""
        try:
            seal = Seal.read(text)
            if seal.number != number:
                raise Malformed(f"it is the seal {seal.number}")
            by = self._keys.get(seal.key)
            if by is None or not self._may_sign(seal.key):
                return None, (Kind.SEAL_FOREIGN, f"its key {seal.key} is none that may sign it")
            if not is_signed_by(by.public, text):
                raise Malformed("its signature is not that of its key")
        except Malformed as error:
            return None, (Kind.SEAL_EDITED, str(error))
        if not self._follows(seal):
            return None, (Kind.SEAL_REPLACED, "it does not follow the seal before")
        return seal, None

    def _may_sign(self, key_id: str) -> bool:
        if self._before is not None:
            return self._leads(self._before.seal.key, key_id)
        return any(self._leads(first, key_id) for first in self._firsts)

    def _follows(self, seal: Seal) -> bool:
        before = self._before
        if before is None:
            return seal.number > 1 or seal.predecessor == ""
        if seal.number == before.number + 1 and seal.predecessor != digest(before.statement):
            return False
        return before.seal.tree_size < seal.tree_size and (
            before.seal.last_position < seal.first_position <= seal.last_position
        )

    def _tell_absent(self, seal: Seal) -> None:
        if seal.number <= self._newest:
            told = f"it is not in the database, only in {self._folder}"
            self._found.append(Finding(Kind.SEAL_MISSING, told, seal.first_position, seal.number))
        elif not self._told_older:
            self._told_older = True
            told = (
                f"{self._folder} has seals up to {self.last}, the database up to "
                f"{self._newest or 'none'}: it is older than it was, or was cut"
            )
            self._found.append(Finding(Kind.DATABASE_OLDER, told, seal.first_position, seal.number))

    def _told_missing(self, link: Link) -> None:
        """Seals between two that follow each other, of which nothing is left."""
        before = 0 if self._before is None else self._before.number
        gone = set(range(before + 1, link.number)) - self._missed
        if gone:
            after = None if self._before is None else self._before.seal.last_position
            told = f"the seals from {min(gone)} to {max(gone)} are nowhere"
            position = self._register.first_event(after)
            self._found.append(Finding(Kind.SEAL_MISSING, told, position, min(gone)))


def _good(introductions: Mapping[str, str]) -> dict[str, Introduction]:
    """Of introductions those that are what was signed."""
    good: dict[str, Introduction] = {}
    for key_id, text in introductions.items():
        try:
            good[key_id] = Introduction.read(text)
            if good[key_id].public.key_id != key_id:
                del good[key_id]
        except Malformed:
            good.pop(key_id, None)
    for key_id, text in introductions.items():
        by = good.get(good[key_id].introduced_by) if key_id in good else None
        try:
            signed = by is not None and is_signed_by(by.public, text)
        except Malformed:
            signed = False
        if not signed:
            good.pop(key_id, None)
    return good


def _columns(of: SealRow | Seal) -> tuple[int, ...]:
    return of.number, of.first_position, of.last_position, of.tree_size
