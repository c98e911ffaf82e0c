"""Payers, claims, their ledger to the cent, and what is owed."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from domain.revenue.events.claim import (
    SELF_PAY,
    AdjustmentGroup,
    ClaimType,
    Code,
    Party,
    PaymentMethod,
)
from domain.revenue.events.patient_account import account_of
from domain.revenue.events.payer import PayerKind, PayerRegistered, PayerRenamed, PayerRetired
from projections.revenue import (
    claim_ledger,
    claim_list,
    payer_directory,
    payments_by_method,
    receivables,
)
from projections.revenue.claims import ClaimStatus
from projections.revenue.ledger import LineKind, Side
from projections.revenue.payers import PayerStatus
from tests.projections.claims import (
    A_PATIENT,
    AETHER,
    ANOTHER_CLAIM,
    DR_ADEYEMI,
    HILLTOP,
    MARCH_1,
    MARCH_2,
    MARCH_3,
    RIVERSIDE,
    THE_CLAIM,
    Bill,
)
from tests.projections.grammar import figures, given

# --- payers --------------------------------------------------------------------------------------


def aether_registered() -> PayerRegistered:
    return PayerRegistered(
        payer_id=AETHER,
        legal_name="Aether Health",
        kind=PayerKind.COMMERCIAL,
        identifier="60054",
        phone=None,
    )


def test_a_payer_is_in_the_directory_of_the_whole_system() -> None:
    assert not payer_directory.scoped
    given(payer_directory, aether_registered()).shows(
        AETHER,
        legal_name="Aether Health",
        kind=PayerKind.COMMERCIAL,
        identifier="60054",
        phone=None,
        status=PayerStatus.REGISTERED,
        retired_on=None,
    )


def test_a_payer_goes_by_its_latest_name() -> None:
    renamed = PayerRenamed(payer_id=AETHER, legal_name="Aether Mutual")
    given(payer_directory, aether_registered(), renamed).shows(AETHER, legal_name="Aether Mutual")


def test_a_retired_payer_stays_in_the_directory() -> None:
    retired = PayerRetired(payer_id=AETHER, retired_on=date(2026, 3, 1), reason="insolvent")
    given(payer_directory, aether_registered(), retired).shows(
        AETHER,
        status=PayerStatus.RETIRED,
        retired_on=date(2026, 3, 1),
        retired_reason="insolvent",
    )


# --- the list of claims --------------------------------------------------------------------------


def test_a_drafted_claim_comes_to_nothing_yet() -> None:
    listed = given(claim_list, Bill().drafted())
    listed.shows(
        THE_CLAIM,
        facility_id=RIVERSIDE,
        patient_id=A_PATIENT,
        account_id=account_of(RIVERSIDE, A_PATIENT),
        payer_id=AETHER,
        secondary_payer_id=None,
        claim_type=ClaimType.PROFESSIONAL,
        control_number="C-1",
        diagnoses=(Code(system="ICD-10-CM", value="J45.909"),),
        status=ClaimStatus.DRAFTED,
        service_on=MARCH_1,
        submitted_on=None,
        closed_on=None,
        currency="USD",
        credit=False,
    )
    assert figures(listed.row(THE_CLAIM)) == {}


def test_a_claim_the_patient_alone_pays_has_no_payer_in_the_list() -> None:
    given(claim_list, Bill(payer_id=SELF_PAY).drafted()).shows(THE_CLAIM, payer_id=None)


def test_a_claim_comes_to_what_was_charged_less_what_was_paid_and_adjusted() -> None:
    bill = Bill()
    listed = given(
        claim_list,
        bill.drafted(),
        bill.charged("100.00"),
        bill.charged("50.00", Party.PATIENT),
        bill.paid("70.00"),
        bill.adjusted("20.00"),
        bill.transferred("10.00"),
        bill.paid("15.00", Party.PATIENT),
    )
    assert figures(listed.row(THE_CLAIM)) == {
        "lines": 2,
        "entries": 7,
        "charges": 15000,
        "payments": 8500,
        "adjustments": 2000,
        "transfers_out": 1000,
        "transfers_in": 1000,
        "balance": 4500,
        "patient_balance": 4500,
    }


def test_an_entry_that_is_taken_back_no_longer_counts_in_the_figures() -> None:
    bill = Bill()
    drafted, charged, paid = bill.drafted(), bill.charged("100.00"), bill.paid("70.00")
    transferred = bill.transferred("30.00")
    listed = given(
        claim_list,
        drafted,
        charged,
        paid,
        transferred,
        bill.transfer_reversed(transferred),
        bill.reversed(paid),
    )
    assert figures(listed.row(THE_CLAIM)) == {
        "lines": 1,
        "entries": 7,
        "charges": 10000,
        "balance": 10000,
    }


def test_a_claim_that_was_paid_too_much_shows_a_credit() -> None:
    bill = Bill()
    paid_too_much = (bill.drafted(), bill.charged("10.00"), bill.paid("10.01"))
    given(claim_list, *paid_too_much).shows(THE_CLAIM, balance=-1, credit=True)
    given(claim_list, *paid_too_much, bill.charged("0.01")).shows(
        THE_CLAIM, balance=0, credit=False
    )


def test_a_claim_is_submitted_closed_and_drafted_again_when_it_is_reopened() -> None:
    bill = Bill()
    told = [bill.drafted(), bill.charged("0.00"), bill.submitted()]
    given(claim_list, *told).shows(
        THE_CLAIM,
        status=ClaimStatus.SUBMITTED,
        submitted_on=MARCH_2,
        submitted_to=Party.PAYER,
    )
    told.append(bill.closed())
    given(claim_list, *told).shows(THE_CLAIM, status=ClaimStatus.CLOSED, closed_on=MARCH_3)
    told.append(bill.reopened())
    given(claim_list, *told).shows(
        THE_CLAIM, status=ClaimStatus.DRAFTED, closed_on=None, submitted_on=MARCH_2
    )


def test_yen_have_no_hundredths_and_dinars_have_thousandths() -> None:
    yen, dinars = Bill(currency="JPY"), Bill(currency="KWD")
    given(claim_list, yen.drafted(), yen.charged("1200")).shows(THE_CLAIM, charges=1200)
    given(claim_list, dinars.drafted(), dinars.charged("1.234")).shows(THE_CLAIM, charges=1234)


# --- the ledger of a claim -----------------------------------------------------------------------


def test_a_charge_tells_what_was_done_how_often_and_at_what_price() -> None:
    bill = Bill()
    ledger = given(claim_ledger, bill.drafted(), bill.charged("100.00", units=4))
    ledger.shows(
        THE_CLAIM,
        1,
        Side.WHOLE,
        facility_id=RIVERSIDE,
        payer_id=AETHER,
        line=1,
        kind=LineKind.CHARGE,
        party=Party.PAYER,
        currency="USD",
        amount=10000,
        change=10000,
        balance_after=10000,
        patient_balance_after=0,
        procedure_system="CPT",
        procedure_code="99213",
        description="Office visit",
        modifiers=("25",),
        units=4,
        unit_amount=2500,
        rendering_staff_id=DR_ADEYEMI,
        effective_on=MARCH_1,
        reverses_entry=None,
        reversed_by=None,
        position=3,
    )


def test_a_payment_tells_by_whom_and_how_and_lowers_the_balance() -> None:
    bill = Bill()
    ledger = given(
        claim_ledger, bill.charged("100.00"), bill.paid("40.00", Party.PATIENT, line=None)
    )
    ledger.shows(
        THE_CLAIM,
        2,
        "",
        kind=LineKind.PAYMENT,
        line=None,
        party=Party.PATIENT,
        method=PaymentMethod.CHECK,
        reference="CHK 88",
        amount=4000,
        change=-4000,
        balance_after=6000,
        patient_balance_after=-4000,
        effective_on=MARCH_2,
    )


def test_an_adjustment_tells_its_group_and_its_reason() -> None:
    bill = Bill()
    ledger = given(claim_ledger, bill.charged("100.00"), bill.adjusted("30.00"))
    ledger.shows(
        THE_CLAIM,
        2,
        "",
        kind=LineKind.ADJUSTMENT,
        group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
        reason_code="45",
        amount=3000,
        change=-3000,
        balance_after=7000,
    )


def test_a_transfer_is_two_rows_out_of_one_account_and_into_another() -> None:
    bill = Bill()
    ledger = given(claim_ledger, bill.charged("100.00"), bill.transferred("30.00"))
    after = {"amount": 3000, "balance_after": 10000, "patient_balance_after": 3000}
    ledger.shows(
        THE_CLAIM, 2, "out", kind=LineKind.TRANSFER_OUT, party=Party.PAYER, change=-3000, **after
    )
    ledger.shows(
        THE_CLAIM, 2, "in", kind=LineKind.TRANSFER_IN, party=Party.PATIENT, change=3000, **after
    )
    ledger.has_no_row(THE_CLAIM, 2, "")


def test_an_entry_and_what_takes_it_back_name_each_other() -> None:
    bill = Bill()
    charged, paid = bill.charged("100.00"), bill.paid("40.00")
    ledger = given(claim_ledger, charged, paid, bill.reversed(paid))
    ledger.shows(THE_CLAIM, 2, "", kind=LineKind.PAYMENT, reversed_by=3)
    ledger.shows(
        THE_CLAIM,
        3,
        "",
        kind=LineKind.PAYMENT_REVERSED,
        line=1,
        party=Party.PAYER,
        amount=4000,
        change=4000,
        balance_after=10000,
        reverses_entry=2,
        why="typing error",
        effective_on=MARCH_3,
    )


def test_a_charge_and_an_adjustment_are_taken_back_with_the_other_sign() -> None:
    bill = Bill()
    charged, adjusted = bill.charged("100.00"), bill.adjusted("30.00")
    ledger = given(claim_ledger, charged, adjusted, bill.reversed(adjusted), bill.reversed(charged))
    ledger.shows(THE_CLAIM, 3, "", kind=LineKind.ADJUSTMENT_REVERSED, change=3000)
    ledger.shows(THE_CLAIM, 4, "", kind=LineKind.CHARGE_REVERSED, change=-10000, balance_after=0)


def test_a_transfer_is_taken_back_on_both_of_its_sides() -> None:
    bill = Bill()
    charged, transferred = bill.charged("100.00"), bill.transferred("30.00")
    ledger = given(claim_ledger, charged, transferred, bill.transfer_reversed(transferred))
    for side, kind, party, change in (
        ("out", LineKind.TRANSFER_OUT_REVERSED, Party.PAYER, 3000),
        ("in", LineKind.TRANSFER_IN_REVERSED, Party.PATIENT, -3000),
    ):
        ledger.shows(THE_CLAIM, 2, side, reversed_by=3)
        ledger.shows(
            THE_CLAIM, 3, side, kind=kind, party=party, change=change, patient_balance_after=0
        )


# --- receivables ---------------------------------------------------------------------------------

OF_AETHER = (RIVERSIDE, AETHER)


def test_receivables_are_told_apart_by_facility_payer_and_currency() -> None:
    assert receivables.groups == ("payer_id", "currency")
    here, there = Bill(), Bill(ANOTHER_CLAIM, HILLTOP, currency="JPY")
    owed = given(
        receivables, here.drafted(), there.drafted(), here.charged("1.00"), there.charged("200")
    )
    owed.shows(*OF_AETHER, currency="USD", claims=1, charges=100, balance=100)
    owed.shows(HILLTOP, AETHER, currency="JPY", claims=1, charges=200, balance=200)


def test_what_the_patient_alone_owes_is_counted_under_self_pay() -> None:
    bill = Bill(payer_id=SELF_PAY)
    given(receivables, bill.drafted(), bill.charged("7.00", Party.PATIENT)).shows(
        RIVERSIDE, UUID(int=0), claims=1, balance=700, patient_balance=700
    )


def test_receivables_add_up_claims_and_count_a_transfer_as_two_entries() -> None:
    one, other = Bill(), Bill(ANOTHER_CLAIM)
    owed = given(
        receivables,
        one.drafted(),
        one.charged("100.00"),
        one.transferred("10.00"),
        one.paid("60.00"),
        other.drafted(),
        other.charged("20.00"),
        other.adjusted("5.00"),
    )
    assert figures(owed.row(*OF_AETHER)) == {
        "claims": 2,
        "open_claims": 2,
        "entries": 6,
        "charges": 12000,
        "payments": 6000,
        "adjustments": 500,
        "transfers_out": 1000,
        "transfers_in": 1000,
        "balance": 5500,
        "patient_balance": 1000,
    }


def test_claims_are_open_until_they_are_closed_and_again_when_they_are_reopened() -> None:
    bill = Bill()
    given(receivables, bill.drafted(), bill.closed()).shows(*OF_AETHER, claims=1, open_claims=0)
    given(receivables, bill.drafted(), bill.closed(), bill.reopened()).shows(
        *OF_AETHER, claims=1, open_claims=1
    )


def test_a_credit_is_told_by_itself_and_does_not_hide_among_debts() -> None:
    one, other = Bill(), Bill(ANOTHER_CLAIM)
    told = [one.drafted(), one.charged("100.00"), other.drafted(), other.paid("30.00", line=None)]
    given(receivables, *told).shows(
        *OF_AETHER, balance=7000, credit_balance_claims=1, credit_balance=-3000
    )
    told.append(other.charged("25.00"))
    given(receivables, *told).shows(
        *OF_AETHER, balance=9500, credit_balance_claims=1, credit_balance=-500
    )
    told.append(other.charged("25.00"))
    given(receivables, *told).shows(
        *OF_AETHER, balance=12000, credit_balance_claims=0, credit_balance=0
    )


def test_an_amount_finer_than_the_currency_stops_the_fold() -> None:
    with pytest.raises(ValueError, match="finer than the smallest unit of JPY"):
        given(receivables, Bill(currency="JPY").charged(str(Decimal("0.5"))))


# --- payments by method --------------------------------------------------------------------------


def test_payments_are_counted_by_how_they_came_in() -> None:
    bill = Bill()
    payments = given(
        payments_by_method,
        bill.paid("10.00", method=PaymentMethod.CASH),
        bill.paid("5.00", method=PaymentMethod.CASH),
        bill.paid("7.00", method=PaymentMethod.CARD),
    )
    payments.shows(RIVERSIDE, PaymentMethod.CASH, "USD", payments=2, amount=1500)
    payments.shows(RIVERSIDE, PaymentMethod.CARD, "USD", payments=1, amount=700)


def test_a_payment_taken_back_no_longer_counts_among_those_of_its_method() -> None:
    bill = Bill()
    charged, paid = bill.charged("30.00"), bill.paid("10.00", method=PaymentMethod.CASH)
    payments = given(payments_by_method, charged, paid, bill.reversed(paid), bill.reversed(charged))
    payments.shows(RIVERSIDE, PaymentMethod.CASH, "USD", payments=0, amount=0)
    assert len(payments.rows) == 1
