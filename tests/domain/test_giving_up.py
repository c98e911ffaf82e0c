"""What is written off and given back: never more than was owed, never more than was paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import Command
from domain.revenue.events.claim import (
    ClaimEntryReversed,
    ClaimRefunded,
    ClaimWrittenOff,
    Party,
    PaymentMethod,
    WriteOffReason,
)
from domain.revenue.giving_up import RefundClaim, WriteOffClaim
from tests.domain.claims import (
    charged,
    claim,
    closed,
    paid,
    paid_in_full,
    reversing,
    transferred,
    usd,
)
from tests.domain.places import (
    AETHER_HEALTH,
    MARCH_1,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
)

writing_off = WriteOffClaim(
    claim_id=THE_CLAIM,
    amount=usd("40"),
    owed_by=Party.PAYER,
    write_off_reason=WriteOffReason.TIMELY_FILING,
    written_off_on=MARCH_1,
)
written_off = ClaimWrittenOff(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    currency="USD",
    entry=3,
    line=None,
    amount=usd("40.00"),
    owed_by=Party.PAYER,
    write_off_reason=WriteOffReason.TIMELY_FILING,
    written_off_on=MARCH_1,
    balance_after=usd("0.00"),
    patient_balance_after=usd("0"),
)
refunding = RefundClaim(
    claim_id=THE_CLAIM,
    amount=usd("10"),
    refunded_to=Party.PAYER,
    method=PaymentMethod.CHECK,
    refunded_on=MARCH_1,
    reference="CHK 7",
)
refunded = ClaimRefunded(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    currency="USD",
    entry=3,
    line=None,
    amount=usd("10.00"),
    refunded_to=Party.PAYER,
    method=PaymentMethod.CHECK,
    reference="CHK 7",
    refunded_on=MARCH_1,
    balance_after=usd("50.00"),
    patient_balance_after=usd("0"),
)


def test_what_is_still_owed_is_written_off() -> None:
    claim(charged, paid).when(writing_off).records(written_off)


def test_no_more_is_written_off_than_that_party_owes() -> None:
    claim(charged, paid).when(replace(writing_off, amount=usd("40.01"))).refused("claim.not_owed")
    claim(charged, paid).when(replace(writing_off, owed_by=Party.PATIENT)).refused(
        "claim.not_owed", field="amount", value="40.00"
    )
    moved = claim(charged, transferred)
    moved.when(replace(writing_off, owed_by=Party.PATIENT, amount=usd("25"))).records_a(
        ClaimWrittenOff, balance_after=usd("75.00"), patient_balance_after=usd("0.00")
    )
    moved.when(replace(writing_off, amount=usd("75.01"))).refused("claim.not_owed")


def test_what_was_paid_is_given_back() -> None:
    claim(charged, paid).when(refunding).records(refunded)


def test_no_more_is_given_back_than_that_party_paid() -> None:
    given_back = claim(charged, paid, refunded)
    given_back.when(replace(refunding, amount=usd("50.01"))).refused("claim.not_paid")
    given_back.when(replace(refunding, amount=usd("50"))).records_a(ClaimRefunded, entry=4)
    given_back.when(replace(refunding, refunded_to=Party.PATIENT)).refused("claim.not_paid")


@pytest.mark.parametrize(("wrong", "balance"), [(written_off, "40.00"), (refunded, "40.00")])
def test_taking_it_back_restores_what_was(wrong: Any, balance: str) -> None:
    claim(charged, paid, wrong).when(replace(reversing, entry=3)).records_a(
        ClaimEntryReversed, balance_after=usd(balance), amount=wrong.amount
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(writing_off, written_off_on=TOMORROW_EVERYWHERE), "claim.date"),
        (replace(writing_off, line=9), "claim.line_unknown"),
        (replace(refunding, refunded_on=TOMORROW_EVERYWHERE), "claim.date"),
        (replace(refunding, amount=usd("0")), "claim.amount"),
    ],
)
def test_the_impossible_is_refused(command: Command, code: str) -> None:
    claim(charged, paid).when(command).refused(code)


@pytest.mark.parametrize("command", [writing_off, refunding])
def test_a_closed_claim_is_left_alone(command: Command) -> None:
    claim(charged, paid_in_full, closed).when(command).refused("claim.closed")
