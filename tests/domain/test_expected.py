"""What is expected for a claim when it goes out, and what it draws of its authorization."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.kernel import Entail, Standing
from domain.revenue.claim import Claim
from domain.revenue.events.claim import SELF_PAY, ClaimFrequency, Code, Party
from domain.revenue.events.contract import ContractTerms, FeeSchedule, FilingLimit, TermsVersion
from domain.revenue.events.payer import PayerKind, PayerStanding
from domain.revenue.events.preparation import ClaimPriced, ExpectedLine
from domain.revenue.prior_authorization import GiveAuthorizationBack, UseAuthorization
from domain.revenue.submission import SubmitClaim
from tests.domain.claims import charged, drafted, submitted, submitting
from tests.domain.places import (
    AETHER_HEALTH,
    BEACON_MUTUAL,
    FEBRUARY_1,
    NEW_YEAR,
    THE_CLAIM,
    riverside_is_open,
)
from tests.domain.test_claim_on_its_way import accepted
from tests.domain.test_prior_authorization import THE_AUTHORIZATION
from tests.domain.test_scrubber import APPROVAL, CONTRACT, authorized
from tests.grammar import Given, given

numbered = replace(drafted, control_number="RH-1")
SCHEDULE = FeeSchedule(
    name="2026",
    currency="USD",
    valid_from=NEW_YEAR,
    fees={("99213", None): Decimal("40.005")},
)
WITH_FEES = replace(CONTRACT, schedules=(SCHEDULE,))
another_line = replace(
    charged, entry=2, line=2, procedure=Code(system="CPT", value="70553"), units=1
)


def claim(*standings: Standing, facts: tuple[object, ...] = (charged,)) -> Given:
    return given(Claim, numbered, *facts).knowing(riverside_is_open(), *standings)  # type: ignore[arg-type]


def test_what_is_expected_is_worked_out_by_what_was_in_force_on_the_day() -> None:
    claim(WITH_FEES).when(submitting).records_a(
        ClaimPriced,
        terms_version=1,
        fee_schedule="2026",
        lines=(ExpectedLine(line=1, allowed=Decimal("80.01")),),
        expected=Decimal("80.01"),
        file_by=date(2026, 4, 1),
        priced_on=FEBRUARY_1,
    )


def test_a_schedule_that_lacks_a_line_or_is_in_another_currency_expects_nothing() -> None:
    claim(WITH_FEES, facts=(charged, another_line)).when(submitting).records_a(
        ClaimPriced, expected=None
    )
    euros = replace(WITH_FEES, schedules=(replace(SCHEDULE, currency="EUR"),))
    claim(euros).when(submitting).records_a(ClaimPriced, fee_schedule=None, expected=None)
    fees_only = replace(WITH_FEES, versions=())
    claim(fees_only).when(submitting).records_a(
        ClaimPriced, terms_version=None, expected=Decimal("80.01"), file_by=None
    )


def test_medicares_own_terms_hold_where_nothing_else_is_agreed() -> None:
    medicare = PayerStanding(
        kind="payer", id=AETHER_HEALTH, open=True, status="open", payer_kind=PayerKind.MEDICARE
    )
    claim(medicare).when(submitting).records_a(
        ClaimPriced, terms_version=0, file_by=date(2027, 1, 1)
    )
    later = TermsVersion(
        version=1,
        valid_from=FEBRUARY_1,
        terms=ContractTerms(filing=FilingLimit(count=30)),
    )
    claim(medicare, replace(CONTRACT, versions=(later,))).when(submitting).records_a(
        ClaimPriced, terms_version=0
    )


def test_what_is_expected_changes_nothing_of_the_claim() -> None:
    sent = claim(WITH_FEES).when(submitting).then().state
    assert sent == claim().when(submitting).then().state


def test_nothing_is_expected_of_a_payer_without_a_contract_nor_of_the_patient() -> None:
    claim().when(submitting).records(submitted)
    claim(WITH_FEES).when(replace(submitting, submitted_to=Party.PATIENT)).records(
        replace(submitted, submitted_to=Party.PATIENT, sent_to=None)
    )
    second = replace(submitting, submitted_to=Party.SECONDARY_PAYER)
    given(Claim, replace(numbered, secondary_payer_id=BEACON_MUTUAL), charged).knowing(
        riverside_is_open(), WITH_FEES
    ).when(second).records(
        replace(submitted, submitted_to=Party.SECONDARY_PAYER, sent_to=BEACON_MUTUAL)
    )
    alone = given(Claim, replace(numbered, payer_id=SELF_PAY), charged)
    alone.when(submitting).records(
        replace(submitted, payer_id=SELF_PAY, submitted_to=Party.PATIENT, sent_to=None)
    )


def test_a_claim_that_goes_out_draws_its_units_and_a_void_returns_them() -> None:
    rests = claim(APPROVAL, facts=(charged, authorized))
    rests.when(submitting).records(
        submitted,
        Entail(
            UseAuthorization(
                authorization_id=THE_AUTHORIZATION,
                claim_id=THE_CLAIM,
                units=2,
                used_on=FEBRUARY_1,
            )
        ),
    )
    voiding = SubmitClaim(
        claim_id=THE_CLAIM, submitted_on=FEBRUARY_1, frequency=ClaimFrequency.VOID
    )
    claim(APPROVAL, facts=(charged, authorized, submitted, accepted)).when(voiding).records(
        replace(submitted, frequency=ClaimFrequency.VOID, payer_control_number="P-7"),
        Entail(
            GiveAuthorizationBack(
                authorization_id=THE_AUTHORIZATION, claim_id=THE_CLAIM, given_back_on=FEBRUARY_1
            )
        ),
    )
    elsewhere = replace(APPROVAL, procedures=())
    claim(elsewhere, facts=(charged, authorized)).when(submitting).records(submitted)
