"""The denials desk: the next best hour of work on top, and what became of every denial."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.denial import (
    AppealOutcome,
    ClaimAppealDecided,
    ClaimAppealed,
    ClaimDenialResolved,
    ClaimDenied,
    DenialCategory,
    DenialResolution,
)
from projections.revenue.claims import claim_list
from projections.revenue.denials import HALF_AS_URGENT, denial_list, denial_worklist, priority_of
from tests.projections.claims import AETHER, MARCH_2, MARCH_3, RIVERSIDE, THE_CLAIM, Bill
from tests.projections.grammar import given

WHOSE: dict[str, Any] = {"claim_id": THE_CLAIM, "facility_id": RIVERSIDE, "payer_id": AETHER}
JUNE_1 = date(2026, 6, 1)


def denied(**differing: Any) -> ClaimDenied:
    told: dict[str, Any] = {
        **WHOSE,
        "currency": "USD",
        "denial": 1,
        "adjudication": None,
        "line": 1,
        "amount": Decimal("80.00"),
        "group": AdjustmentGroup.CONTRACTUAL_OBLIGATION,
        "reason_code": "197",
        "remarks": (),
        "category": DenialCategory.AUTHORIZATION,
        "prevented_by": ("authorization.missing",),
        "appeal_by": JUNE_1,
        "denied_on": MARCH_2,
    }
    return ClaimDenied(**{**told, **differing})


appealed = ClaimAppealed(
    **WHOSE, denial=1, level=1, level_name="first level", grounds="It was", appealed_on=MARCH_3
)
partly = ClaimAppealDecided(
    **WHOSE,
    currency="USD",
    denial=1,
    level=1,
    outcome=AppealOutcome.PARTLY_OVERTURNED,
    overturned=Decimal("60.00"),
    appeal_by=None,
    decided_on=MARCH_3,
)


def resolved(*, pending: bool = False) -> ClaimDenialResolved:
    return ClaimDenialResolved(
        **WHOSE,
        currency="USD",
        denial=1,
        amount=Decimal("80.00"),
        resolution=DenialResolution.WRITTEN_OFF,
        appeal_pending=pending,
        resolved_on=MARCH_3,
    )


def test_a_denial_is_on_the_desk_until_it_is_resolved() -> None:
    given(denial_worklist, denied()).shows(
        THE_CLAIM, 1, status="open", amount=8000, appeal_by=JUNE_1, category="authorization"
    )
    given(denial_worklist, denied(), appealed).shows(
        THE_CLAIM, 1, status="appealed", level=1, level_name="first level"
    )
    given(denial_worklist, denied(), resolved()).has_no_row(THE_CLAIM, 1)
    given(denial_list, denied(), resolved()).shows(
        THE_CLAIM, 1, status="resolved", resolution="written_off"
    )


def test_what_an_appeal_brings_makes_the_rest_less_urgent() -> None:
    before = given(denial_worklist, denied()).row(THE_CLAIM, 1)
    after = given(denial_worklist, denied(), appealed, partly).row(THE_CLAIM, 1)
    assert (after.overturned, after.outcome, after.status) == (6000, "partly_overturned", "open")
    assert after.priority < before.priority


def test_twice_the_amount_is_as_urgent_as_a_fortnight_less() -> None:
    later = JUNE_1 + timedelta(days=HALF_AS_URGENT)
    assert priority_of(16_000, later, MARCH_2) == priority_of(8_000, JUNE_1, MARCH_2)
    assert priority_of(8_000, JUNE_1, MARCH_2) > priority_of(8_000, later, MARCH_2)
    assert priority_of(8_001, None, MARCH_2) < priority_of(8_000, later, MARCH_2)
    assert priority_of(0, JUNE_1, MARCH_2) == priority_of(1, JUNE_1, MARCH_2)


def test_a_claim_tells_how_far_its_denials_are() -> None:
    bill = Bill()
    sent = (bill.drafted(), bill.charged("80.00"), bill.submitted())
    for facts, status, open_ones, pending in (
        ((denied(),), "denied", 1, 0),
        ((denied(), appealed), "appealed", 1, 1),
        ((denied(), appealed, partly), "denied", 1, 0),
        ((denied(), appealed, resolved(pending=True)), "adjudicated", 0, 0),
        ((denied(), denied(denial=2), resolved()), "denied", 1, 0),
    ):
        given(claim_list, *sent, *facts).shows(
            THE_CLAIM, status=status, open_denials=open_ones, pending_appeals=pending
        )
