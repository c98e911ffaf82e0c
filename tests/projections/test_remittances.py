"""What payment posting looks at: payments, decisions line by line, what waits for a person."""

from __future__ import annotations

from dataclasses import replace

from domain.kernel import Fact
from domain.revenue.claim import claim
from domain.revenue.events.claim import PaymentMethod
from domain.revenue.events.remittance import (
    AdjudicationOutcome,
    RemittancePosted,
    RemittanceReleased,
    RemittedClaimQuarantined,
    RemittedClaimResolved,
    Resolution,
)
from projections.revenue import (
    adjudication_lines,
    adjudication_list,
    claim_ledger,
    claim_list,
    remittance_list,
    remittance_quarantine,
)
from projections.revenue.claims import ClaimStatus
from projections.revenue.remittances import RemittanceStatus
from tests.domain.places import FEBRUARY_1, MARCH_1, RIVERSIDE, THE_CLAIM
from tests.domain.remittances import (
    CO,
    PR,
    PRICED,
    THE_REMITTANCE,
    a_claim,
    a_line,
    adjudicating,
    again,
    because,
    opposite,
)
from tests.domain.test_adjudication import nothing_known, opening, sent
from tests.domain.test_remittance import held, one_in_quarantine, received
from tests.projections.grammar import given

RELEASED = RemittanceReleased(remittance_id=THE_REMITTANCE, facility_id=RIVERSIDE, why="Paid")
POSTED = RemittancePosted(
    remittance_id=THE_REMITTANCE, facility_id=RIVERSIDE, posted_claims=2, quarantined_claims=1
)
RESOLVED = RemittedClaimResolved(
    remittance_id=THE_REMITTANCE,
    facility_id=RIVERSIDE,
    place=2,
    resolution=Resolution.POSTED,
    claim_id=THE_CLAIM,
    paid=PRICED.paid,
    why="It is this one",
)


def in_quarantine() -> Fact:
    (fact,) = [
        each for each in one_in_quarantine().facts if isinstance(each, RemittedClaimQuarantined)
    ]
    return replace(fact, remitted=replace(PRICED, service_on=FEBRUARY_1))


def test_a_remittance_tells_its_payment_and_how_far_it_is_posted() -> None:
    given(remittance_list, received).shows(
        THE_REMITTANCE,
        status=RemittanceStatus.RECEIVED,
        method=PaymentMethod.ELECTRONIC,
        payment=15000,
        paid=16000,
        provider_adjustments=1000,
        claims=3,
    )
    given(remittance_list, received, in_quarantine()).shows(
        THE_REMITTANCE, in_quarantine=1, unposted=6000, posted_claims=0
    )
    given(remittance_list, received, in_quarantine(), POSTED, RESOLVED).shows(
        THE_REMITTANCE,
        status=RemittanceStatus.POSTED,
        in_quarantine=0,
        unposted=0,
        posted_claims=3,
    )


def test_what_is_held_as_a_whole_waits_for_a_person() -> None:
    given(remittance_list, received, held).shows(
        THE_REMITTANCE, status=RemittanceStatus.QUARANTINED
    )
    given(remittance_quarantine, received, held).shows(
        THE_REMITTANCE,
        0,
        rule="remittance.payment_not_balanced",
        found="151.00",
        expected="150.00",
        charge=40000,
        paid=16000,
        control_number=None,
    )
    given(remittance_list, received, held, RELEASED).shows(
        THE_REMITTANCE, status=RemittanceStatus.RECEIVED
    )
    given(remittance_quarantine, received, held, RELEASED).has_only()


def test_a_claim_in_quarantine_waits_until_it_is_resolved() -> None:
    given(remittance_quarantine, received, in_quarantine()).shows(
        THE_REMITTANCE,
        2,
        rule="claim.unknown",
        control_number="RIV-0001",
        payer_control_number="ICN-1",
        charge=10000,
        paid=6000,
        service_on=FEBRUARY_1,
    )
    given(remittance_quarantine, received, in_quarantine(), RESOLVED).has_only()


def test_a_decision_is_shown_whole_and_line_by_line() -> None:
    facts = sent().when(adjudicating).then().facts
    given(adjudication_list, *facts).shows(
        THE_CLAIM,
        1,
        paid=6000,
        adjusted=1500,
        patient_responsibility=2500,
        outcome=AdjudicationOutcome.PAID,
        reversed_on=None,
    )
    given(adjudication_lines, *facts).shows(
        THE_CLAIM,
        1,
        1,
        line=1,
        procedure_code="99213",
        charge=10000,
        paid=6000,
        adjustments=("CO 45 15.00", "PR 2 25.00"),
    )
    assert len(given(adjudication_lines, *facts).rows) == 1


def test_the_rows_of_a_decision_come_to_it() -> None:
    line = a_line("100", "70", because(PR, "1", "30"))
    remitted = a_claim("100", "45", line, because(CO, "197", "25"))
    facts = sent().when(replace(adjudicating, remitted=remitted)).then().facts
    rows = given(adjudication_lines, *facts).rows
    assert {key[2]: (row.charge, row.paid, row.denied) for key, row in rows.items()} == {
        0: (0, -2500, 2500),
        1: (10000, 7000, 0),
    }


def test_a_decision_that_was_taken_back_says_so_and_the_ledger_is_as_before() -> None:
    back = sent().when(adjudicating).then().when(replace(again, remitted=opposite(PRICED))).then()
    given(adjudication_list, *back.facts).shows(THE_CLAIM, 1, reversed_on=MARCH_1)
    rows = given(claim_ledger, *back.facts).rows.values()
    assert sum(each.change for each in rows) == 10000
    assert claim.fold(back.facts).balance == 100


def test_a_claim_that_is_known_from_a_remittance_counts_as_submitted() -> None:
    facts = nothing_known().when(opening).then().facts
    given(claim_list, *facts).shows(
        THE_CLAIM,
        status=ClaimStatus.ADJUDICATED,
        submitted_on=FEBRUARY_1,
        control_number="RIV-0001",
        balance=2500,
        patient_balance=2500,
    )
