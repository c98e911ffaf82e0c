"""Whatever is tried with a claim: every cent is accounted for, after every step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import hypothesis
from hypothesis import strategies

from domain.kernel import Command
from domain.revenue.claim import Claim, claim
from domain.revenue.drafting import ChargeClaim
from domain.revenue.events.claim import (
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimCharged,
    ClaimEntryReversed,
    ClaimFact,
    ClaimPaid,
    ClaimRefunded,
    ClaimTransferred,
    ClaimWrittenOff,
    Party,
    PaymentMethod,
    WriteOffReason,
)
from domain.revenue.giving_up import RefundClaim, WriteOffClaim
from domain.revenue.posting import AdjustClaim, PayClaim, ReverseClaimEntry, TransferClaim
from domain.revenue.submission import CloseClaim, ReopenClaim, SubmitClaim
from tests.domain.claims import OFFICE_VISIT, twice_insured
from tests.domain.places import NEW_YEAR, THE_CLAIM

parties = strategies.sampled_from(Party)
days = strategies.integers(0, 60).map(lambda days: NEW_YEAR + timedelta(days=days))
amounts = strategies.decimals(0, 500, places=2)
lines = strategies.none() | strategies.integers(1, 4)
about_the_claim = strategies.just(THE_CLAIM)

charges = strategies.builds(
    ChargeClaim,
    claim_id=about_the_claim,
    procedure=strategies.just(OFFICE_VISIT),
    unit_amount=amounts,
    units=strategies.integers(0, 9),
    owed_by=parties,
    service_on=days,
    description=strategies.none(),
    revenue_code=strategies.none(),
    place_of_service=strategies.none(),
    rendering_npi=strategies.none(),
    modifiers=strategies.just(()),
    diagnosis_pointers=strategies.just(()),
    department_id=strategies.none(),
    rendering_staff_id=strategies.none(),
)
payments = strategies.builds(
    PayClaim,
    claim_id=about_the_claim,
    amount=amounts,
    paid_by=parties,
    method=strategies.sampled_from(PaymentMethod),
    received_on=days,
    line=lines,
    reference=strategies.none(),
)
adjustments = strategies.builds(
    AdjustClaim,
    claim_id=about_the_claim,
    amount=amounts,
    group=strategies.sampled_from(AdjustmentGroup),
    reason_code=strategies.sampled_from(["1", "45", "A1"]),
    adjusted_on=days,
    borne_by=parties,
    line=lines,
)
transfers = strategies.builds(
    TransferClaim,
    claim_id=about_the_claim,
    amount=amounts,
    from_party=parties,
    to_party=parties,
    transferred_on=days,
    line=lines,
)
reversals = strategies.builds(
    ReverseClaimEntry,
    claim_id=about_the_claim,
    entry=strategies.integers(1, 12),
    why=strategies.just("Wrong"),
    reversed_on=days,
)
write_offs = strategies.builds(
    WriteOffClaim,
    claim_id=about_the_claim,
    amount=amounts,
    owed_by=parties,
    write_off_reason=strategies.sampled_from(WriteOffReason),
    written_off_on=days,
    line=lines,
)
refunds = strategies.builds(
    RefundClaim,
    claim_id=about_the_claim,
    amount=amounts,
    refunded_to=parties,
    method=strategies.sampled_from(PaymentMethod),
    refunded_on=days,
    line=lines,
    reference=strategies.none(),
)
the_rest = strategies.one_of(
    strategies.builds(
        SubmitClaim,
        claim_id=about_the_claim,
        submitted_on=days,
        submitted_to=parties,
        payer_control_number=strategies.just("P-1"),
    ),
    strategies.builds(CloseClaim, claim_id=about_the_claim, closed_on=days),
    strategies.builds(
        ReopenClaim, claim_id=about_the_claim, reopened_on=days, why=strategies.just("Again")
    ),
)
histories = strategies.lists(
    strategies.one_of(
        charges, payments, adjustments, transfers, write_offs, refunds, reversals, the_rest
    ),
    max_size=20,
)


def recorded(commands: Iterable[Command]) -> list[ClaimFact]:
    """The facts that come of those commands that are accepted."""
    at = twice_insured()
    for command in commands:
        outcome = at.when(command)
        at = at if outcome.refusal is not None else outcome.then()
    return [*at.facts]  # type: ignore[list-item]


def owed(facts: Iterable[ClaimFact]) -> dict[Party, Decimal]:
    """What each party owes, worked out anew from the entries that still stand."""
    told = list(facts)
    taken_back = {each.reversed_entry for each in told if isinstance(each, ClaimEntryReversed)}
    owes = dict.fromkeys(Party, Decimal(0))
    for each in told:
        match each:
            case ClaimCharged() if each.entry not in taken_back:
                owes[each.owed_by] += each.amount
            case ClaimPaid() if each.entry not in taken_back:
                owes[each.paid_by] -= each.amount
            case ClaimAdjusted() if each.entry not in taken_back:
                owes[each.borne_by] -= each.amount
            case ClaimTransferred() if each.entry not in taken_back:
                owes[each.from_party] -= each.amount
                owes[each.to_party] += each.amount
            case ClaimWrittenOff() if each.entry not in taken_back:
                owes[each.owed_by] -= each.amount
            case ClaimRefunded() if each.entry not in taken_back:
                owes[each.refunded_to] += each.amount
            case _:
                pass
    return owes


@hypothesis.given(histories)
def test_the_balance_is_charges_less_payments_and_adjustments_after_every_step(
    commands: list[Command],
) -> None:
    facts = recorded(commands)
    for length in range(len(facts) + 1):
        state, owes = claim.fold(facts[:length]), owed(facts[:length])
        assert state.balance == sum(owes.values())
        assert state.patient_balance == owes[Party.PATIENT]
        assert {party: state.owed_by(party) for party in Party} == owes


@hypothesis.given(histories)
def test_a_transfer_and_its_reversal_leave_the_balance_alone(commands: list[Command]) -> None:
    state = claim.initial
    for fact in recorded(commands):
        before, state = state, state.evolve(fact)
        if isinstance(fact, ClaimTransferred):
            assert state.balance == before.balance
        if isinstance(fact, ClaimEntryReversed) and fact.to_party is not None:
            assert state.balance == before.balance


@hypothesis.given(histories)
def test_taking_back_the_last_entry_restores_what_everybody_owed(commands: list[Command]) -> None:
    at = twice_insured()
    for command in commands:
        outcome = at.when(command)
        if outcome.refusal is not None:
            continue
        before, at = at.state, outcome.then()
        if len(at.state.entries) == len(before.entries) or isinstance(command, ReverseClaimEntry):
            continue
        back = ReverseClaimEntry(
            claim_id=THE_CLAIM, entry=len(at.state.entries), why="Wrong", reversed_on=NEW_YEAR
        )
        undone = at.when(back).then().state
        assert {each: undone.owed_by(each) for each in Party} == {
            each: before.owed_by(each) for each in Party
        }
        assert (undone.balance, undone.patient_balance) == (before.balance, before.patient_balance)


@hypothesis.given(histories)
def test_every_entry_has_its_number_and_is_taken_back_at_most_once(
    commands: list[Command],
) -> None:
    facts = recorded(commands)
    entries = [
        each.entry
        for each in facts
        if isinstance(
            each,
            ClaimCharged
            | ClaimPaid
            | ClaimAdjusted
            | ClaimTransferred
            | ClaimWrittenOff
            | ClaimRefunded
            | ClaimEntryReversed,
        )
    ]
    assert entries == list(range(1, len(entries) + 1)) == list(claim.fold(facts).entries)
    taken_back = [each.reversed_entry for each in facts if isinstance(each, ClaimEntryReversed)]
    assert len(taken_back) == len(set(taken_back))


@hypothesis.given(histories)
def test_folding_changes_nothing_that_was_folded(commands: list[Command]) -> None:
    facts = recorded(commands)
    before = [claim.fold(facts[:length]) for length in range(len(facts) + 1)]
    assert claim.fold(facts) == claim.fold(facts) == before[-1]
    assert before == [claim.fold(facts[:length]) for length in range(len(facts) + 1)]
    assert claim.initial == Claim()
