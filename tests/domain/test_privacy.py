"""The privacy office: legal holds, and erasures that two others must agree to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from domain import rules
from domain.kernel import Command, Release, Reserve, Standing
from domain.privacy.erasure import (
    ApproveErasure,
    BeginErasure,
    CompleteErasure,
    Erasure,
    Kept,
    RequestErasure,
    WithdrawErasure,
)
from domain.privacy.events import (
    ErasureApproved,
    ErasureBegun,
    ErasureCompleted,
    ErasureRequested,
    ErasureWithdrawn,
    HoldScope,
    LegalHoldPlaced,
    LegalHoldReleased,
    RecordKind,
    RetentionRuleAdopted,
    RetentionRuleLifted,
)
from domain.privacy.legal_hold import LegalHold, PlaceLegalHold, ReleaseLegalHold
from domain.privacy.retention import (
    AdoptRetentionRule,
    LiftRetentionRule,
    RetentionRule,
    years_kept,
)
from tests.domain.places import A_PATIENT, RIVERSIDE
from tests.grammar import NOW, TODAY, Given, given

THE_HOLD, THE_ERASURE, THE_KEY = (UUID(int=each) for each in (1, 2, 3))
SOMEBODY_ELSE = UUID(int=4)

placed = LegalHoldPlaced(
    hold_id=THE_HOLD,
    facility_id=None,
    scope=HoldScope.PERSON,
    subject_id=A_PATIENT,
    matter="Roe v. Riverside",
    custodian="general counsel",
    placed_on=date(2026, 3, 1),
)
released = LegalHoldReleased(
    hold_id=THE_HOLD, facility_id=None, released_on=TODAY, reason="settled"
)


def placing(**fields: Any) -> PlaceLegalHold:
    stated: dict[str, Any] = {
        "scope": HoldScope.PERSON,
        "subject_id": A_PATIENT,
        "matter": "Roe v. Riverside",
        "custodian": "general counsel",
        "placed_on": date(2026, 3, 1),
        **fields,
    }
    return PlaceLegalHold(hold_id=THE_HOLD, **stated)


# --- legal holds -------------------------------------------------------------------------------


def test_a_hold_is_placed_once() -> None:
    given(LegalHold).when(placing()).records(placed)
    given(LegalHold, placed).when(placing()).refused("legal_hold.already_placed")


@pytest.mark.parametrize(
    ("scope", "subject_id", "facility_id", "field"),
    [
        (HoldScope.PERSON, None, None, "subject_id"),
        (HoldScope.PERSON, A_PATIENT, RIVERSIDE, "facility_id"),
        (HoldScope.FACILITY, None, None, "facility_id"),
        (HoldScope.SYSTEM, A_PATIENT, None, "subject_id"),
    ],
)
def test_a_hold_names_what_it_is_on_and_nothing_else(
    scope: HoldScope, subject_id: UUID | None, facility_id: UUID | None, field: str
) -> None:
    given(LegalHold).when(
        placing(scope=scope, subject_id=subject_id, facility_id=facility_id)
    ).refused("legal_hold.scope_unclear", field=field)


def test_a_hold_is_not_placed_tomorrow() -> None:
    given(LegalHold).when(placing(placed_on=date(2026, 4, 1))).refused("legal_hold.date")


def test_a_hold_is_released_once_and_not_before_it_was_placed() -> None:
    release = ReleaseLegalHold(hold_id=THE_HOLD, released_on=TODAY, reason="settled")
    given(LegalHold, placed).when(release).records(released)
    given(LegalHold, placed, released).when(release).refused("legal_hold.already_released")
    early = replace(release, released_on=date(2026, 2, 1))
    given(LegalHold, placed).when(early).refused("legal_hold.date_order")


def test_what_a_hold_keeps() -> None:
    here = frozenset({RIVERSIDE})
    on_a_person = given(LegalHold, placed).state
    assert on_a_person.keeps(A_PATIENT, here)
    assert not on_a_person.keeps(SOMEBODY_ELSE, here)
    on_a_facility = replace(
        placed, scope=HoldScope.FACILITY, subject_id=None, facility_id=RIVERSIDE
    )
    assert given(LegalHold, on_a_facility).state.keeps(SOMEBODY_ELSE, here)
    assert not given(LegalHold, on_a_facility).state.keeps(SOMEBODY_ELSE, frozenset())
    on_everything = replace(placed, scope=HoldScope.SYSTEM, subject_id=None)
    assert given(LegalHold, on_everything).state.keeps(SOMEBODY_ELSE, frozenset())
    assert not given(LegalHold, on_everything, released).state.keeps(A_PATIENT, here)


# --- erasures ----------------------------------------------------------------------------------

requested = ErasureRequested(
    erasure_id=THE_ERASURE, subject_id=A_PATIENT, grounds="asked for it", requested_by="ana"
)
approved_by_ben = ErasureApproved(erasure_id=THE_ERASURE, approved_by="ben", approvals=1)
approved_by_cyd = ErasureApproved(erasure_id=THE_ERASURE, approved_by="cyd", approvals=2)
APPROVED = (requested, approved_by_ben, approved_by_cyd)
begun = ErasureBegun(
    erasure_id=THE_ERASURE,
    key_id=THE_KEY,
    last_in_effect_on=date(2020, 2, 29),
    kept_until=date(2026, 3, 1),
)
completed = ErasureCompleted(erasure_id=THE_ERASURE, facts=3, rows=5, completed_at=NOW)

asking = RequestErasure(erasure_id=THE_ERASURE, subject_id=A_PATIENT, grounds="asked for it")
approving = ApproveErasure(erasure_id=THE_ERASURE)
withdrawing = WithdrawErasure(erasure_id=THE_ERASURE, reason="came back")
claims = Kept(
    records="revenue",
    facility_id=RIVERSIDE,
    last_in_effect_on=date(2020, 2, 29),
    retention_years=6,
)
long_ago = replace(claims, records="supply", last_in_effect_on=date(2001, 1, 1))
beginning = BeginErasure(erasure_id=THE_ERASURE, key_id=THE_KEY, kept=(claims, long_ago))
completing = CompleteErasure(erasure_id=THE_ERASURE, facts=3, rows=5)


def by(actor: str, before: Given) -> Given:
    """The same, when this one gives the command."""
    return replace(before, circumstances=replace(before.circumstances, actor=actor))


def test_an_erasure_is_asked_for_once() -> None:
    by("ana", given(Erasure)).when(asking).records(requested)
    by("ana", given(Erasure, requested)).when(asking).refused("erasure.already_requested")


def test_two_others_approve_it() -> None:
    by("ben", given(Erasure, requested)).when(approving).records(approved_by_ben)
    by("cyd", given(Erasure, requested, approved_by_ben)).when(approving).records(approved_by_cyd)


def test_one_approval_is_one_however_often_it_is_given() -> None:
    by("ben", given(Erasure, requested, approved_by_ben)).when(approving).records_nothing()


def test_who_asked_does_not_approve() -> None:
    by("ana", given(Erasure, requested)).when(approving).refused("erasure.own_request", value="ana")


def test_after_two_approvals_no_third_is_wanted() -> None:
    by("dee", given(Erasure, *APPROVED)).when(approving).refused(
        "erasure.not_ready", status="approved"
    )


def test_it_may_be_withdrawn_until_it_is_begun() -> None:
    withdrawn = ErasureWithdrawn(erasure_id=THE_ERASURE, reason="came back")
    given(Erasure, requested).when(withdrawing).records(withdrawn)
    given(Erasure, *APPROVED).when(withdrawing).records(withdrawn)
    given(Erasure, *APPROVED, begun).when(withdrawing).refused("erasure.not_ready")
    given(Erasure, requested, withdrawn).when(beginning).refused("erasure.not_ready")


def test_with_one_approval_it_is_not_begun() -> None:
    given(Erasure, requested, approved_by_ben).when(beginning).refused("erasure.not_ready")


def test_it_is_begun_the_day_after_retention_ends() -> None:
    given(Erasure, *APPROVED).when(beginning).records(begun)
    first_day = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    given(Erasure, *APPROVED).at(first_day).when(beginning).refused(
        "erasure.retention_not_over", value=date(2026, 3, 1)
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"held_by": (THE_HOLD,)}, "erasure.under_legal_hold"),
        ({"kept": (replace(claims, retention_years=5),)}, "erasure.retention_too_short"),
        ({"kept": (replace(claims, retention_years=7),)}, "erasure.retention_not_over"),
        ({"kept": (claims, replace(long_ago, retention_years=30))}, "erasure.retention_not_over"),
        ({"unsealed": 1}, "erasure.unsealed_facts"),
    ],
)
def test_it_is_not_begun_where_something_stands_in_the_way(
    changed: dict[str, Any], code: str
) -> None:
    command: Command = replace(beginning, **changed)
    given(Erasure, *APPROVED).when(command).refused(code)


def test_of_whom_there_is_nothing_nothing_is_kept() -> None:
    nothing: Command = replace(beginning, kept=())
    at_once = replace(begun, last_in_effect_on=rules.EARLIEST, kept_until=rules.EARLIEST)
    given(Erasure, *APPROVED).when(nothing).records(at_once)


def test_what_is_begun_stays_so() -> None:
    given(Erasure, *APPROVED, begun).when(beginning).records_nothing()
    given(Erasure, *APPROVED, begun, completed).when(beginning).records_nothing()


def test_it_is_completed_once() -> None:
    given(Erasure, *APPROVED, begun).when(completing).records(completed)
    given(Erasure, *APPROVED).when(completing).refused("erasure.not_begun")
    given(Erasure, *APPROVED, begun, completed).when(completing).refused("erasure.not_begun")
    assert given(Erasure, *APPROVED, begun, completed).state.key_id == THE_KEY


# --- retention ---------------------------------------------------------------------------------

THE_RULE = UUID(int=5)
riverside = Standing(kind="facility", id=RIVERSIDE, open=True, status="open", facility_id=RIVERSIDE)
adopted = RetentionRuleAdopted(
    rule_id=THE_RULE,
    at_facility_id=RIVERSIDE,
    records=RecordKind.REVENUE,
    years=10,
    basis="42 CFR 422.504(d)",
)
lifted = RetentionRuleLifted(rule_id=THE_RULE, reason="the law was changed")
adopting = AdoptRetentionRule(
    rule_id=THE_RULE,
    at_facility_id=RIVERSIDE,
    records=RecordKind.REVENUE,
    years=10,
    basis="42 CFR 422.504(d)",
)
lifting = LiftRetentionRule(rule_id=THE_RULE, reason="the law was changed")
THE_KEY_OF_IT = f"{RIVERSIDE}/revenue"


def test_a_rule_is_adopted_once_for_one_kind_of_records_at_one_place() -> None:
    reserved = Reserve("retention_rule", THE_KEY_OF_IT, "retention_rule.already_adopted")
    given(RetentionRule).knowing(riverside).when(adopting).records(reserved, adopted)
    given(RetentionRule, adopted).knowing(riverside).when(adopting).refused(
        "retention_rule.already_adopted"
    )
    given(RetentionRule).when(adopting).refused("facility.unknown", field="at_facility_id")
    for_all: Command = replace(adopting, at_facility_id=None, records=None)
    given(RetentionRule).when(for_all).records(
        replace(reserved, value="system/all"),
        replace(adopted, at_facility_id=None, records=None),
    )


@pytest.mark.parametrize("years", [5, 101])
def test_a_rule_is_within_what_the_law_allows(years: int) -> None:
    command: Command = replace(adopting, years=years)
    given(RetentionRule).knowing(riverside).when(command).refused(
        "retention_rule.years", value=years
    )


def test_a_rule_is_lifted_once() -> None:
    released = Release("retention_rule", THE_KEY_OF_IT)
    given(RetentionRule, adopted).when(lifting).records(released, lifted)
    given(RetentionRule, adopted, lifted).when(lifting).records_nothing()


def test_the_longest_rule_that_is_about_records_counts() -> None:
    here = given(RetentionRule, adopted).state
    everywhere = replace(here, at_facility_id=None, records=None, years=8)
    gone = replace(everywhere, years=50, in_force=False)
    rules_in_force = (here, everywhere, gone)
    assert years_kept(rules_in_force, "revenue", RIVERSIDE, otherwise=6) == 10
    assert years_kept(rules_in_force, "revenue", SOMEBODY_ELSE, otherwise=6) == 8
    assert years_kept(rules_in_force, "workforce", RIVERSIDE, otherwise=20) == 8
    assert years_kept((here, gone), "workforce", RIVERSIDE, otherwise=20) == 20
    assert years_kept((here,), "access", None, otherwise=6) == 6
