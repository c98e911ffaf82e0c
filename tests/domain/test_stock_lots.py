"""Lots of a stock item: what comes in, what expires, and what goes out first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.kernel import Command
from domain.supply.events.stock import (
    IssuedTo,
    StockCounted,
    StockIssued,
    StockReceived,
)
from domain.supply.lots import StockItem
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    IssueStock,
    OpenStockBooks,
    ReceiveStock,
)
from tests.domain.places import (
    CARDIOLOGY,
    FAR_FUTURE,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    RIVERSIDE,
    riverside_is_closed,
)
from tests.domain.stock import (
    APRIL,
    JUNE,
    adjusting,
    counting,
    gloves,
    issued,
    issuing,
    listed,
    opening,
    received,
    receiving,
    vaccine,
)
from tests.grammar import a_closed, an_open, given

# --- receiving ---------------------------------------------------------------------------------


def test_stock_comes_in() -> None:
    gloves().when(receiving).records(received(10))
    gloves(received(10)).when(receiving).records(received(10, lot_after=20, after=20))


def test_a_receipt_tells_its_price_and_its_paper() -> None:
    gloves().when(replace(receiving, unit_cost=Decimal("0.0895"), reference=" PO 7 ")).records_a(
        StockReceived, unit_cost=Decimal("0.0895"), reference="PO 7"
    )


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (replace(receiving, quantity=0), "stock_item.quantity", "quantity"),
        (replace(receiving, quantity=-1), "stock_item.quantity", "quantity"),
        (replace(receiving, unit_cost=Decimal("-1")), "stock_item.amount", "unit_cost"),
        (replace(receiving, reference=""), "stock_item.text", "reference"),
    ],
)
def test_an_impossible_receipt_is_refused(command: Command, code: str, field: str) -> None:
    gloves().when(command).refused(code, field=field)


def test_stock_comes_only_to_a_facility_that_is_open() -> None:
    given(StockItem, listed).knowing(riverside_is_closed()).when(receiving).refused(
        "facility.not_open"
    )


def test_lots_add_up_to_what_is_on_hand() -> None:
    vaccine(received(10, "A1", JUNE)).when(
        replace(receiving, lot="B2", expires_on=APRIL, quantity=5)
    ).records(received(5, "B2", APRIL, after=15))


# --- lots and their expiry ---------------------------------------------------------------------


@pytest.mark.parametrize("command", [opening, receiving, adjusting, counting])
def test_what_is_tracked_by_lot_has_a_lot_number(
    command: OpenStockBooks | ReceiveStock | AdjustStock | CountStock,
) -> None:
    vaccine().when(replace(command, lot=" ")).refused("stock_item.lot_required", field="lot")


def test_what_is_tracked_by_lot_is_not_issued_without_one_by_name() -> None:
    vaccine(received(10, "A1")).when(replace(issuing, lot="")).refused("stock_item.lot_required")


@pytest.mark.parametrize("command", [opening, receiving, adjusting, counting, issuing])
def test_what_is_not_tracked_by_lot_has_none(
    command: OpenStockBooks | ReceiveStock | AdjustStock | CountStock | IssueStock,
) -> None:
    gloves().when(replace(command, lot="A1")).refused("stock_item.lot_not_tracked", field="lot")


@pytest.mark.parametrize("command", [opening, receiving, counting])
def test_what_is_not_tracked_by_lot_has_no_expiry(
    command: OpenStockBooks | ReceiveStock | CountStock,
) -> None:
    gloves().when(replace(command, expires_on=JUNE)).refused(
        "stock_item.lot_not_tracked", field="expires_on"
    )


def test_one_lot_has_one_expiry() -> None:
    stocked = vaccine(received(10, "A1", JUNE))
    again = replace(receiving, lot="A1")
    stocked.when(replace(again, expires_on=APRIL)).refused(
        "stock_item.lot_expiry", value="2026-04-30", rule="must be 2026-06-30, as this lot is known"
    )
    for known in (None, JUNE):
        stocked.when(replace(again, expires_on=known)).records_a(StockReceived, expires_on=JUNE)


def test_an_expiry_may_be_learned_later() -> None:
    learned = vaccine(received(10, "A1")).when(replace(counting, lot="A1", expires_on=JUNE))
    learned.records_a(StockCounted, expires_on=JUNE)
    assert learned.then().state.lots["A1"].expires_on == JUNE


def test_an_expiry_is_in_our_age() -> None:
    vaccine().when(replace(receiving, lot="A1", expires_on=FAR_FUTURE)).refused(
        "stock_item.date", field="expires_on"
    )
    vaccine().when(replace(receiving, lot="x" * 81)).refused("stock_item.text", field="lot")


# --- issuing -----------------------------------------------------------------------------------


def test_stock_goes_out_to_a_patient() -> None:
    gloves(received(10)).when(issuing).records(issued(4, lot_after=6, after=6))
    gloves(received(10)).when(replace(issuing, lot="")).records(issued(4, lot_after=6, after=6))


def test_stock_goes_out_to_a_department() -> None:
    handing_over = replace(
        issuing,
        issued_to=IssuedTo.DEPARTMENT,
        patient_id=None,
        department_id=CARDIOLOGY,
        encounter_id=HILLTOP,
    )
    stocked = gloves(received(10))
    stocked.knowing(an_open("department", CARDIOLOGY, facility_id=RIVERSIDE)).when(
        handing_over
    ).records_a(
        StockIssued,
        issued_to=IssuedTo.DEPARTMENT,
        patient_id=None,
        department_id=CARDIOLOGY,
        encounter_id=HILLTOP,
    )
    stocked.when(handing_over).refused("department.unknown")
    stocked.knowing(an_open("department", CARDIOLOGY, facility_id=HILLTOP)).when(
        handing_over
    ).refused("department.unknown")
    stocked.knowing(a_closed("department", CARDIOLOGY, facility_id=RIVERSIDE)).when(
        handing_over
    ).refused("department.not_open")


def test_who_gets_stock_is_named() -> None:
    stocked = gloves(received(10))
    stocked.when(replace(issuing, patient_id=None)).refused(
        "stock_item.patient_required", field="patient_id"
    )
    stocked.when(replace(issuing, issued_to=IssuedTo.DEPARTMENT)).refused(
        "stock_item.department_required", field="department_id"
    )


def test_a_closed_facility_issues_nothing() -> None:
    given(StockItem, listed, received(10)).knowing(riverside_is_closed()).when(issuing).refused(
        "facility.not_open"
    )


def test_more_than_there_is_cannot_be_issued() -> None:
    gloves(received(3)).when(issuing).refused("stock_item.insufficient", on_hand=3, asked=4)
    gloves().when(issuing).refused("stock_item.insufficient", on_hand=0, asked=4)
    gloves(received(3)).when(replace(issuing, quantity=0)).refused("stock_item.quantity")


three_lots = (
    received(2, "NEVER", None),
    received(2, "JUNE", JUNE, after=4),
    received(2, "APRIL", APRIL, after=6),
)


def test_what_expires_first_goes_first_and_what_never_expires_goes_last() -> None:
    vaccine(*three_lots).when(replace(issuing, quantity=5)).records(
        issued(2, "APRIL", APRIL, lot_after=0, after=4),
        issued(2, "JUNE", JUNE, lot_after=0, after=2),
        issued(1, "NEVER", None, lot_after=1, after=1),
    )


def test_lots_that_expire_together_go_by_their_numbers_and_empty_ones_not_at_all() -> None:
    stocked = vaccine(
        received(2, "B", JUNE),
        received(2, "A", JUNE, after=4),
        replace(received(9, "0", APRIL, after=4), lot_on_hand_after=0),
    )
    stocked.when(replace(issuing, quantity=3)).records(
        issued(2, "A", JUNE, lot_after=0, after=2), issued(1, "B", JUNE, lot_after=1, after=1)
    )


def test_a_lot_is_good_through_its_last_day() -> None:
    last_day = vaccine(received(10, "A1", MARCH_1))
    last_day.when(issuing).records_a(StockIssued, lot="A1")
    day_after = replace(issuing, issued_on=date(2026, 3, 2))
    last_day.when(day_after).refused("stock_item.insufficient", on_hand=0, asked=4)


def test_a_lot_that_is_asked_for_goes_before_others() -> None:
    vaccine(*three_lots).when(replace(issuing, lot=" JUNE ", quantity=1)).records(
        issued(1, "JUNE", JUNE, lot_after=1, after=5)
    )
    vaccine(*three_lots).when(replace(issuing, lot="JUNE", quantity=3)).refused(
        "stock_item.insufficient", on_hand=2, asked=3
    )
    vaccine(*three_lots).when(replace(issuing, lot="MAY", quantity=3)).refused(
        "stock_item.insufficient", on_hand=0, asked=3
    )


def test_an_expired_lot_is_not_issued_also_when_it_is_asked_for() -> None:
    vaccine(received(10, "A1", FEBRUARY_1)).when(replace(issuing, lot="A1")).refused(
        "stock_item.expired", value="A1", rule="expired on 2026-02-01"
    )


def test_a_late_entry_is_judged_by_the_day_it_happened() -> None:
    vaccine(received(10, "A1", FEBRUARY_1)).when(replace(issuing, issued_on=FEBRUARY_1)).records_a(
        StockIssued, lot="A1"
    )
