"""The life of a requisition."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import UPCASTERS, Command, Entail, Fact, Release, Reserve, foreign_id
from domain.supply import requisition as module
from domain.supply.events.requisition import (
    ItemRequested,
    ProposalDeclined,
    ProposalWithdrawn,
    QuantityApproved,
    RequestedItemDropped,
    RequisitionApproved,
    RequisitionAuthorized,
    RequisitionClosed,
    RequisitionDrafted,
    RequisitionKind,
    RequisitionOrigin,
    RequisitionPutToApproval,
    RequisitionRejected,
    RequisitionReleased,
    RequisitionSubmitted,
    RequisitionWithdrawn,
)
from domain.supply.purchase_order_drafting import DraftPurchaseOrder, OrderItem
from domain.supply.requisition import Requisition
from domain.supply.requisition_approval import (
    ApproveQuantity,
    ApproveRequisition,
    AuthorizeRequisition,
    CloseRequisition,
    PutRequisitionToApproval,
    RejectRequisition,
    ReleaseRequisition,
    SubmitRequisition,
    WithdrawRequisition,
)
from domain.supply.requisition_items import (
    DeclineProposedItem,
    DraftRequisition,
    DropRequestedItem,
    ProposeItem,
    RequestItem,
    WithdrawProposedItem,
)
from tests.domain.places import (
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.domain.supplies import (
    ACME,
    ANOTHER_ITEM,
    GLOVES,
    THE_REQUISITION,
    gloves_are_kept,
    the_supplier_is,
)
from tests.grammar import Given, given

IT: dict[str, Any] = {"requisition_id": THE_REQUISITION}
HERE: dict[str, Any] = {**IT, "facility_id": RIVERSIDE}

drafting = DraftRequisition(
    **HERE, program="Surgery", period="2026-02", drafted_on=NEW_YEAR, supplier_id=ACME
)
drafted = RequisitionDrafted(
    **HERE,
    program="Surgery",
    period="2026-02",
    kind=RequisitionKind.REGULAR,
    origin=RequisitionOrigin.PERSON,
    supplier_id=ACME,
    drafted_on=NEW_YEAR,
)
KEY = f"{RIVERSIDE}/surgery/2026-02"
requesting = RequestItem(**IT, stock_item_id=THE_ITEM, quantity=50, requested_on=FEBRUARY_1)
requested = ItemRequested(
    **HERE,
    stock_item_id=THE_ITEM,
    **GLOVES,
    quantity=50,
    requested_on=FEBRUARY_1,
    lines_after=1,
    by=RequisitionOrigin.PERSON,
    supplier_id=ACME,
    expected=None,
)
asked_by_itself = replace(requested, by=RequisitionOrigin.REPLENISHMENT)
declining = DeclineProposedItem(
    **IT, stock_item_id=THE_ITEM, declined_on=FEBRUARY_1, reason="the ward is closing"
)
declined = ProposalDeclined(
    **HERE,
    stock_item_id=THE_ITEM,
    quantity=50,
    reason="the ward is closing",
    declined_on=FEBRUARY_1,
    lines_after=0,
)
taking_back = WithdrawProposedItem(**IT, stock_item_id=THE_ITEM, withdrawn_on=FEBRUARY_1)
taken_back = ProposalWithdrawn(
    **HERE, stock_item_id=THE_ITEM, quantity=50, withdrawn_on=FEBRUARY_1, lines_after=0
)
proposing = ProposeItem(
    **HERE,
    program="replenishment",
    period="2026",
    stock_item_id=THE_ITEM,
    quantity=50,
    proposed_on=FEBRUARY_1,
    supplier_id=ACME,
)
proposed = replace(
    drafted,
    program="replenishment",
    period="2026",
    kind=RequisitionKind.EMERGENCY,
    origin=RequisitionOrigin.REPLENISHMENT,
    drafted_on=FEBRUARY_1,
)
submitted = RequisitionSubmitted(**HERE, submitted_on=FEBRUARY_1)
authorized = RequisitionAuthorized(**HERE, authorized_on=FEBRUARY_1)
put = RequisitionPutToApproval(**HERE, put_on=FEBRUARY_1)
approved = RequisitionApproved(**HERE, approved_on=FEBRUARY_1, lines=1)
rejected = RequisitionRejected(**HERE, rejected_on=FEBRUARY_1, reason="no money")
released = RequisitionReleased(
    **HERE,
    purchase_order_id=foreign_id("requisition/purchase_order", THE_REQUISITION),
    supplier_id=ACME,
    released_on=MARCH_1,
)
submitting = SubmitRequisition(**IT, submitted_on=FEBRUARY_1)
authorizing = AuthorizeRequisition(**IT, authorized_on=FEBRUARY_1)
putting = PutRequisitionToApproval(**IT, put_on=FEBRUARY_1)
approving = ApproveRequisition(**IT, approved_on=FEBRUARY_1)
cutting = ApproveQuantity(
    **IT, stock_item_id=THE_ITEM, quantity=30, approved_on=FEBRUARY_1, reason="enough"
)
rejecting = RejectRequisition(**IT, rejected_on=FEBRUARY_1, reason="no money")
withdrawing = WithdrawRequisition(**IT, withdrawn_on=FEBRUARY_1, reason="found some")
releasing = ReleaseRequisition(**IT, order_number="PO-1", released_on=MARCH_1)
closing = CloseRequisition(**IT, closed_on=MARCH_1)

FULL = (drafted, requested, submitted, authorized, put, approved)


def at_riverside(*facts: Fact) -> Given:
    return given(Requisition, *facts).knowing(
        riverside_is_open(), the_supplier_is(), gloves_are_kept()
    )


def test_a_regular_requisition_is_the_only_one_of_its_program_and_period() -> None:
    at_riverside().when(drafting).records(
        Reserve("requisition", KEY, "requisition.already_open"), drafted
    )
    at_riverside(drafted).when(drafting).refused("requisition.already_drafted")


def test_an_emergency_is_in_nobodys_way() -> None:
    at_riverside().when(
        replace(drafting, kind=RequisitionKind.EMERGENCY, supplier_id=None)
    ).records(replace(drafted, kind=RequisitionKind.EMERGENCY, supplier_id=None))


@pytest.mark.parametrize("period", ["2026", "2026-12", "2026-Q4", "2026-W53"])
def test_a_period_is_a_year_a_month_a_quarter_or_a_week(period: str) -> None:
    at_riverside().when(replace(drafting, period=period)).records_a(
        RequisitionDrafted, period=period
    )


@pytest.mark.parametrize("period", ["", "26", "2026-13", "2026-Q5", "March"])
def test_other_periods_are_refused(period: str) -> None:
    at_riverside().when(replace(drafting, period=period)).refused("requisition.period")


def test_a_closed_facility_asks_for_nothing() -> None:
    given(Requisition).knowing(riverside_is_closed()).when(drafting).refused("facility.not_open")


def test_nothing_is_to_come_from_a_supplier_that_is_suspended() -> None:
    at_riverside().knowing(the_supplier_is("suspended")).when(drafting).refused("supplier.not_open")


def test_items_are_requested_and_dropped() -> None:
    at_riverside(drafted).when(requesting).records(requested)
    at_riverside(drafted, requested).when(requesting).records_nothing()
    at_riverside(drafted, requested).when(replace(requesting, quantity=60)).records_a(
        ItemRequested, quantity=60, lines_after=1
    )
    dropping = DropRequestedItem(**IT, stock_item_id=THE_ITEM, dropped_on=FEBRUARY_1)
    dropped = RequestedItemDropped(
        **HERE, stock_item_id=THE_ITEM, dropped_on=FEBRUARY_1, lines_after=0
    )
    at_riverside(drafted, requested).when(dropping).records(dropped)
    at_riverside(drafted, requested, dropped).when(dropping).records_nothing()


def test_an_item_of_another_facility_is_unknown() -> None:
    at_riverside(drafted).knowing(gloves_are_kept(facility_id=HILLTOP)).when(requesting).refused(
        "stock_item.unknown"
    )


def test_a_requisition_has_no_more_lines_than_somebody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONGEST_REQUISITION", 1)
    other = replace(requesting, stock_item_id=ANOTHER_ITEM)
    at_riverside(drafted, requested).knowing(gloves_are_kept(ANOTHER_ITEM)).when(other).refused(
        "requisition.lines", field="stock_item_id"
    )


def test_replenishment_proposes_on_a_draft_of_its_own() -> None:
    at_riverside().when(proposing).records(proposed, asked_by_itself)
    at_riverside(proposed).when(proposing).records(asked_by_itself)


def test_what_somebody_made_of_a_proposal_stays() -> None:
    changed = replace(requested, quantity=10)
    at_riverside(proposed, changed).when(proposing).records_nothing()


def test_a_draft_that_was_submitted_takes_no_more_proposals() -> None:
    another = replace(proposing, stock_item_id=ANOTHER_ITEM)
    at_riverside(proposed, requested, submitted).when(another).refused(
        "requisition.not_now", status="submitted"
    )


def test_it_goes_from_desk_to_desk() -> None:
    at_riverside(drafted, requested).when(submitting).records(submitted)
    at_riverside(drafted, requested, submitted).when(authorizing).records(authorized)
    at_riverside(drafted, requested, submitted, authorized).when(putting).records(put)
    at_riverside(*FULL[:5]).when(approving).records(approved)


def test_an_empty_one_is_not_submitted() -> None:
    at_riverside(drafted).when(submitting).refused("requisition.empty")


def test_another_quantity_may_be_approved() -> None:
    cut = QuantityApproved(
        **HERE,
        stock_item_id=THE_ITEM,
        requested=50,
        approved=30,
        approved_on=FEBRUARY_1,
        reason="enough",
    )
    at_riverside(*FULL[:5]).when(cutting).records(cut)
    at_riverside(*FULL[:5]).when(replace(cutting, quantity=50)).records_nothing()
    at_riverside(*FULL[:5]).when(replace(cutting, stock_item_id=ANOTHER_ITEM)).refused(
        "requisition.not_requested"
    )
    at_riverside(*FULL[:5], replace(cut, approved=0)).when(approving).refused("requisition.empty")


def test_rejected_it_lets_go_of_its_period() -> None:
    at_riverside(*FULL[:5]).when(rejecting).records(Release("requisition", KEY), rejected)
    at_riverside(*FULL[:5], rejected).when(approving).refused("requisition.not_now")


def test_withdrawn_it_lets_go_of_its_period() -> None:
    withdrawn = RequisitionWithdrawn(**HERE, withdrawn_on=FEBRUARY_1, reason="found some")
    at_riverside(drafted).when(withdrawing).records(Release("requisition", KEY), withdrawn)
    at_riverside(proposed).when(withdrawing).records(withdrawn)
    at_riverside(drafted, withdrawn).when(requesting).refused("requisition.not_now")


def test_released_it_becomes_a_purchase_order() -> None:
    order = released.purchase_order_id
    at_riverside(*FULL).when(releasing).records(
        released,
        Entail(
            DraftPurchaseOrder(
                purchase_order_id=order,
                facility_id=RIVERSIDE,
                supplier_id=ACME,
                order_number="PO-1",
                drafted_on=MARCH_1,
                requisition_id=THE_REQUISITION,
            )
        ),
        Entail(
            OrderItem(
                purchase_order_id=order, stock_item_id=THE_ITEM, quantity=50, ordered_on=MARCH_1
            )
        ),
    )


def test_it_is_released_to_a_supplier() -> None:
    nobodys = (replace(drafted, supplier_id=None), *FULL[1:])
    at_riverside(*nobodys).when(releasing).refused("requisition.supplier_required")
    at_riverside(*nobodys).when(replace(releasing, supplier_id=ACME)).records_a(
        RequisitionReleased, supplier_id=ACME
    )


def test_closed_it_makes_room_for_the_next_of_its_period() -> None:
    closed = RequisitionClosed(**HERE, closed_on=MARCH_1)
    at_riverside(*FULL, released).when(closing).records(Release("requisition", KEY), closed)
    assert given(Requisition, *FULL, closed).state.status == "closed"


@pytest.mark.parametrize(
    "command", [submitting, authorizing, putting, approving, rejecting, releasing, closing]
)
def test_nothing_is_done_to_what_was_never_drafted(command: Command) -> None:
    given(Requisition).when(command).refused("requisition.not_now", status="absent")


def test_no_step_is_taken_before_the_last_or_tomorrow() -> None:
    at_riverside(*FULL).when(replace(releasing, released_on=NEW_YEAR)).refused(
        "requisition.date_order", field="released_on"
    )
    at_riverside(*FULL).when(replace(releasing, released_on=TOMORROW_EVERYWHERE)).refused(
        "requisition.date", field="released_on"
    )


# --- what replenishment proposes -----------------------------------------------------------------


def test_what_is_proposed_is_declined_for_a_reason() -> None:
    draft = at_riverside(proposed, asked_by_itself)
    draft.when(declining).records(declined)
    draft.when(replace(declining, reason=" ")).refused("requisition.text")
    assert not draft.when(declining).then().state.lines
    # When something has changed it is proposed again, on the same draft.
    at_riverside(proposed, asked_by_itself, declined).when(proposing).records(asked_by_itself)


def test_what_is_proposed_once_more_is_so_much_more() -> None:
    at_riverside(proposed, asked_by_itself).when(replace(proposing, quantity=5)).records(
        replace(asked_by_itself, quantity=55)
    )


def test_only_what_is_proposed_is_declined() -> None:
    at_riverside(proposed, requested).when(declining).refused("requisition.not_proposed")
    at_riverside(proposed, asked_by_itself, submitted).when(declining).refused(
        "requisition.not_now"
    )


def test_what_is_not_needed_any_more_is_taken_back() -> None:
    at_riverside(proposed, asked_by_itself).when(taking_back).records(taken_back)


@pytest.mark.parametrize(
    "so_far",
    [
        (proposed, asked_by_itself, requested),
        (proposed, asked_by_itself, submitted),
        (proposed, asked_by_itself, taken_back),
        (),
    ],
)
def test_what_somebody_has_changed_or_submitted_is_not_taken_back(so_far: tuple[Fact, ...]) -> None:
    at_riverside(*so_far).when(taking_back).records_nothing()


def test_who_asked_is_not_told_by_what_was_recorded_before_it_mattered() -> None:
    content = UPCASTERS[ItemRequested.name, 1]({"quantity": 5})
    assert content == {"quantity": 5, "by": "person", "supplier_id": None}
