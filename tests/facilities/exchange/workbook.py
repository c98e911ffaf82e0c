"""Writes the workbooks that tests read: Office Open XML with nothing in it but what is needed."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

Value = str | int | float | bool | date | None

_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
</Types>"""
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STYLES = f"""<styleSheet xmlns="{_MAIN}"><cellXfs count="3"><xf numFmtId="0"/>
<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>
</styleSheet>"""
_BEFORE_EXCEL = datetime.fromisoformat("1899-12-30T00:00:00")


def write(
    path: Path,
    rows: Sequence[Sequence[Value]],
    *,
    first_row: int = 1,
    hidden_before: Sequence[Sequence[Value]] | None = None,
    state: str = "visible",
) -> Path:
    """A workbook with one sheet of these rows, perhaps behind one that is hidden."""
    sheets = [] if hidden_before is None else [(hidden_before, "hidden", 1)]
    sheets.append((rows, state, first_row))
    listed = "".join(
        f'<sheet name="S{number}" sheetId="{number}" state="{how}" r:id="r{number}"/>'
        for number, (_, how, _) in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="r{number}" Type="{_DOCUMENT}/worksheet" '
        f'Target="worksheets/s{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    styles = f'<Relationship Id="styles" Type="{_DOCUMENT}/styles" Target="styles.xml"/>'
    office = f'<Relationship Id="r1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONSHIPS}">{office}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONSHIPS}">'
        f"{related}{styles}</Relationships>",
        "xl/styles.xml": _STYLES,
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for number, (content, _, first) in enumerate(sheets, 1):
            archive.writestr(f"xl/worksheets/s{number}.xml", _sheet(content, first))
    return path


def _sheet(rows: Sequence[Sequence[Value]], first_row: int) -> str:
    written = "".join(
        f'<row r="{line}">'
        + "".join(_cell(f"{chr(65 + place)}{line}", each) for place, each in enumerate(cells))
        + "</row>"
        for line, cells in enumerate(rows, first_row)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _cell(place: str, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        days = (value - _BEFORE_EXCEL).total_seconds() / 86_400
        return f'<c r="{place}" s="2"><v>{days}</v></c>'
    if isinstance(value, date):
        midnight = datetime.combine(value, datetime.min.time())
        return f'<c r="{place}" s="1"><v>{(midnight - _BEFORE_EXCEL).days}</v></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'
