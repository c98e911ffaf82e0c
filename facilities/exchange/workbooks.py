"""Workbooks: what Excel and its like write (XLSX, XLS, ODS), read as the text a CSV would hold.

Of a workbook the first sheet that is shown is the table. A number is written as it is meant, not as
it is stored (``77.49``, ``1234567893``), a day as a day. What begins with a zero does so only where
its cell is text: of any other Excel drops the zero, and nobody can bring it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins: a ZIP archive, or the older compound file, as protected ones are."""

Cell = bool | int | float | str | date | datetime | time | timedelta


class NoWorkbook(Exception):
    """A file that begins like a workbook and cannot be read as one. Says why."""


def is_workbook(beginning: bytes) -> bool:
    """Whether a file that begins so is to be read as a workbook."""
    return beginning.startswith(SIGNATURES)


def lines_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the table, each with its number in the sheet; blank ones are left out.

    All of them are of the width of the widest. Raises NoWorkbook.
    """
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            shown = [
                each.name
                for each in workbook.sheets_metadata
                if each.visible is SheetVisibleEnum.Visible and each.typ is SheetTypeEnum.WorkSheet
            ]
            if not shown:
                raise NoWorkbook("the workbook shows no sheet")
            sheet = workbook.get_sheet_by_name(shown[0])
            for number, cells in enumerate(sheet.iter_rows(), 1):
                texts = [text_of(each) for each in cells]
                if any(texts):
                    yield number, texts
    except PasswordError:
        raise NoWorkbook("is protected by a password") from None
    except CalamineError as error:
        raise NoWorkbook(f"is no workbook: {error}") from None


def text_of(cell: Cell) -> str:
    """What a cell says, as a CSV would hold it."""
    if isinstance(cell, str):
        return cell.replace("\x00", "\ufffd")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return "" if cell != cell else _plain(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _plain(number: float) -> str:
    """A number without an exponent, and without places where it has none."""
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
