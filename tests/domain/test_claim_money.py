"""The money of a claim: who pays how much of it, and what is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import Command
from domain.revenue.claim import Claim
from domain.revenue.events.claim import (
    ClaimAdjusted,
    ClaimEntryReversed,
    ClaimPaid,
    ClaimTransferred,
    EntryKind,
)
from domain.revenue.posting import AdjustClaim, PayClaim, TransferClaim
from tests.domain.claims import (
    PATIENT,
    PAYER,
    SECONDARY_PAYER,
    adjusted,
    adjusting,
    charged,
    claim,
    drafted,
    paid,
    paying,
    reversing,
    transferred,
    transferring,
    twice_insured,
    usd,
)
from tests.domain.places import (
    AETHER_HEALTH,
    MARCH_1,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
)
from tests.grammar import given

# --- money comes and goes ----------------------------------------------------------------------


def test_a_payment_lowers_the_balance() -> None:
    claim(charged).when(paying).records(paid)
    claim(charged).when(replace(paying, line=1, reference=" EFT 7 ")).records(
        replace(paid, line=1, reference="EFT 7")
    )


def test_what_the_patient_pays_lowers_what_the_patient_owes() -> None:
    claim(charged, transferred).when(replace(paying, paid_by=PATIENT)).records_a(
        ClaimPaid, balance_after=usd("40.00"), patient_balance_after=usd("-35.00")
    )


def test_more_may_be_paid_than_was_charged() -> None:
    claim(charged).when(replace(paying, amount=usd("175"))).records_a(
        ClaimPaid, balance_after=usd("-75.00")
    )


def test_an_adjustment_lowers_the_balance() -> None:
    claim(charged).when(adjusting).records(adjusted)
    claim(charged, transferred).when(replace(adjusting, borne_by=PATIENT, line=1)).records_a(
        ClaimAdjusted,
        line=1,
        balance_after=usd("85.00"),
        patient_balance_after=usd("10.00"),
    )


def test_an_adjustment_has_a_reason_of_the_code_list() -> None:
    for code in ("1", "253", "A1", "B13"):
        claim(charged).when(replace(adjusting, reason_code=code)).records_a(
            ClaimAdjusted, reason_code=code
        )
    for code in ("", "co45", "1234", "ABC1"):
        claim(charged).when(replace(adjusting, reason_code=code)).refused("claim.reason_code")


def test_a_transfer_changes_only_who_owes() -> None:
    claim(charged).when(transferring).records(transferred)
    claim(charged, transferred).when(
        replace(transferring, from_party=PATIENT, to_party=PAYER, line=1)
    ).records_a(
        ClaimTransferred,
        line=1,
        balance_after=usd("100.00"),
        patient_balance_after=usd("0.00"),
    )
    twice_insured().when(replace(transferring, to_party=SECONDARY_PAYER)).records_a(
        ClaimTransferred, balance_after=usd("100.00"), patient_balance_after=usd("0")
    )


def test_a_transfer_goes_from_one_party_to_another() -> None:
    claim(charged).when(replace(transferring, to_party=PAYER)).refused(
        "claim.same_party", field="to_party"
    )


@pytest.mark.parametrize(
    ("command", "party", "day"),
    [
        (paying, "paid_by", "received_on"),
        (adjusting, "borne_by", "adjusted_on"),
        (transferring, "from_party", "transferred_on"),
    ],
    ids=["payment", "adjustment", "transfer"],
)
def test_impossible_movements_of_money_are_refused(
    command: PayClaim | AdjustClaim | TransferClaim, party: str, day: str
) -> None:
    def changed(**changes: Any) -> Command:
        return replace(command, **changes)

    at = claim(charged)
    at.when(changed(amount=usd("0"))).refused("claim.amount")
    at.when(changed(amount=usd("0.001"))).refused("claim.amount")
    at.when(changed(line=2)).refused("claim.line_unknown", field="line", value=2)
    at.when(changed(line=0)).refused("claim.line_unknown")
    at.when(changed(**{party: SECONDARY_PAYER})).refused("claim.no_secondary_payer", field=party)
    at.when(changed(**{day: TOMORROW_EVERYWHERE})).refused("claim.date", field=day)


def test_what_is_transferred_to_a_party_the_claim_does_not_have_is_refused() -> None:
    claim(charged).when(replace(transferring, to_party=SECONDARY_PAYER)).refused(
        "claim.no_secondary_payer", field="to_party"
    )


def test_a_reference_is_of_some_length() -> None:
    claim(charged).when(replace(paying, reference="x" * 51)).refused(
        "claim.text", field="reference"
    )


def test_yen_have_no_hundredths() -> None:
    in_yen = given(Claim, replace(drafted, currency="JPY"), charged)
    in_yen.when(replace(paying, amount=usd("10.5"))).refused("claim.amount")
    in_yen.when(replace(paying, amount=usd("10"))).records_a(ClaimPaid, currency="JPY")


# --- taking back -------------------------------------------------------------------------------


def taken_back(
    kind: EntryKind,
    amount: str,
    balance_after: str,
    patient_balance_after: str = "0",
    **other: Any,
) -> ClaimEntryReversed:
    reversal = ClaimEntryReversed(
        claim_id=THE_CLAIM,
        facility_id=RIVERSIDE,
        payer_id=AETHER_HEALTH,
        currency="USD",
        entry=3,
        reversed_entry=2,
        kind=kind,
        line=None,
        amount=usd(amount),
        from_party=PAYER,
        to_party=None,
        method=paid.method if kind is EntryKind.PAYMENT else None,
        group=None,
        reason_code=None,
        why="Posted to the wrong claim",
        reversed_on=MARCH_1,
        balance_after=usd(balance_after),
        patient_balance_after=usd(patient_balance_after),
    )
    return replace(reversal, **other)


def test_a_payment_an_adjustment_and_a_transfer_are_taken_back() -> None:
    claim(charged, paid).when(reversing).records(taken_back(EntryKind.PAYMENT, "60.00", "100.00"))
    claim(charged, adjusted).when(reversing).records(
        taken_back(
            EntryKind.ADJUSTMENT,
            "15.00",
            "100.00",
            group=adjusted.group,
            reason_code=adjusted.reason_code,
        )
    )
    claim(charged, transferred).when(reversing).records(
        taken_back(EntryKind.TRANSFER, "25.00", "100.00", "0.00", to_party=PATIENT)
    )


def test_a_charge_is_taken_back() -> None:
    owed_by_patient = replace(charged, owed_by=PATIENT, patient_balance_after=usd("100.00"))
    claim(owed_by_patient).when(replace(reversing, entry=1)).records(
        taken_back(
            EntryKind.CHARGE,
            "100.00",
            "0.00",
            "0.00",
            entry=2,
            reversed_entry=1,
            line=1,
            from_party=PATIENT,
        )
    )


def test_what_the_patient_paid_is_taken_back() -> None:
    copay = replace(paid, paid_by=PATIENT, patient_balance_after=usd("-60.00"))
    claim(charged, copay).when(reversing).records(
        taken_back(EntryKind.PAYMENT, "60.00", "100.00", "0.00", from_party=PATIENT)
    )


def test_an_entry_is_taken_back_once() -> None:
    after = claim(charged, paid).when(reversing).then()
    after.when(reversing).refused("claim.entry_reversed", field="entry", value=2)


def test_what_takes_back_is_not_taken_back() -> None:
    after = claim(charged, paid).when(reversing).then()
    after.when(replace(reversing, entry=3)).refused("claim.entry_reversed", value=3)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"entry": 3}, "claim.entry_unknown"),
        ({"entry": 0}, "claim.entry_unknown"),
        ({"why": " "}, "claim.text"),
        ({"reversed_on": TOMORROW_EVERYWHERE}, "claim.date"),
    ],
)
def test_an_impossible_reversal_is_refused(changed: dict[str, Any], code: str) -> None:
    claim(charged, paid).when(replace(reversing, **changed)).refused(code)
