"""Code tables come in, as CMS publishes them: ICD-10-CM, HCPCS, and the NCCI's edits.

Text, CSV or workbook. What stands before the header (a copyright notice, a title) is passed over;
columns are found by what the header calls them. The lists of ICD-10-CM that have no header are read
by their fixed columns. A numbered procedure:

1. Read all files of an edition, and lay the codes out on pages.
2. List every page. One that says what it said before adds nothing.
3. Publish the edition, with the pages that it has.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from domain.kernel import Command, Refused
from domain.revenue.code_table import ListCodes, PublishCodeTable
from domain.revenue.events.code_table import CareSetting, CodeEntry, CodeTable, page_for
from facilities.bulk import unhurried_collector
from facilities.exchange.code_table_layouts import LAYOUTS, Cells, lines_in
from facilities.exchange.parcels import Counted, Rehearsal
from facilities.exchange.report import Progress, Rejected, Report, in_silence
from facilities.exchange.tables import shown
from facilities.exchange.workbooks import NoWorkbook
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Context, Outcome, Service, new_id

PAGES_AT_ONCE = 100
LONGEST_PREAMBLE = 50
"""How many lines may stand before the header."""
KEPT_FOR = timedelta(days=4 * 366)
"""Pairs that ended longer before the edition concern no claim any more: a decision is reopened
within four years (42 CFR 405.980)."""

CODE = re.compile("[A-Z0-9]{5}")
_ORDER = re.compile(r"[0-9]{5} ([A-Z][A-Z0-9]{2,6}) +([01]) ")
_LISTED = re.compile(r"([A-Z][0-9][0-9AB][0-9A-Z]{0,4})(\s|$)")
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")

Said = Callable[[str], str]
"""What a row says in a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTableReport(Report):
    """What an edition came to. `passed_over` are rows of what ended long ago or never held."""

    table: CodeTable
    setting: CareSetting
    edition: str
    codes: int = 0
    pages: int = 0
    passed_over: int = 0

    @property
    def came_to_something(self) -> bool:
        return bool(self.codes)


def import_code_table(
    paths: Sequence[Path],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    table: str,
    edition: str,
    effective: date,
    setting: str = CareSetting.ANY,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = in_silence,
) -> CodeTableReport:
    """Load an edition of a table out of its files. Without `skip_bad` one bad row is enough for
    nothing to be loaded."""
    counted = Rehearsal(ledger) if dry_run else Counted(ledger)
    reading = _Reading(CodeTable(table), effective)
    with unhurried_collector():
        for done, path in enumerate(paths):
            progress("reading", done, len(paths))
            reading.read(path)
        progress("reading", len(paths), len(paths))
        pages = reading.pages
        codes = sum(map(len, pages.values()))
        if not codes and not reading.rejected:
            reading.reject(paths[-1].name, None, None, None, "the files have no codes")
        if codes and (skip_bad or not reading.rejected):
            sending = _Sending(counted.serve(service), actor, f"code-table:{edition}"[:200])
            commands = reading.commands(edition, CareSetting(setting))
            for done, refused in sending.all(commands):
                progress("listing", done, len(pages) + 1)
                if refused is not None:
                    reading.reject(paths[0].name, None, None, None, refused)
                    break
    return CodeTableReport(
        table=CodeTable(table),
        setting=CareSetting(setting),
        edition=edition,
        codes=codes,
        pages=len(pages),
        passed_over=reading.passed_over,
        events_appended=counted.appended,
        rejected=tuple(reading.rejected),
    )


class _Sending:
    """Pages are listed by the hundred, and the edition is published last."""

    def __init__(self, service: Service, actor: Actor, source: str) -> None:
        self._service, self._actor, self._source = service, actor, source
        self._run = new_id()

    def all(self, commands: Iterator[Command]) -> Iterator[tuple[int, str | None]]:
        """How many were sent, and why one of the last was refused."""
        done = 0
        while batch := list(islice(commands, PAGES_AT_ONCE)):
            answers = self._service.execute_all([(each, self._context()) for each in batch])
            done += len(batch)
            refused = next((each for each in answers if not isinstance(each, Outcome)), None)
            said = f"{refused} ({refused.code})" if isinstance(refused, Refused) else refused
            yield done, None if said is None else str(said)

    def _context(self) -> Context:
        return Context(actor=self._actor, correlation_id=self._run, source=self._source)


class _Reading:
    """The codes of all files, on their pages."""

    def __init__(self, table: CodeTable, effective: date) -> None:
        self._table, self._effective = table, effective
        self._layout = LAYOUTS[table]
        self.pages: dict[str, dict[str, CodeEntry]] = {}
        self.rejected: list[Rejected] = []
        self.passed_over = 0
        self._called: Mapping[str, str] = {}

    def commands(self, edition: str, setting: CareSetting) -> Iterator[Command]:
        for page in sorted(self.pages):
            entries = self.pages[page]
            yield ListCodes(
                table=self._table,
                setting=setting,
                page=page,
                valid_from=self._effective,
                entries=tuple(entries[code] for code in sorted(entries)),
            )
        yield PublishCodeTable(
            table=self._table,
            setting=setting,
            edition=edition,
            valid_from=self._effective,
            pages=tuple(sorted(self.pages)),
            codes=sum(map(len, self.pages.values())),
        )

    def read(self, path: Path) -> None:
        header: dict[str, int] | None = None
        try:
            for number, cells in lines_in(path):
                if header is None:
                    header = self._layout.header(cells)
                    self._called = (
                        {} if header is None else {k: cells[v] for k, v in header.items()}
                    )
                    if header is None and self._table is CodeTable.ICD_10_CM:
                        self._listed(" ".join(cells))
                    elif header is None and number > LONGEST_PREAMBLE:
                        break
                else:
                    self._row(path.name, number, cells, header)
        except (NoWorkbook, csv.Error, OSError) as error:
            self.reject(path.name, None, None, None, f"cannot be read: {error}")
            return
        if header is None and not self.pages:
            expected = f"has no header with a column {self._layout.code[0]!r}"
            self.reject(path.name, None, None, None, expected)

    def reject(
        self, file: str, line: int | None, column: str | None, value: str | None, rule: str
    ) -> None:
        told = None if value is None else shown(value)
        self.rejected.append(Rejected(file=file, line=line, column=column, value=told, rule=rule))

    # --- rows ------------------------------------------------------------------------------------

    def _listed(self, line: str) -> None:
        """A line of a list without a header; headings of a category are passed over."""
        if (ordered := _ORDER.match(line)) is not None:
            if ordered[2] == "1":
                self._put(ordered[1], CodeEntry(code=ordered[1]))
            else:
                self.passed_over += 1
        elif (listed := _LISTED.match(line)) is not None:
            self._put(listed[1], CodeEntry(code=listed[1]))

    def _row(self, file: str, number: int, cells: Cells, header: Mapping[str, int]) -> None:
        def said(column: str) -> str:
            place = header.get(column, len(cells))
            return cells[place].strip() if place < len(cells) else ""

        code = said("code").replace(".", "").upper()
        if not code:
            # Headers that go on over several rows say nothing of a code.
            return
        try:
            entry = self._entry(code, said)
        except _Bad as bad:
            column = " ".join(self._called.get(bad.column, bad.column).split())
            self.reject(file, number, column, said(bad.column), bad.rule)
            return
        if entry is None:
            self.passed_over += 1
        else:
            self._put(code, entry)

    def _entry(self, code: str, said: Said) -> CodeEntry | None:
        """What a row says; None for what concerns no claim."""
        begun, ended = _day("valid_from", said), _day("valid_to", said)
        match self._table:
            case CodeTable.ICD_10_CM:
                if not _LISTED.fullmatch(code):
                    raise _Bad("code", "must be a code of ICD-10-CM")
                return CodeEntry(code=code)
            case CodeTable.HCPCS:
                # The table has modifiers among its codes: they have two characters.
                return CodeEntry(code=code, valid_to=ended) if CODE.fullmatch(code) else None
            case CodeTable.NCCI_PTP:
                other, indicator = said("other").upper(), said("indicator")[:1]
                for column, each in (("code", code), ("other", other)):
                    if not CODE.fullmatch(each):
                        raise _Bad(column, "must be a code of CPT or HCPCS")
                if indicator not in ("0", "1", "9"):
                    raise _Bad("indicator", "must be 0, 1 or 9")
                over = ended is not None and ended < self._effective - KEPT_FOR
                if over or indicator == "9" or (ended and begun and ended < begun):
                    return None
                return CodeEntry(code=other, valid_from=begun, valid_to=ended, indicator=indicator)
            case CodeTable.NCCI_MUE:
                if not CODE.fullmatch(code):
                    raise _Bad("code", "must be a code of CPT or HCPCS")
                units, indicator = said("units"), said("indicator")[:1]
                if not (units.isascii() and units.isdigit()):
                    raise _Bad("units", "must be a whole number")
                if indicator not in ("1", "2", "3"):
                    raise _Bad("indicator", "must begin with 1, 2 or 3")
                return CodeEntry(code=code, units=int(units), indicator=indicator)

    def _put(self, code: str, entry: CodeEntry) -> None:
        page = self.pages.setdefault(page_for(self._table, code), {})
        known = page.get(entry.code)
        # A pair that ended and was taken up again is there twice: the one that goes on counts.
        if known is None or _ends(known) <= _ends(entry):
            page[entry.code] = entry


class _Bad(Exception):
    """A row that breaks a rule, and in which column."""

    def __init__(self, column: str, rule: str) -> None:
        super().__init__(rule)
        self.column, self.rule = column, rule


def _ends(entry: CodeEntry) -> date:
    return entry.valid_to or date.max


def _day(column: str, said: Said) -> date | None:
    """``20260101`` or ``2026-01-01``; an asterisk is no day."""
    text = said(column)
    if text in ("", "*"):
        return None
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise _Bad(column, "must be a day such as 20260101, or *") from None
