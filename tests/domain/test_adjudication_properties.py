"""Whatever payers say in whatever order, and however often: no cent moves twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import hypothesis
from hypothesis import strategies

from domain.revenue.adjudication import AdjudicateClaim
from domain.revenue.events.claim import EntryKind, Party
from domain.revenue.events.remittance import ClaimAdjudicationReversed, RemittedClaim
from tests.domain.claims import twice_insured
from tests.domain.remittances import (
    CO,
    OA,
    PR,
    a_claim,
    a_line,
    adjudicating,
    because,
    opposite,
    remittances_are_known,
)
from tests.grammar import Given, an_open

CENTS = strategies.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100)
REMITTANCES = [UUID(int=number) for number in range(1, 4)]


@strategies.composite
def decisions(draw: strategies.DrawFn) -> RemittedClaim:
    """A balanced decision on 100.00, by its line or on the whole, or the reversal of one."""
    paid = draw(CENTS)
    rest = Decimal(100) - paid
    shared = draw(CENTS.map(lambda part: min(part, rest)))
    reasons = (
        because(draw(strategies.sampled_from((CO, OA))), "45", str(rest - shared)),
        because(PR, "2", str(shared)),
    )
    status_code = draw(strategies.sampled_from(("1", "2", "4")))
    if draw(strategies.booleans()):
        said = a_claim("100", str(paid), a_line("100", str(paid), *reasons))
    else:
        said = a_claim("100", str(paid), *reasons)
    said = replace(said, status_code=status_code)
    return opposite(said) if draw(strategies.booleans()) else said


@strategies.composite
def sequences(draw: strategies.DrawFn) -> list[AdjudicateClaim]:
    """Places of remittances, some of them told again, and reversals of what was said before."""
    said: list[AdjudicateClaim] = []
    for place in range(1, draw(strategies.integers(1, 8))):
        remitted = draw(decisions())
        takes_back = bool(draw(strategies.booleans()))
        if said and takes_back:
            remitted = opposite(draw(strategies.sampled_from(said)).remitted)
        said.append(
            replace(
                adjudicating,
                remittance_id=draw(strategies.sampled_from(REMITTANCES)),
                place=place,
                remitted=remitted,
                settled=draw(strategies.booleans()),
            )
        )
    if not said:
        return said
    return said + draw(strategies.lists(strategies.sampled_from(said), max_size=6))


def the_claim() -> Given:
    known = (an_open("remittance", each) for each in REMITTANCES)
    return twice_insured().knowing(*remittances_are_known(), *known)


def posted(commands: list[AdjudicateClaim]) -> Given:
    at = the_claim()
    for command in commands:
        outcome = at.when(command)
        at = at if outcome.refusal is not None else outcome.then()
    return at


@hypothesis.given(sequences())
def test_what_was_paid_is_what_the_decisions_that_stand_say(
    commands: list[AdjudicateClaim],
) -> None:
    state = posted(commands).state
    payments = sum(
        each.amount
        for each in state.entries.values()
        if each.kind is EntryKind.PAYMENT and not each.reversed
    )
    assert payments == sum(each.paid for each in state.adjudications.standing)
    standing = [each for each in state.entries.values() if not each.reversed]
    assert state.balance == sum(each.effect()[0] for each in standing)
    assert state.patient_balance == sum(each.effect()[1] for each in standing)


@hypothesis.given(sequences())
def test_telling_everything_again_in_any_order_changes_nothing(
    commands: list[AdjudicateClaim],
) -> None:
    at = posted(commands)
    done = at.state.adjudications.places
    told = [each for each in commands if (each.remittance_id, each.place) in done]
    for each in reversed(told):
        at.when(each).records_nothing()


@hypothesis.given(sequences())
def test_a_decision_is_taken_back_at_most_once(commands: list[AdjudicateClaim]) -> None:
    facts = posted(commands).facts
    back = [each.adjudication for each in facts if isinstance(each, ClaimAdjudicationReversed)]
    assert len(back) == len(set(back))


@hypothesis.given(decisions())
def test_a_reversal_restores_exactly(remitted: RemittedClaim) -> None:
    said = opposite(remitted) if remitted.charge < 0 else remitted
    said = replace(said, status_code="1")
    before = the_claim()
    after = before.when(replace(adjudicating, remitted=said)).then()
    back = after.when(replace(adjudicating, place=2, remitted=opposite(said))).then()
    assert back.state.balance == before.state.balance
    assert back.state.patient_balance == before.state.patient_balance
    for party in Party:
        assert back.state.owed_by(party) == before.state.owed_by(party)
