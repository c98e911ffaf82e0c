"""A denial: found, grouped, appealed in time and level by level, resolved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.kernel import Command, Standing
from domain.revenue.claim import Claim
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.denial import (
    AppealClaim,
    DecideAppeal,
    DenyClaim,
    ResolveDenial,
    TakeBackDenials,
)
from domain.revenue.denial_reasons import category_of, rules_against
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
from domain.revenue.events.payer import PayerKind, PayerStanding
from domain.revenue.scrubber import RULES
from tests.domain.claims import charged, closed, drafted, paid_in_full, submitted, submitting, usd
from tests.domain.places import (
    AETHER_HEALTH,
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.grammar import Given, given

MEDICARE = PayerStanding(
    kind="payer", id=AETHER_HEALTH, open=True, status="open", payer_kind=PayerKind.MEDICARE
)
WHOSE: dict[str, Any] = {
    "claim_id": THE_CLAIM,
    "facility_id": RIVERSIDE,
    "payer_id": AETHER_HEALTH,
}
denying = DenyClaim(
    claim_id=THE_CLAIM,
    amount=usd("100"),
    group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
    reason_code="16",
    denied_on=FEBRUARY_1,
    line=1,
    remarks=("N290",),
    adjudication=1,
)
denied = ClaimDenied(
    **WHOSE,
    currency="USD",
    denial=1,
    adjudication=1,
    line=1,
    amount=usd("100.00"),
    group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
    reason_code="16",
    remarks=("N290",),
    category=DenialCategory.MISSING_INFORMATION,
    prevented_by=(
        "claim.member_id_missing",
        "claim.place_of_service",
        "claim.rendering_missing",
        "line.pointer_missing",
    ),
    appeal_by=FEBRUARY_1 + timedelta(days=120),
    denied_on=FEBRUARY_1,
)
appealing = AppealClaim(claim_id=THE_CLAIM, denial=1, grounds="It was there", appealed_on=MARCH_1)
appealed = ClaimAppealed(
    **WHOSE,
    denial=1,
    level=1,
    level_name="redetermination",
    grounds="It was there",
    appealed_on=MARCH_1,
)
MARCH_10 = date(2026, 3, 10)
deciding = DecideAppeal(
    claim_id=THE_CLAIM, denial=1, outcome=AppealOutcome.UPHELD, decided_on=MARCH_10
)
upheld = ClaimAppealDecided(
    **WHOSE,
    currency="USD",
    denial=1,
    level=1,
    outcome=AppealOutcome.UPHELD,
    overturned=usd("0"),
    appeal_by=MARCH_10 + timedelta(days=180),
    decided_on=MARCH_10,
)
resolving = ResolveDenial(
    claim_id=THE_CLAIM,
    denial=1,
    resolution=DenialResolution.WRITTEN_OFF,
    resolved_on=MARCH_10,
)
resolved = ClaimDenialResolved(
    **WHOSE,
    currency="USD",
    denial=1,
    amount=usd("100.00"),
    resolution=DenialResolution.WRITTEN_OFF,
    appeal_pending=False,
    resolved_on=MARCH_10,
)


def claim(*facts: Any, payer: Standing = MEDICARE) -> Given:
    """A claim that was sent to Medicare."""
    sent = (drafted, charged, replace(submitted, submitted_on=NEW_YEAR))
    return given(Claim, *sent, *facts).knowing(riverside_is_open(), payer)


# --- denied --------------------------------------------------------------------------------------


def test_a_denial_tells_what_it_is_about_what_prevents_it_and_until_when_it_is_appealed() -> None:
    claim().when(denying).records(denied)
    assert claim(denied).state.status is ClaimStatus.DENIED


def test_the_same_denial_is_recorded_once() -> None:
    claim(denied).when(denying).records_nothing()
    claim(denied).when(replace(denying, reason_code="29")).records_a(
        ClaimDenied, denial=2, category=DenialCategory.TIMELY_FILING, prevented_by=()
    )


def test_a_denial_of_the_whole_claim_looks_at_every_line() -> None:
    whole = replace(denying, line=None, reason_code="11")
    claim().when(whole).records_a(
        ClaimDenied,
        category=DenialCategory.CODING,
        prevented_by=("claim.place_of_service", "diagnosis.code_set", "line.pointer_missing"),
    )


def test_a_claim_filed_late_would_have_been_found() -> None:
    service_on = date(2024, 12, 31)
    late = given(
        Claim,
        replace(drafted, service_on=service_on),
        replace(charged, service_on=service_on),
        submitted,
    ).knowing(riverside_is_open(), MEDICARE)
    late.when(replace(denying, reason_code="29")).records_a(
        ClaimDenied, prevented_by=("timely_filing.passed",)
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"denied_on": TOMORROW_EVERYWHERE}, "claim.date"),
        ({"line": 2}, "claim.line_unknown"),
        ({"reason_code": "x"}, "claim.reason_code"),
        ({"remarks": ("x",)}, "claim.remarks"),
        ({"remarks": ("N1",) * 51}, "claim.remarks"),
        ({"amount": usd("0")}, "claim.amount"),
    ],
)
def test_an_impossible_denial_is_refused(changed: dict[str, Any], code: str) -> None:
    claim().when(replace(denying, **changed)).refused(code)


def test_only_what_was_sent_is_denied() -> None:
    given(Claim, drafted, charged).when(denying).refused("claim.not_submitted")
    claim(paid_in_full, closed).when(denying).refused("claim.closed")


def test_every_rule_that_prevents_a_category_is_there() -> None:
    for category in DenialCategory:
        assert rules_against(category) <= {*RULES}
    assert category_of("29") is DenialCategory.TIMELY_FILING
    assert category_of("999") is DenialCategory.OTHER


# --- appealed ------------------------------------------------------------------------------------


def test_a_denial_is_appealed_in_time() -> None:
    claim(denied).when(appealing).records(appealed)
    assert claim(denied, appealed).state.status is ClaimStatus.APPEALED
    short = replace(denied, appeal_by=date(2026, 2, 28))
    claim(short).when(appealing).refused(
        "claim.appeal_window_closed", field="appealed_on", value="2026-03-01"
    )
    claim(replace(denied, appeal_by=MARCH_1)).when(appealing).records_a(ClaimAppealed)


def test_an_appeal_waits_for_its_decision() -> None:
    claim(denied, appealed).when(appealing).refused("claim.appeal_pending")
    claim(denied).when(deciding).refused("claim.no_appeal")


def test_what_is_upheld_is_appealed_at_the_next_level_until_there_is_none() -> None:
    claim(denied, appealed).when(deciding).records(upheld)
    claim(denied, appealed, upheld).when(replace(appealing, appealed_on=MARCH_10)).records_a(
        ClaimAppealed, level=2, level_name="reconsideration"
    )
    fifth = replace(appealed, level=5)
    claim(denied, fifth).when(deciding).records_a(ClaimAppealDecided, level=5, appeal_by=None)
    last = replace(upheld, level=5, appeal_by=None)
    claim(denied, fifth, last).when(replace(appealing, appealed_on=MARCH_10)).refused(
        "claim.appeals_exhausted", levels=5
    )


def test_what_is_overturned_is_resolved() -> None:
    overturning = replace(deciding, outcome=AppealOutcome.OVERTURNED)
    claim(denied, appealed).when(overturning).records(
        replace(upheld, outcome=AppealOutcome.OVERTURNED, overturned=usd("100.00"), appeal_by=None),
        replace(resolved, resolution=DenialResolution.OVERTURNED),
    )
    after = claim(denied, appealed).when(overturning).then()
    assert after.state.status is ClaimStatus.ADJUDICATED


def test_what_is_partly_overturned_leaves_the_rest() -> None:
    partly = replace(deciding, outcome=AppealOutcome.PARTLY_OVERTURNED, overturned=usd("60"))
    claim(denied, appealed).when(partly).records_a(ClaimAppealDecided, overturned=usd("60.00"))
    after = claim(denied, appealed).when(partly).then()
    assert [each.amount for each in after.state.denials.open] == [usd("40.00")]
    assert after.state.status is ClaimStatus.DENIED
    claim(denied, appealed).when(replace(partly, overturned=None)).refused("claim.amount")
    claim(denied, appealed).when(replace(partly, overturned=usd("100"))).refused("claim.overturned")


@pytest.mark.parametrize(
    ("command", "facts"),
    [
        (replace(appealing, appealed_on=NEW_YEAR), (denied,)),
        (replace(deciding, decided_on=NEW_YEAR), (denied, appealed)),
        (replace(resolving, resolved_on=NEW_YEAR), (denied,)),
    ],
)
def test_nothing_is_done_before_what_it_answers(command: Command, facts: tuple[Any, ...]) -> None:
    claim(*facts).when(command).refused("claim.date_order")


def test_where_nothing_is_agreed_there_is_no_deadline_and_no_last_level() -> None:
    private = replace(MEDICARE, payer_kind=PayerKind.COMMERCIAL)
    claim(payer=private).when(denying).records_a(ClaimDenied, appeal_by=None)
    endless = replace(denied, appeal_by=None)
    claim(endless, payer=private).when(appealing).records_a(ClaimAppealed, level_name=None)
    claim(endless, appealed, payer=private).when(deciding).records_a(
        ClaimAppealDecided, appeal_by=None
    )


# --- resolved ------------------------------------------------------------------------------------


def test_a_denial_is_resolved_once() -> None:
    claim(denied).when(resolving).records(resolved)
    claim(denied, appealed).when(resolving).records(replace(resolved, appeal_pending=True))
    for command in (resolving, appealing, deciding, replace(resolving, denial=2)):
        claim(denied, resolved).when(command).refused("claim.denial_unknown")
    assert claim(denied, resolved).state.status is ClaimStatus.ADJUDICATED


def test_what_was_denied_is_replaced_and_not_sent_as_new() -> None:
    claim(denied).when(submitting).refused("claim.frequency")


def test_a_decision_that_is_taken_back_takes_its_denials_along() -> None:
    taking_back = TakeBackDenials(claim_id=THE_CLAIM, adjudication=1, taken_back_on=MARCH_10)
    other = replace(denied, denial=2, adjudication=2)
    claim(denied, other).when(taking_back).records(
        replace(resolved, resolution=DenialResolution.TAKEN_BACK)
    )
    given(Claim).when(taking_back).records_nothing()
    gone = replace(resolved, resolution=DenialResolution.TAKEN_BACK)
    assert claim(denied, gone).state.status is ClaimStatus.ACCEPTED


def test_a_decision_denies_a_line_for_a_reason_once_whatever_became_of_it() -> None:
    claim(denied, resolved).when(denying).records_nothing()
    claim(denied, resolved).when(replace(denying, adjudication=2)).records_a(ClaimDenied, denial=2)
    by_hand = replace(denied, adjudication=None)
    again = replace(denying, adjudication=None)
    claim(by_hand).when(again).records_nothing()
    claim(by_hand, resolved).when(again).records_a(ClaimDenied, denial=2)
