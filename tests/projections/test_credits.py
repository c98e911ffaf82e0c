"""The credits desk: whom too much was taken from, who works on it, and until when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.revenue.events.claim import Party
from domain.revenue.events.overpayment import (
    ClaimCreditAssigned,
    ClaimOverpaymentIdentified,
    ClaimOverpaymentResumed,
    ClaimOverpaymentReturned,
    ClaimOverpaymentSuspended,
    ClaimOverpaymentWithdrawn,
    ReturnProcess,
    SuspensionGround,
)
from projections.revenue.credits import credit_balances, overpayment_list
from tests.projections.claims import (
    AETHER,
    DR_ADEYEMI,
    MARCH_2,
    MARCH_3,
    RIVERSIDE,
    THE_CLAIM,
    Bill,
)
from tests.projections.grammar import given
from tests.projections.test_revenue_desks import refunded

WHOSE: dict[str, Any] = {"claim_id": THE_CLAIM, "facility_id": RIVERSIDE, "payer_id": AETHER}
MAY_1, JUNE_1, JULY_1 = (date(2026, month, 1) for month in (5, 6, 7))
assigned = ClaimCreditAssigned(**WHOSE, staff_id=DR_ADEYEMI, assigned_on=MARCH_3)
identified = ClaimOverpaymentIdentified(
    **WHOSE,
    currency="USD",
    overpayment=1,
    paid_by=Party.PAYER,
    amount=Decimal("5.00"),
    why="Paid twice",
    return_by=MAY_1,
    identified_on=MARCH_2,
)
another = replace(identified, overpayment=2, amount=Decimal("1.00"), return_by=JUNE_1)
suspended = ClaimOverpaymentSuspended(
    **WHOSE,
    overpayment=1,
    ground=SuspensionGround.RELATED_OVERPAYMENTS,
    return_by=JULY_1,
    suspended_on=MARCH_3,
)
resumed = ClaimOverpaymentResumed(**WHOSE, overpayment=1, return_by=JUNE_1, resumed_on=MARCH_3)
returned = ClaimOverpaymentReturned(
    **WHOSE,
    currency="USD",
    overpayment=1,
    amount=Decimal("5.00"),
    process=ReturnProcess.SELF_REPORTED_REFUND,
    reference="CHK 7",
    refund=3,
    return_by=MAY_1,
    late=True,
    returned_on=JUNE_1,
)
withdrawn = ClaimOverpaymentWithdrawn(
    **WHOSE,
    currency="USD",
    overpayment=2,
    amount=Decimal("1.00"),
    why="It was ours",
    withdrawn_on=MARCH_3,
)


def test_a_credit_tells_who_works_on_it_since_when_and_who_said_so() -> None:
    bill = Bill()
    credit = (bill.drafted(), bill.charged("10.00"), bill.paid("15.00"))
    given(credit_balances, *credit).shows(THE_CLAIM, assigned_to=None, return_by=None, overpaid=0)
    desk = given(credit_balances, *credit, assigned)
    desk.shows(THE_CLAIM, assigned_to=DR_ADEYEMI, assigned_on=MARCH_3, credit=500)
    assert desk.row(THE_CLAIM).assigned_by
    # One that is gone and comes anew is nobody's yet.
    back, again = refunded(bill, "5.00"), bill.paid("2.00")
    given(credit_balances, *credit, assigned, back, again).shows(
        THE_CLAIM, assigned_to=None, credit=200
    )


def test_the_first_last_day_of_what_is_to_be_returned_is_told() -> None:
    bill = Bill()
    facts = (bill.drafted(), bill.charged("10.00"), bill.paid("15.00"), identified, another)
    given(credit_balances, *facts).shows(THE_CLAIM, overpaid=600, return_by=MAY_1)
    given(credit_balances, *facts, suspended).shows(THE_CLAIM, return_by=JUNE_1)
    given(credit_balances, *facts, suspended, resumed).shows(THE_CLAIM, return_by=JUNE_1)
    given(credit_balances, *facts, withdrawn).shows(THE_CLAIM, overpaid=500, return_by=MAY_1)


def test_a_claim_stays_on_the_desk_while_an_overpayment_is_to_be_returned() -> None:
    bill = Bill()
    facts = (bill.drafted(), bill.charged("20.00"), bill.paid("15.00"), identified)
    given(credit_balances, *facts, bill.paid("1.00")).shows(
        THE_CLAIM, credit=0, of_patient=0, overpaid=500, since=MARCH_2
    )
    given(credit_balances, *facts, returned).has_no_row(THE_CLAIM)


def test_an_overpayment_is_due_until_it_is_returned_or_withdrawn() -> None:
    given(overpayment_list, identified).shows(
        THE_CLAIM, 1, status="identified", due=True, return_by=MAY_1, amount=500
    )
    given(overpayment_list, identified, suspended).shows(
        THE_CLAIM, 1, status="suspended", ground="related_overpayments", return_by=JULY_1
    )
    given(overpayment_list, identified, suspended, resumed).shows(
        THE_CLAIM, 1, status="identified", ground=None, suspended_on=None, return_by=JUNE_1
    )
    given(overpayment_list, identified, returned).shows(
        THE_CLAIM, 1, status="returned", due=False, returned_late=True, reference="CHK 7"
    )
    given(overpayment_list, another, withdrawn).shows(
        THE_CLAIM, 2, status="withdrawn", due=False, withdrawn_on=MARCH_3
    )
