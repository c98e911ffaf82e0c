"""Barcodes: what a label says, and what is wrong with one that is none."""

from __future__ import annotations

from datetime import date

import pytest

from facilities.exchange.barcodes import BadBarcode, Label, read_barcode

GTIN = "09506000134352"


@pytest.mark.parametrize(
    "scanned",
    [
        f"01{GTIN}172606301050A\x1d21XYZ",
        f"]d201{GTIN}172606301050A\x1d21XYZ",
        f"(01){GTIN}(17)260600(10)50A(21)XYZ",
        f" (21)XYZ(10)50A(17)260630(01){GTIN} ",
    ],
)
def test_a_label_says_item_lot_expiry_and_serial_number(scanned: str) -> None:
    assert read_barcode(scanned) == Label(
        gtin=GTIN, lot="50A", expires_on=date(2026, 6, 30), serial="XYZ"
    )


@pytest.mark.parametrize("scanned", ["9506000134352", GTIN])
def test_a_gtin_alone_is_an_item(scanned: str) -> None:
    assert read_barcode(scanned) == Label(gtin=GTIN, lot=None, expires_on=None, serial=None)


def test_a_label_may_say_the_lot_alone() -> None:
    assert read_barcode("(10)50A") == Label(gtin=None, lot="50A", expires_on=None, serial=None)


@pytest.mark.parametrize(
    ("scanned", "why"),
    [
        ("9506000134353", "Expected 2, got 3"),
        ("0109506000134353", "Expected 2, got 3"),
        ("(17)260231", "date"),
        ("(10)A(10)B", "says (10) twice"),
        ("+A99912345/$$52001510X3", "Expected '0', got '3'"),
        ("hello", "Application Identifier"),
        (" ", "is empty"),
    ],
)
def test_what_is_wrong_with_a_barcode_is_told(scanned: str, why: str) -> None:
    with pytest.raises(BadBarcode) as told:
        read_barcode(scanned)
    assert why in str(told.value)
