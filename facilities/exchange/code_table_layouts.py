"""How code tables are laid out as CMS publishes them: what their columns are called."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from domain.revenue.events.code_table import CodeTable
from facilities.exchange.workbooks import is_workbook, lines_of

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the header of a table calls its columns, without blanks and in small letters: the
    beginning of each name. The first is the one by which the header is known."""

    code: tuple[str, ...]
    other: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    indicator: tuple[str, ...] = ()
    valid_from: tuple[str, ...] = ()
    valid_to: tuple[str, ...] = ()

    def header(self, cells: Cells) -> dict[str, int] | None:
        """In which place each column stands, where these cells are the header."""
        names = ["".join(each.split()).lower() for each in cells]
        places: dict[str, int] = {}
        for each in fields(self):
            begins: tuple[str, ...] = getattr(self, each.name)
            for place, name in enumerate(names):
                if begins and name.startswith(begins):
                    places.setdefault(each.name, place)
        needed = ("code", "other", "units", "indicator")
        if all(name in places for name in needed if getattr(self, name)):
            return places
        return None


LAYOUTS = {
    CodeTable.ICD_10_CM: Layout(code=("icd_10_cm", "icd-10-cm", "icd10cm", "code")),
    CodeTable.HCPCS: Layout(code=("hcpc", "code"), valid_to=("termdt", "terminationdate")),
    CodeTable.NCCI_PTP: Layout(
        code=("column1",),
        other=("column2",),
        indicator=("modifier",),
        valid_from=("effectivedate",),
        valid_to=("deletiondate",),
    ),
    CodeTable.NCCI_MUE: Layout(
        code=("hcpcs/cptcode",),
        units=(
            "practitionerservicesmuevalue",
            "outpatienthospitalservicesmuevalue",
            "muevalue",
        ),
        indicator=("mueadjudicationindicator",),
    ),
}


def lines_in(path: Path) -> Iterator[tuple[int, Cells]]:
    """The rows of a file, each with its number."""
    with path.open("rb") as stream:
        beginning = stream.read(1 << 16)
    if is_workbook(beginning):
        yield from lines_of(path)
        return
    # CMS's text files are in Windows' encoding, and its lists of codes in ASCII.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        tabs = beginning.count(b"\t") > beginning.count(b",")
        for number, cells in enumerate(csv.reader(text, delimiter="\t" if tabs else ","), 1):
            if any(cells):
                yield number, cells
