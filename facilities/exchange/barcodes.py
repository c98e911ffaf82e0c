"""What a barcode on a label says: the item, its lot, its expiry, its serial number.

Read are GS1 element strings as a scanner sends them (FNC1 as the separator character 29) or as they
are printed beneath the bars, ``(01)…(17)…(10)…``, GTINs alone, and labels of HIBCC (`hibc`), which
begin with a plus. A UDI of either is such a string (21 CFR 830).

A wrong check digit or character is told together with the one that is due; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from biip import ParseError
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin

from facilities.exchange.hibc import BadHibc, read_hibc

SYMBOLOGY = re.compile(r"^\](C1|d2|Q3|e0|J1|E0|E4|(A[0-7]|C0|d1|Q1|z0)(?=\+))")
"""What a scanner may put in front to tell which kind of barcode it read (ISO/IEC 15424)."""


class BadBarcode(ValueError):
    """A barcode that does not say what it must; the message tells why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a barcode says. `gtin` has 14 digits, `udi_di` is the device identifier of HIBCC
    (labeler, product, unit of measure); what is not on the label is None."""

    gtin: str | None
    udi_di: str | None = None
    lot: str | None
    expires_on: date | None
    serial: str | None


def read_barcode(scanned: str) -> Label:
    """Read a barcode. Raises BadBarcode."""
    text = SYMBOLOGY.sub("", scanned.strip())
    if re.fullmatch("[0-9]{8}|[0-9]{12,14}", text):
        return Label(gtin=_gtin(text), lot=None, expires_on=None, serial=None)
    if not text:
        raise BadBarcode("is empty")
    if text.startswith(("+", "*+")):
        return _of_hibcc(SYMBOLOGY.sub("", scanned.lstrip()).rstrip("\r\n\t"))
    try:
        message = GS1Message.parse_hri(text) if text.startswith("(") else GS1Message.parse(text)
    except ParseError as error:
        raise BadBarcode(_told(error)) from None
    found: dict[str, GS1ElementString] = {}
    for each in message.element_strings:
        if each.gtin_error is not None:
            raise BadBarcode(f"({each.ai.ai}) {each.gtin_error.rstrip('.')}")
        if found.setdefault(each.ai.ai, each) is not each:
            raise BadBarcode(f"says ({each.ai.ai}) twice")
    gtin, expiry = found.get("01"), found.get("17")
    return Label(
        gtin=None if gtin is None else gtin.value,
        lot=found["10"].value if "10" in found else None,
        expires_on=None if expiry is None else expiry.date,
        serial=found["21"].value if "21" in found else None,
    )


def _of_hibcc(text: str) -> Label:
    """A label of HIBCC. A blank at its end is its check character, and the asterisks around it
    are those of Code 39."""
    try:
        found = read_hibc(text.removeprefix("*").removesuffix("*"))
    except BadHibc as error:
        raise BadBarcode(str(error)) from None
    return Label(
        gtin=None,
        udi_di=found.device,
        lot=found.lot,
        expires_on=found.expires_on,
        serial=found.serial,
    )


def _gtin(text: str) -> str:
    try:
        return Gtin.parse(text).value.zfill(14)
    except ParseError as error:
        raise BadBarcode(_told(error)) from None


def _told(error: ParseError) -> str:
    return str(error).splitlines()[0].rstrip(".")
