"""What would be on hand if something was entered late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.supply.card import Foreseen
from domain.supply.foreseeing import first_negative, foreseen
from tests.domain.places import FEBRUARY_1, MARCH_1
from tests.domain.stock import (
    APRIL,
    JUNE,
    adjusting,
    counting,
    gloves,
    issuing,
    received,
    receiving,
    vaccine,
)

FEBRUARY_10 = date(2026, 2, 10)

used = gloves(received(10)).when(replace(issuing, quantity=9)).then().state


def test_an_entry_changes_its_day_and_every_day_after_it() -> None:
    late = replace(issuing, issued_on=FEBRUARY_10, quantity=4)
    days = foreseen(used, late)
    assert days == (Foreseen(FEBRUARY_10, 10, 6), Foreseen(MARCH_1, 1, -3))
    assert first_negative(days) == MARCH_1
    more = foreseen(used, replace(receiving, received_on=FEBRUARY_10, quantity=2))
    assert more == (Foreseen(FEBRUARY_10, 10, 12), Foreseen(MARCH_1, 1, 3))
    assert first_negative(more) is None
    less = foreseen(used, replace(adjusting, adjusted_on=FEBRUARY_10, change=-1))
    assert less == (Foreseen(FEBRUARY_10, 10, 9), Foreseen(MARCH_1, 1, 0))
    counted = foreseen(used, replace(counting, counted_on=FEBRUARY_10, counted=9))
    assert counted == less


def test_an_issue_that_names_no_lot_is_foreseen_over_all_of_them() -> None:
    lots = vaccine(received(3, "JUNE", JUNE), received(3, "APRIL", APRIL, after=6)).state
    assert foreseen(lots, issuing) == (Foreseen(MARCH_1, 6, 2),)
    assert foreseen(lots, replace(issuing, lot=" JUNE ")) == (Foreseen(MARCH_1, 3, -1),)
    assert foreseen(lots, replace(receiving, lot="NEW")) == (Foreseen(FEBRUARY_1, 0, 10),)
