"""What a payer says beforehand: asked for, pended, approved or denied, and drawn on by claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import AGGREGATES, Command
from domain.revenue.events.authorization import (
    AuthorizationAppealed,
    AuthorizationApproved,
    AuthorizationDenied,
    AuthorizationGivenBack,
    AuthorizationPended,
    AuthorizationRequested,
    AuthorizationStanding,
    AuthorizationUsed,
)
from domain.revenue.events.claim import Code
from domain.revenue.prior_authorization import (
    AppealAuthorization,
    ApproveAuthorization,
    DenyAuthorization,
    GiveAuthorizationBack,
    PendAuthorization,
    PriorAuthorization,
    RequestAuthorization,
    UseAuthorization,
)
from tests.domain.places import (
    A_PATIENT,
    AETHER_HEALTH,
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.grammar import NOW, Given, an_open, given

THE_AUTHORIZATION = UUID("018f0000-0000-7000-8000-000000000071")
ANOTHER_CLAIM = UUID("018f0000-0000-7000-8000-000000000052")
KNEE = Code(system="CPT", value="27447")
ASKED_AT = NOW - timedelta(days=60)
WHOSE: dict[str, Any] = {
    "authorization_id": THE_AUTHORIZATION,
    "facility_id": RIVERSIDE,
    "payer_id": AETHER_HEALTH,
}
requesting = RequestAuthorization(
    **WHOSE, patient_id=A_PATIENT, procedures=(KNEE,), requested_at=ASKED_AT, units=2
)
requested = AuthorizationRequested(
    **WHOSE,
    patient_id=A_PATIENT,
    procedures=(KNEE,),
    units=2,
    expedited=False,
    requested_on=ASKED_AT.date(),
    requested_at=ASKED_AT,
    decide_by=ASKED_AT + timedelta(days=7),
)
pending = PendAuthorization(
    authorization_id=THE_AUTHORIZATION, wanted="the imaging report", pended_on=FEBRUARY_1
)
pended = AuthorizationPended(**WHOSE, wanted="the imaging report", pended_on=FEBRUARY_1)
approving = ApproveAuthorization(
    authorization_id=THE_AUTHORIZATION,
    number="PA-1",
    units=2,
    valid_from=NEW_YEAR,
    valid_to=MARCH_1,
    approved_on=FEBRUARY_1,
)
approved = AuthorizationApproved(
    **WHOSE, number="PA-1", units=2, valid_from=NEW_YEAR, valid_to=MARCH_1, approved_on=FEBRUARY_1
)
denying = DenyAuthorization(
    authorization_id=THE_AUTHORIZATION, reason="Not necessary", denied_on=FEBRUARY_1
)
denied = AuthorizationDenied(**WHOSE, reason="Not necessary", denied_on=FEBRUARY_1)
appealing = AppealAuthorization(
    authorization_id=THE_AUTHORIZATION, grounds="It is", appealed_on=MARCH_1
)
appealed = AuthorizationAppealed(**WHOSE, grounds="It is", appealed_on=MARCH_1)
using = UseAuthorization(
    authorization_id=THE_AUTHORIZATION, claim_id=THE_CLAIM, units=1, used_on=MARCH_1
)
used = AuthorizationUsed(**WHOSE, claim_id=THE_CLAIM, units=1, units_left=1, used_on=MARCH_1)
giving_back = GiveAuthorizationBack(
    authorization_id=THE_AUTHORIZATION, claim_id=THE_CLAIM, given_back_on=MARCH_1
)


def authorization(*facts: Any) -> Given:
    return given(PriorAuthorization, *facts).knowing(
        riverside_is_open(), an_open("payer", AETHER_HEALTH)
    )


def test_a_payer_is_asked_and_its_clock_runs() -> None:
    authorization().when(requesting).records(requested)
    authorization().when(replace(requesting, expedited=True)).records_a(
        AuthorizationRequested, decide_by=ASKED_AT + timedelta(hours=72)
    )
    authorization(requested).when(requesting).refused("prior_authorization.already_requested")


def test_a_payer_is_asked_by_an_open_facility_about_something() -> None:
    given(PriorAuthorization).when(requesting).refused("facility.unknown")
    given(PriorAuthorization).knowing(riverside_is_open()).when(requesting).refused("payer.unknown")
    authorization().when(replace(requesting, procedures=())).refused(
        "prior_authorization.procedures"
    )
    authorization().when(replace(requesting, procedures=(KNEE,) * 51)).refused(
        "prior_authorization.procedures"
    )
    authorization().when(replace(requesting, requested_at=NOW + timedelta(minutes=1))).refused(
        "prior_authorization.date"
    )


def test_it_is_pended_approved_or_denied_and_appealed() -> None:
    authorization(requested).when(pending).records(pended)
    authorization(requested, pended).when(approving).records(approved)
    authorization(requested).when(denying).records(denied)
    authorization(requested, denied).when(appealing).records(appealed)
    authorization(requested, denied, appealed).when(approving).records(approved)


@pytest.mark.parametrize("command", [pending, approving, denying])
def test_only_what_waits_is_decided(command: Command) -> None:
    authorization(requested, approved).when(command).refused(
        "prior_authorization.status", status="approved"
    )


@pytest.mark.parametrize("command", [appealing, using])
def test_only_a_denial_is_appealed_and_only_an_approval_used(command: Command) -> None:
    authorization(requested).when(command).refused("prior_authorization.status")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(approving, valid_to=NEW_YEAR - timedelta(days=1)), "date_order"),
        (replace(approving, approved_on=NEW_YEAR), "date_order"),
        (replace(approving, approved_on=TOMORROW_EVERYWHERE), "date"),
        (replace(approving, units=0), "quantity"),
        (replace(approving, number=""), "text"),
    ],
)
def test_an_impossible_approval_is_refused(command: Command, code: str) -> None:
    authorization(requested).when(command).refused(f"prior_authorization.{code}")


def test_a_claim_draws_units_and_draws_them_once() -> None:
    there = authorization(requested, approved)
    there.when(using).records(used)
    authorization(requested, approved, used).when(using).records_nothing()
    authorization(requested, approved, used).when(replace(using, units=2)).records_a(
        AuthorizationUsed, units=2, units_left=0
    )


def test_no_more_is_drawn_than_is_left() -> None:
    there = authorization(requested, approved, used)
    there.when(replace(using, claim_id=ANOTHER_CLAIM, units=2)).refused(
        "prior_authorization.units_left", value=2
    )


def test_a_claim_that_is_voided_gives_its_units_back() -> None:
    there = authorization(requested, approved, used)
    there.when(giving_back).records(
        AuthorizationGivenBack(
            **WHOSE, claim_id=THE_CLAIM, units=1, units_left=2, given_back_on=MARCH_1
        )
    )
    there.when(giving_back).then().when(giving_back).records_nothing()


def test_others_know_how_much_is_left_for_whom() -> None:
    tell: Any = AGGREGATES["prior_authorization"].standing
    told = tell(authorization(requested, approved, used).state, THE_AUTHORIZATION)
    assert isinstance(told, AuthorizationStanding)
    assert (told.left_for(THE_CLAIM), told.left_for(ANOTHER_CLAIM)) == (2, 1)
    assert (told.open, told.number) == (True, "PA-1")
