"""What payers deny in remittances becomes cases, and goes away with the decision it came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.revenue.denial import DenyClaim, TakeBackDenials
from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.remittance import ClaimAdjudicated, ClaimAdjudicationReversed
from facilities.processes.denials import denials
from tests.domain.places import FEBRUARY_1, MARCH_1, THE_CLAIM
from tests.domain.remittances import (
    CO,
    LATER_REMITTANCE,
    PR,
    PRICED,
    REFUSED,
    a_claim,
    a_line,
    adjudicating,
    because,
    usd,
)
from tests.domain.test_adjudication import sent
from tests.facilities.processes_grammar import sees


def decided(remitted: Any) -> ClaimAdjudicated:
    """The payer's decision on a claim of one line, as the claim records it."""
    facts = sent().when(replace(adjudicating, remitted=remitted)).decided
    return next(each for each in facts if isinstance(each, ClaimAdjudicated))


def case(amount: str, reason: str, group: AdjustmentGroup = CO, **others: Any) -> DenyClaim:
    return DenyClaim(
        claim_id=THE_CLAIM,
        amount=usd(amount),
        group=group,
        reason_code=reason,
        denied_on=FEBRUARY_1,
        adjudication=1,
        **{"line": 1, **others},
    )


def test_each_line_and_reason_that_denies_something_is_a_case() -> None:
    sees(denials, decided(REFUSED)).sends(case("100.00", "29"))
    told = a_line("100", "0", because(CO, "97", "60"), because(PR, "96", "40"))
    twice = a_claim("100", "0", replace(told, remarks=("N130", "no code")))
    sees(denials, decided(twice)).sends(
        case("60.00", "97", remarks=("N130",)), case("40.00", "96", PR, remarks=("N130",))
    )


def test_what_is_priced_or_shared_is_no_denial() -> None:
    sees(denials, decided(PRICED)).sends_nothing()


def test_the_cases_of_a_line_come_to_what_was_denied_of_it() -> None:
    given_back = a_line("100", "0", because(CO, "29", "120"), because(CO, "16", "-20"))
    sees(denials, decided(a_claim("100", "0", given_back))).sends(case("100.00", "29"))


def test_what_is_denied_of_the_claim_as_a_whole_is_a_case_without_a_line() -> None:
    whole = a_claim("100", "40", a_line("100", "100"), because(CO, "50", "60"))
    sees(denials, decided(whole)).sends(case("60.00", "50", line=None))


def test_lines_that_are_none_of_the_claims_are_one_case_for_each_reason() -> None:
    fact = decided(REFUSED)
    stray = replace(fact.lines[0], line=None)
    sees(denials, replace(fact, lines=(stray, stray), denied=usd("200"))).sends(
        case("200.00", "29", line=None)
    )


def test_a_decision_that_is_taken_back_takes_its_denials_along() -> None:
    made = decided(REFUSED)
    back = ClaimAdjudicationReversed(
        claim_id=THE_CLAIM,
        facility_id=made.facility_id,
        payer_id=made.payer_id,
        remittance_id=LATER_REMITTANCE,
        place=1,
        adjudication=1,
        currency="USD",
        charge=made.charge,
        paid=made.paid,
        denied=made.denied,
        superseded=True,
        reversed_on=MARCH_1,
    )
    sees(denials, back).sends(
        TakeBackDenials(claim_id=THE_CLAIM, adjudication=1, taken_back_on=MARCH_1)
    )
    sees(denials, replace(back, denied=usd("0"))).sends_nothing()
