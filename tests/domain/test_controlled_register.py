"""The register of a controlled substance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import CONSULTED, Entail, Fact, Reserve
from domain.supply.card import Card
from domain.supply.controlled_acts import (
    CorrectControlled,
    CountControlled,
    DestroyControlled,
    DispenseControlled,
    WasteControlled,
)
from domain.supply.controlled_losses import (
    DiscoverLoss,
    NotifyOfLoss,
    SubmitForm106,
    next_business_day,
)
from domain.supply.controlled_register import ControlledRegister, OpenRegister
from domain.supply.events.controlled import (
    ControlledCorrected,
    ControlledCounted,
    ControlledDestroyed,
    ControlledIssued,
    ControlledReceived,
    ControlledWasted,
    Form106Submitted,
    LossDiscovered,
    LossKind,
    LossNotified,
    RegisterOpened,
    Schedule,
)
from domain.supply.events.stock import AdjustmentReason, IssuedTo
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.lots import Lot
from domain.supply.register_receipt import EnterReceipt
from domain.supply.stock_control import (
    AdjustControlled,
    IssueControlled,
    PutUnderControl,
    WriteOffControlled,
)
from tests.domain.places import (
    CARDIOLOGY,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    NEW_YEAR,
    NURSE_BLOM,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_open,
)
from tests.domain.supplies import GLOVES, gloves_are_kept
from tests.grammar import Given, an_open, given

THE_REGISTER = UUID("018f0000-0000-7000-8000-000000000097")
IT: dict[str, Any] = {"register_id": THE_REGISTER}
HERE: dict[str, Any] = {**IT, "facility_id": RIVERSIDE, "stock_item_id": THE_ITEM}
FRIDAY, MONDAY = date(2026, 2, 6), date(2026, 2, 9)

opening = OpenRegister(**HERE, schedule=Schedule.II, opened_on=FEBRUARY_1)
opened = RegisterOpened(**HERE, **GLOVES, schedule=Schedule.II, opened_on=FEBRUARY_1, balance=10)
under_control = PutUnderControl(
    stock_item_id=THE_ITEM, register_id=THE_REGISTER, controlled_on=FEBRUARY_1
)
entering = EnterReceipt(
    **IT, lot="A", quantity=5, reference="222-1", received_on=FRIDAY, on_hand_after=15
)
received = ControlledReceived(
    **HERE, lot="A", quantity=5, reference="222-1", received_on=FRIDAY, balance_after=15
)
dispensing = DispenseControlled(
    **IT,
    lot="A",
    quantity=2,
    issued_to=IssuedTo.DEPARTMENT,
    department_id=CARDIOLOGY,
    issued_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    issued_on=FRIDAY,
)
issued = ControlledIssued(
    **HERE,
    lot="A",
    quantity=2,
    issued_to=IssuedTo.DEPARTMENT,
    department_id=CARDIOLOGY,
    issued_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    issued_on=FRIDAY,
    balance_after=8,
)
destroying = DestroyControlled(
    **IT,
    lot="A",
    quantity=3,
    why=QuarantineReason.EXPIRED,
    destroyed_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    destroyed_on=FRIDAY,
)
destroyed = ControlledDestroyed(
    **HERE,
    lot="A",
    quantity=3,
    why=QuarantineReason.EXPIRED,
    destroyed_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    destroyed_on=FRIDAY,
    balance_after=7,
)
correcting = CorrectControlled(
    **IT,
    lot="A",
    change=1,
    reason=AdjustmentReason.FOUND,
    explanation="behind the drawer",
    corrected_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    corrected_on=FRIDAY,
)
corrected = ControlledCorrected(
    **HERE,
    lot="A",
    change=1,
    reason=AdjustmentReason.FOUND,
    explanation="behind the drawer",
    corrected_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    corrected_on=FRIDAY,
    balance_after=11,
)
counting = CountControlled(
    **IT,
    lot="A",
    counted=9,
    counted_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    counted_on=FRIDAY,
)
counted = ControlledCounted(
    **HERE,
    lot="A",
    counted=9,
    expected=10,
    difference=-1,
    counted_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    counted_on=FRIDAY,
)
wasting = WasteControlled(
    **IT,
    lot="A",
    quantity=1,
    reason="half an ampoule left",
    wasted_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    wasted_on=FRIDAY,
)
wasted = ControlledWasted(
    **HERE,
    lot="A",
    quantity=1,
    reason="half an ampoule left",
    wasted_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    wasted_on=FRIDAY,
    balance_after=9,
)
off_the_books = AdjustControlled(
    stock_item_id=THE_ITEM,
    register_id=THE_REGISTER,
    change=-1,
    reason=AdjustmentReason.DAMAGED,
    adjusted_on=FRIDAY,
    lot="A",
)
discovering = DiscoverLoss(
    **IT,
    lot="A",
    quantity=1,
    kind=LossKind.UNEXPLAINED,
    circumstances="one ampoule short at the shift's count",
    discovered_on=FRIDAY,
)
discovered = LossDiscovered(
    **HERE,
    loss=1,
    lot="A",
    quantity=1,
    kind=LossKind.UNEXPLAINED,
    circumstances="one ampoule short at the shift's count",
    discovered_on=FRIDAY,
    notice_due_on=MONDAY,
    form_106_due_on=date(2026, 3, 23),
    balance_after=9,
)
notifying = NotifyOfLoss(**IT, loss=1, notified_on=MONDAY)
notified = LossNotified(
    register_id=THE_REGISTER, facility_id=RIVERSIDE, loss=1, notified_on=MONDAY, late=False
)
submitting = SubmitForm106(**IT, loss=1, reference="106-77", submitted_on=MONDAY)
submitted = Form106Submitted(
    register_id=THE_REGISTER,
    facility_id=RIVERSIDE,
    loss=1,
    reference="106-77",
    submitted_on=MONDAY,
    late=False,
)


def at_riverside(*facts: Fact) -> Given:
    return given(ControlledRegister, *facts).knowing(
        riverside_is_open(),
        gloves_are_kept(lots={"A": Lot(on_hand=10)}, register_id=THE_REGISTER),
        an_open("staff_member", DR_ADEYEMI),
        an_open("staff_member", NURSE_BLOM),
    )


def test_an_item_has_one_register() -> None:
    its_own = Reserve("controlled_register", str(THE_ITEM), "controlled_register.already_opened")
    at_riverside().when(opening).records(its_own, opened, Entail(under_control))
    at_riverside(opened).when(opening).refused("controlled_register.already_opened")


def test_an_item_of_another_facility_is_not_put_under_control_here() -> None:
    elsewhere = gloves_are_kept(facility_id=HILLTOP)
    at_riverside().knowing(elsewhere).when(opening).refused("stock_item.unknown")


def test_two_people_count() -> None:
    at_riverside(opened).when(counting).records(counted)
    at_riverside(opened).when(replace(counting, witnessed_by=DR_ADEYEMI)).refused(
        "controlled_register.witness", field="witnessed_by"
    )
    at_riverside(opened).when(replace(counting, witnessed_by=UUID(int=5))).refused(
        "staff_member.unknown", field="witnessed_by"
    )
    asked = CONSULTED[CountControlled](given(ControlledRegister, opened).state, counting)
    assert [*asked] == [THE_ITEM, DR_ADEYEMI, NURSE_BLOM]


def test_two_people_waste_and_it_is_off_the_books() -> None:
    at_riverside(opened, counted).when(wasting).records(wasted, Entail(off_the_books))
    at_riverside(opened, wasted).when(replace(wasting, witnessed_by=DR_ADEYEMI)).refused(
        "controlled_register.witness"
    )
    asked = CONSULTED[WasteControlled](given(ControlledRegister, opened).state, wasting)
    assert [*asked] == [THE_ITEM, DR_ADEYEMI, NURSE_BLOM]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (LossKind.UNEXPLAINED, AdjustmentReason.LOST),
        (LossKind.LOST, AdjustmentReason.LOST),
        (LossKind.THEFT, AdjustmentReason.STOLEN),
    ],
)
def test_a_loss_is_off_the_books_and_to_be_reported(
    kind: LossKind, reason: AdjustmentReason
) -> None:
    at_riverside(opened).when(replace(discovering, kind=kind)).records(
        replace(discovered, kind=kind), Entail(replace(off_the_books, reason=reason))
    )
    assert [*CONSULTED[DiscoverLoss](given(ControlledRegister, opened).state, discovering)] == [
        THE_ITEM
    ]


def test_losses_are_numbered() -> None:
    at_riverside(opened, discovered).when(discovering).records_a(LossDiscovered, loss=2)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 2, 5), FRIDAY),
        (FRIDAY, MONDAY),
        (date(2026, 2, 7), MONDAY),
        (date(2026, 2, 8), MONDAY),
    ],
)
def test_a_notice_is_due_on_the_next_business_day(day: date, due: date) -> None:
    assert next_business_day(day) == due


def test_a_loss_is_notified_and_form_106_submitted() -> None:
    at_riverside(opened, discovered).when(notifying).records(notified)
    at_riverside(opened, discovered, notified).when(notifying).records_nothing()
    at_riverside(opened, discovered, notified).when(submitting).records(submitted)
    at_riverside(opened, discovered, notified, submitted).when(submitting).records_nothing()


def test_what_is_reported_late_says_so() -> None:
    tuesday = date(2026, 2, 10)
    at_riverside(opened, discovered).when(replace(notifying, notified_on=tuesday)).records_a(
        LossNotified, late=True
    )
    long_ago = replace(discovered, form_106_due_on=date(2026, 2, 8))
    at_riverside(opened, long_ago).when(submitting).records_a(Form106Submitted, late=True)


def test_only_a_loss_that_was_discovered_is_reported_and_not_before() -> None:
    at_riverside(opened).when(notifying).refused("controlled_register.no_loss", value=1)
    at_riverside(opened, discovered).when(replace(submitting, submitted_on=NEW_YEAR)).refused(
        "controlled_register.date_order"
    )


def test_nothing_is_counted_before_the_register_was_opened() -> None:
    at_riverside(opened).when(replace(counting, counted_on=NEW_YEAR)).refused(
        "controlled_register.date_order"
    )


# --- what moves by it ----------------------------------------------------------------------------


def test_a_register_begins_when_the_item_was_counted_last() -> None:
    card = Card().entered(FRIDAY, 10, counted=True)
    item = gloves_are_kept(lots={"A": Lot(on_hand=10, card=card), "B": Lot()})
    at_riverside().knowing(item).when(opening).refused(
        "controlled_register.counted_since", field="opened_on"
    )
    at_riverside().knowing(item).when(replace(opening, opened_on=FRIDAY)).records_a(RegisterOpened)


def test_what_is_received_is_a_line() -> None:
    at_riverside(opened).when(entering).records(received)
    at_riverside(opened).when(replace(entering, received_on=NEW_YEAR)).refused(
        "controlled_register.date_order"
    )


def test_two_people_hand_out_destroy_and_correct_and_the_stock_moves_with_it() -> None:
    its: dict[str, Any] = {"stock_item_id": THE_ITEM, "register_id": THE_REGISTER, "lot": "A"}
    at_riverside(opened).when(dispensing).records(
        issued,
        Entail(
            IssueControlled(
                **its,
                quantity=2,
                issued_on=FRIDAY,
                issued_to=IssuedTo.DEPARTMENT,
                department_id=CARDIOLOGY,
            )
        ),
    )
    at_riverside(opened).when(destroying).records(
        destroyed,
        Entail(
            WriteOffControlled(
                **its, quantity=3, why=QuarantineReason.EXPIRED, written_off_on=FRIDAY
            )
        ),
    )
    at_riverside(opened).when(correcting).records(
        corrected,
        Entail(
            AdjustControlled(**its, change=1, reason=AdjustmentReason.FOUND, adjusted_on=FRIDAY)
        ),
    )


@pytest.mark.parametrize("act", [dispensing, destroying, correcting, wasting, counting])
def test_nobody_is_their_own_witness(act: Any) -> None:
    at_riverside(opened).when(replace(act, witnessed_by=DR_ADEYEMI)).refused(
        "controlled_register.witness", field="witnessed_by"
    )


def test_what_is_missing_is_no_correction_but_a_loss() -> None:
    less = replace(correcting, change=-1)
    at_riverside(opened).when(less).refused("controlled_register.correction", field="reason")
    at_riverside(opened).when(replace(less, reason=AdjustmentReason.ENTRY_ERROR)).records_a(
        ControlledCorrected, change=-1, balance_after=9
    )
    at_riverside(opened).when(replace(correcting, reason=AdjustmentReason.DONATED)).refused(
        "controlled_register.correction"
    )


def test_an_item_whose_register_is_older_than_the_rule_learns_of_it_with_the_next_line() -> None:
    unaware = gloves_are_kept(lots={"A": Lot(on_hand=10)})
    at_riverside(opened).knowing(unaware).when(wasting).records(
        wasted, Entail(under_control), Entail(off_the_books)
    )


def test_the_balance_is_what_the_last_line_says() -> None:
    def balance(*facts: Fact) -> int:
        state: ControlledRegister = given(ControlledRegister, opened, *facts).state
        return state.balance

    assert balance() == 10
    assert balance(received) == 15
    assert balance(received, issued, counted) == 8
    assert balance(destroyed) == 7
    assert balance(corrected, discovered) == 9
