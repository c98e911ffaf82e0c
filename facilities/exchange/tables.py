"""Tables: the files that come into the mailroom, CSV or workbooks, read row by row, every fault
named.

A file that cannot be read as a table at all is `Unreadable`. A row that can be read and is wrong
is a `BadRow`: it says which column, which value, and which rule. What stands in a private column
is never repeated.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from domain import rules
from domain.kernel import Refused
from facilities.exchange.report import Rejected
from facilities.exchange.workbooks import NoWorkbook, is_workbook, lines_of

LONGEST_SHOWN = 60
"""How many characters of a bad value are repeated."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_INTEGER = re.compile(r"-?[0-9]{1,40}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class Unreadable(Exception):
    """A file that is no table, or lacks columns: nothing in it can be trusted."""

    def __init__(self, *rejected: Rejected) -> None:
        super().__init__("; ".join(f"{each.file}: {each.rule}" for each in rejected))
        self.rejected = rejected


class BadRow(Exception):
    """A row that is not imported."""

    def __init__(self, rejected: Rejected) -> None:
        super().__init__(f"{rejected.file}, line {rejected.line}: {rejected.rule}")
        self.rejected = rejected


class Row:
    """One row of a table; its cells are asked for by the name of their column."""

    __slots__ = ("_cells", "_fault", "_table", "line")

    def __init__(self, table: Table, line: int, cells: list[str], fault: str | None) -> None:
        self._table, self.line, self._cells, self._fault = table, line, cells, fault

    @property
    def file(self) -> str:
        return self._table.name

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(self._cells)

    @property
    def damaged(self) -> bool:
        """Whether its cells may not be what was meant: too few, too many, or no text."""
        return self._fault is not None

    def whole(self) -> None:
        """Raises BadRow where the row is damaged, whatever its cells say."""
        if self._fault is not None:
            raise self.bad(None, self._fault)

    def bad(self, column: str | None, rule: str) -> BadRow:
        """What is wrong with this row, in one of its columns."""
        value = None
        named = None if column is None else self._table.called.get(column, column)
        if column is not None and named not in self._table.private:
            value = shown(self.text(column))
        return BadRow(
            Rejected(file=self.file, line=self.line, column=named, value=value, rule=rule)
        )

    # --- cells -----------------------------------------------------------------------------------

    def text(self, column: str) -> str:
        """The cell without surrounding blanks; empty where the row or the table has none."""
        try:
            return self._cells[self._table.places[column]].strip()
        except KeyError:
            return self._table.constants.get(column, "")
        except IndexError:
            return ""

    def required(self, column: str) -> str:
        found = self.text(column)
        if not found:
            raise self.bad(column, "must not be empty")
        return found

    def uuid(self, column: str) -> str:
        """A UUID in its canonical spelling."""
        found = canonical(self.required(column))
        if found is None:
            raise self.bad(column, "must be a UUID")
        return found

    def is_uuid(self, column: str) -> bool:
        return _UUID.fullmatch(self.text(column)) is not None

    def one_of(self, column: str, allowed: Collection[str]) -> str:
        found = self.text(column)
        if found not in allowed:
            said = ", ".join(each or "empty" for each in allowed)
            raise self.bad(column, f"must be one of {said}")
        return found

    def amount(self, column: str, currency: str) -> Decimal | None:
        """An amount of money, zero or more; None where the cell is empty."""
        found = self.text(column)
        if not found:
            return None
        try:
            return _amount(found, currency)
        except ValueError:
            raise self.bad(column, "must be a decimal number") from None
        except Refused as refused:
            raise self.bad(column, str(refused.details["rule"])) from None

    def quantity(self, column: str) -> int:
        """A whole number of at least one."""
        found = self.required(column)
        if not _INTEGER.fullmatch(found):
            raise self.bad(column, "must be a whole number")
        try:
            return rules.quantity("cell", column, int(found))
        except Refused as refused:
            raise self.bad(column, str(refused.details["rule"])) from None

    def instant(self, column: str) -> datetime | None:
        """An instant, in UTC; None where the cell is empty."""
        found = self.text(column)
        if not found:
            return None
        try:
            instant = _instant(found)
        except (ValueError, OverflowError):
            raise self.bad(column, "must be an instant such as 2023-01-27T16:17:47Z") from None
        self._plausible(column, instant.date())
        return instant

    def day(self, column: str, zone: tzinfo) -> date:
        """A day; where the cell has an instant, the day it was in `zone`."""
        if _DAY.fullmatch(found := self.required(column)):
            try:
                day = date.fromisoformat(found)
            except ValueError:
                raise self.bad(column, "must be a day such as 2023-01-27") from None
            self._plausible(column, day)
            return day
        instant = self.instant(column)
        assert instant is not None
        return instant.astimezone(zone).date()

    def _plausible(self, column: str, day: date) -> None:
        try:
            rules.plausible("cell", column, day)
        except Refused as refused:
            raise self.bad(column, str(refused.details["rule"])) from None


REPEATED = 16_384
"""How many cells are kept in mind: an import reads the same few again and again."""


@lru_cache(REPEATED)
def canonical(text: str) -> str | None:
    """A UUID in its canonical spelling; None where it is none."""
    return text.lower() if _UUID.fullmatch(text) else None


@lru_cache(REPEATED)
def _amount(text: str, currency: str) -> Decimal:
    """Raises ValueError for what is no number, and Refused."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return rules.amount("cell", "amount", Decimal(text), currency, zero_allowed=True)


@lru_cache(REPEATED)
def _instant(text: str) -> datetime:
    """Raises ValueError and OverflowError for what is no instant."""
    if not _INSTANT.fullmatch(text):
        raise ValueError
    return datetime.fromisoformat(text).astimezone(UTC)


class Table:
    """A CSV file with a header: comma, double quotes, UTF-8 (RFC 4180), CRLF or LF; or a workbook,
    which is told by how it begins and not by its name.

    Columns stand in any order and there may be more of them than are asked for. Blank lines are
    passed over. Iterating reads the file once more, from its beginning.
    """

    def __init__(
        self, path: Path, needed: Collection[str], *, private: Collection[str] = ()
    ) -> None:
        self.name, self.private = path.name, frozenset(private)
        self.places: Mapping[str, int] = {}
        self.called: Mapping[str, str] = {}
        """What the columns are called in the file, of those that are asked for by another name."""
        self.constants: Mapping[str, str] = {}
        """What is said in every row of columns that the file does not have."""
        self._path, self._needed = path, needed
        self._faults: dict[int, str] = {}

    def __iter__(self) -> Iterator[Row]:
        """The rows. Raises Unreadable, in the middle of the file perhaps."""
        try:
            with self._path.open("rb") as stream:
                if is_workbook(stream.read(4)):
                    yield from self._rows_of_workbook()
                    return
                stream.seek(0)
                yield from self._rows(stream)
        except FileNotFoundError:
            raise self.unreadable(None, "the file is missing") from None
        except OSError as error:
            raise self.unreadable(None, f"cannot be opened: {error.strerror}") from error

    def check(self) -> None:
        """Raises Unreadable where there is no such file, or not with these columns."""
        for _ in self:
            return

    def header(self) -> Collection[str]:
        """The names of the columns. Raises Unreadable."""
        for _ in self:
            break
        return [each for each in self.places if not each.startswith("\x00")]

    def unreadable(self, line: int | None, rule: str, column: str | None = None) -> Unreadable:
        return Unreadable(Rejected(file=self.name, line=line, column=column, value=None, rule=rule))

    def _rows(self, stream: BinaryIO) -> Iterator[Row]:
        self._faults = {}
        reader = csv.reader(self._lines(stream), strict=True)
        try:
            header = next(reader, [])
            self.places = self._header(header)
            width, before = len(header), reader.line_num
            for cells in reader:
                first, before = before + 1, reader.line_num
                if not cells:
                    continue
                fault = None
                if len(cells) != width:
                    fault = f"has {len(cells)} fields where the header has {width}"
                if self._faults:
                    damaged = range(first, before + 1)
                    fault = next((self._faults[n] for n in damaged if n in self._faults), fault)
                yield Row(self, first, cells, fault)
        except csv.Error as error:
            # What follows cannot be told apart from what is damaged.
            rule = f"is no CSV from here on: {error}"
            raise self.unreadable(reader.line_num, rule) from None

    def _rows_of_workbook(self) -> Iterator[Row]:
        self._faults, self.places, width = {}, {}, 0
        try:
            for line, cells in lines_of(self._path):
                if not self.places:
                    width = max(place for place, each in enumerate(cells, 1) if each.strip())
                    self.places = self._header(cells[:width])
                    continue
                fault = None
                if any(cells[width:]):
                    fault = f"has a value beside the {width} columns of the header"
                yield Row(self, line, cells[:width], fault)
        except NoWorkbook as error:
            raise self.unreadable(None, str(error)) from None
        if not self.places:
            raise self.unreadable(None, "the file is empty")

    def _header(self, cells: list[str]) -> Mapping[str, int]:
        names = [each.strip() for each in cells]
        if 1 in self._faults:
            raise self.unreadable(1, self._faults[1])
        if not any(names):
            raise self.unreadable(None, "the file is empty")
        for name in names:
            if names.count(name) > 1 and name in self._needed:
                raise self.unreadable(1, "the column is there twice", name)
        if missing := [each for each in self._needed if each not in names]:
            raise Unreadable(
                *(
                    Rejected(
                        file=self.name,
                        line=1,
                        column=each,
                        value=None,
                        rule="the column is missing",
                    )
                    for each in missing
                )
            )
        places = dict(zip(names, range(len(names)), strict=True))
        # Two unknown columns may share a name; a row has as many cells all the same.
        places.update({f"\x00{place}": place for place in range(len(names) - len(places))})
        return places

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        for number, line in enumerate(stream, 1):
            content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            try:
                text = content.decode()
            except UnicodeDecodeError as error:
                self._faults[number] = f"is not UTF-8 at byte {error.start + 1} of line {number}"
                text = content.decode(errors="replace")
            if "\x00" in text:
                at = content.index(0) + 1
                self._faults.setdefault(number, f"holds a NUL at byte {at} of line {number}")
                text = text.replace("\x00", "\ufffd")
            yield text


def shown(value: object) -> str:
    """The beginning of a value, in characters that can be written down anywhere."""
    text = str(value)
    cut = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
    return "".join(each if each.isprintable() else "�" for each in cut)
