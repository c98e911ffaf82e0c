"""Reading: everything a folder of tables holds is looked at before anything is sent.

Every bad row is turned away by itself, under the first rule it breaks; who depends on it learns of
that when it is its turn to be sent. Where not even that is certain (a file that is no table, a
transaction that may belong to any claim) the whole folder is `broken`, and nothing of it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar

from facilities.exchange.parcels import Place, Refusals, Thing
from facilities.exchange.report import Rejected
from facilities.exchange.tables import BadRow, Row, Table, Unreadable

T = TypeVar("T")


class Reading:
    """What was read of a folder so far: which things there are, and what was turned away."""

    def __init__(self) -> None:
        self.refusals = Refusals()
        self.broken = False
        self.unreadable = False
        """A table ended early: whatever refers to it cannot be told from what is bad."""
        self.first_days: dict[Thing, date] = {}
        """The earliest day on which anything happened at, to or through a thing."""
        self._lines: dict[Thing, tuple[int, int]] = {}
        self._files: dict[str, str] = {}

    def rows(
        self,
        table: Table,
        kind: str,
        column: str | None,
        read: Callable[[Row], T],
        *,
        blame: Callable[[Row, Rejected], None] | None = None,
    ) -> Iterator[T]:
        """What `read` makes of the good rows of a table.

        Each row tells of a thing of this kind, named in `column`. Where two rows tell differently
        of one thing, the thing is refused; a row that is there twice, word for word, counts once.
        `blame`, where it is given, decides what else goes with a row that is turned away, be it bad
        or there twice. A table that is unreadable ends early and breaks the folder.
        """
        self._files[kind] = table.name
        try:
            for row in table:
                thing = (kind, row.text(column).lower() if column else str(row.line))
                try:
                    row.whole()
                    self._once(row, thing, column)
                    found = read(row)
                except BadRow as bad:
                    self.refusals.rejected.append(bad.rejected)
                    if not isinstance(bad, _Repeated):
                        self.refusals.things.add(thing)
                    if blame is not None:
                        blame(row, bad.rejected)
                else:
                    yield found
        except Unreadable as unreadable:
            self.unreadable = True
            self.give_up(*unreadable.rejected)

    def give_up(self, *rejected: Rejected) -> None:
        self.refusals.rejected.extend(rejected)
        self.broken = True

    def known(self, kind: str, name: str) -> bool:
        """Whether the folder has such a thing, be it good or bad."""
        return (kind, name) in self._lines

    def reference(self, row: Row, column: str, kind: str) -> str:
        """The id of a thing another row tells of."""
        name = row.uuid(column)
        if not self.known(kind, name):
            raise row.bad(column, f"names no {kind} of {self._files.get(kind, 'the folder')}")
        return name

    def alone(self, row: Row, column: str | None, kind: str, name: str) -> None:
        """Refuses a row with what only one row of the folder may have."""
        line, _ = self._lines.setdefault((kind, name), (row.line, 0))
        if line != row.line:
            raise row.bad(column, f"is that of line {line} already")

    def happened(self, thing: Thing, day: date) -> None:
        """Something happened at, to or through a thing on a day."""
        known = self.first_days.get(thing)
        if known is None or day < known:
            self.first_days[thing] = day

    def _once(self, row: Row, thing: Thing, column: str | None) -> None:
        content = hash(row.cells)
        line, first_content = self._lines.setdefault(thing, (row.line, content))
        if line == row.line:
            return
        if content == first_content:
            raise _Repeated(row.bad(column, f"is in line {line} already, word for word").rejected)
        raise row.bad(column, f"is in line {line} already, with other content")


class _Repeated(BadRow):
    """The same row once more."""


def place_of(row: Row, columns: dict[str, str], private: frozenset[str] = frozenset()) -> Place:
    """Where a row is, for whoever refuses what it says."""
    return Place(row.file, row.line, columns, private)
