"""Labels of HIBCC: what they say, and what is wrong with one that breaks the standard."""

from __future__ import annotations

from datetime import date

import pytest

from facilities.exchange.barcodes import BadBarcode, read_barcode
from facilities.exchange.hibc import CHARACTERS, Hibc, check_character, read_hibc

EXPIRY = date(2020, 1, 15)


def label(text: str) -> str:
    """The text with its check character."""
    return text + check_character(text)


@pytest.mark.parametrize(
    ("printed", "device"),
    [("+A123BJC5D6E71G", "A123BJC5D6E71"), ("+H123ABC01234567890D", "H123ABC01234567890")],
)
def test_the_examples_of_the_standard_have_the_check_character_that_is_due(
    printed: str, device: str
) -> None:
    """ANSI/HIBC 2.6, figure 3 and appendix C."""
    assert check_character(printed[:-1]) == printed[-1]
    assert read_hibc(printed) == Hibc(device=device)


def test_the_example_of_both_data_in_one_says_item_lot_and_expiry() -> None:
    """ANSI/HIBC 2.6, 4.3.3."""
    assert read_hibc("+A99912345/$$52001510X33") == Hibc(
        device="A99912345", lot="10X3", expires_on=EXPIRY
    )


@pytest.mark.parametrize(
    ("secondary", "said"),
    [
        ("$$010120LOT", Hibc(lot="20LOT", expires_on=date(2001, 1, 31))),
        ("$$022410X3", Hibc(lot="10X3", expires_on=date(2024, 2, 29))),
        ("$$122010X3", Hibc(lot="10X3", expires_on=date(2020, 12, 31))),
        ("$$201152010X3", Hibc(lot="10X3", expires_on=EXPIRY)),
        ("$$320011510X3", Hibc(lot="10X3", expires_on=EXPIRY)),
        ("$$42001152210X3", Hibc(lot="10X3", expires_on=EXPIRY)),
        ("$$52001510X3", Hibc(lot="10X3", expires_on=EXPIRY)),
        ("$$6200152210X3", Hibc(lot="10X3", expires_on=EXPIRY)),
        ("$$710X3", Hibc(lot="10X3")),
        ("$$8055200152", Hibc(lot="2", expires_on=EXPIRY)),
        ("$$90000552001510X3", Hibc(lot="10X3", expires_on=EXPIRY)),
        ("$$", Hibc()),
        ("$10X3", Hibc(lot="10X3")),
        ("$+SN1", Hibc(serial="SN1")),
        ("$$+520015SN1", Hibc(serial="SN1", expires_on=EXPIRY)),
        ("2001510X3", Hibc(lot="10X3", expires_on=EXPIRY)),
    ],
)
def test_an_expiry_is_spelled_in_many_ways(secondary: str, said: Hibc) -> None:
    both = read_hibc(label(f"+A123BJC5D6E71/{secondary}"))
    assert (both.lot, both.serial, both.expires_on) == (said.lot, said.serial, said.expires_on)
    assert both.device == "A123BJC5D6E71"
    # Alone it ends with the check character of its primary, too.
    assert read_hibc(label(f"+{secondary}G")) == said


def test_data_identifiers_tell_the_rest() -> None:
    said = read_hibc(label("+A123BJC5D6E71/$$7LOT1/S77DEFG457/16D20190101/14D20200115/Q500"))
    assert said == Hibc(device="A123BJC5D6E71", lot="LOT1", serial="77DEFG457", expires_on=EXPIRY)
    assert read_hibc(label("+A123BJC5D6E71/S77")) == Hibc(device="A123BJC5D6E71", serial="77")


@pytest.mark.parametrize("place", range(14))
def test_whatever_single_character_is_misread_is_noticed(place: int) -> None:
    """All of them count alike, so that one that is another is never missed."""
    right = "+A123BJC5D6E71G"
    for each in set(CHARACTERS) - {right[place]}:
        wrong = right[:place] + each + right[place + 1 :]
        with pytest.raises(BadBarcode):
            read_barcode(wrong if place else f"+{wrong}")


def test_a_blank_check_character_is_read_as_it_was_scanned_or_printed() -> None:
    blank = next(
        text
        for text in (f"+A123BJC5D6E{each}1" for each in CHARACTERS[:36])
        if check_character(text) == " "
    )
    for printed in (f"{blank} ", f"{blank}_", f"*{blank}_*", f"]C0{blank} \r\n"):
        assert read_barcode(printed).udi_di == blank[1:]


@pytest.mark.parametrize(
    ("scanned", "why"),
    [
        ("+A123BJC5D6E71H", "Invalid HIBC check character: Expected 'G', got 'H'"),
        ("+A99912345/$$52001510X3", "Expected '0', got '3'"),
        ("+a123bjc5d6e71g", "has 'a', which no HIBC label has"),
        ("++", "check character"),
        ("+", "check character"),
        (label("+A1231"), "no labeler, product and unit"),
        (label("+A123BJC5D6E7X"), "no labeler, product and unit"),
        (label("+A123BJC5D6E71/$$132010X3"), "1320 is no date"),
        (label("+A123BJC5D6E71/$$521366X"), "21366 is no date"),
        (label("+A123BJC5D6E71/$$5200"), "200 is no date"),
        (label("+A123BJC5D6E71/$$X1"), "spells no expiry"),
        (label("+A123BJC5D6E71/$LOT%"), "no lot and no serial number"),
        (label("+A123BJC5D6E71/$$520015A/14D20200116"), "says expires on twice"),
        (label("+A123BJC5D6E71/14D20201301"), "20201301 is no date"),
        (label("+A123BJC5D6E71/14D2020"), "2020 is no date"),
        (label("+A123BJC5D6E71/$A/$B"), "has no data identifier"),
    ],
)
def test_what_is_wrong_with_a_label_is_told(scanned: str, why: str) -> None:
    with pytest.raises(BadBarcode) as told:
        read_barcode(scanned)
    assert why in str(told.value)
