"""The scrubber: what each rule finds, on a claim that is otherwise clean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel import CONSULTED, Standing
from domain.revenue.claim import Claim
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.drafting import AmendClaim
from domain.revenue.events.authorization import AuthorizationStanding
from domain.revenue.events.claim import SELF_PAY, ClaimType, Code
from domain.revenue.events.contract import (
    ContractStanding,
    ContractTerms,
    FilingLimit,
    TermsVersion,
    contract_of,
)
from domain.revenue.events.form import ClaimForm, Coverage
from domain.revenue.events.payer import PayerKind, PayerStanding
from domain.revenue.events.preparation import ClaimAuthorized, ClaimFinding, ClaimScrubbed, Severity
from domain.revenue.events.service_register import register_of
from domain.revenue.preparation import AuthorizeClaim, ScrubClaim
from domain.revenue.scrubber import RULES, RULES_VERSION
from domain.revenue.scrubber.tables import consulted
from domain.revenue.submission import SubmitClaim
from domain.workforce.events.held import credentials_of
from tests.domain.claims import (
    charged,
    charging,
    closed,
    drafted,
    paid_in_full,
    submitted,
    submitting,
)
from tests.domain.places import (
    A_PATIENT,
    AETHER_HEALTH,
    AN_NPI,
    DR_ADEYEMI,
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.domain.test_prior_authorization import KNEE, THE_AUTHORIZATION
from tests.grammar import Given, a_closed, given

ASTHMA = Code(system="ICD-10-CM", value="J45.909")
CLEAN_FORM = ClaimForm(place_of_service="11", rendering_npi=AN_NPI)
clean = replace(drafted, diagnoses=(ASTHMA,), form=CLEAN_FORM, coverage=Coverage(member_id="W123"))
line = replace(charged, diagnosis_pointers=(1,))
scrubbing = ScrubClaim(claim_id=THE_CLAIM)
CONTRACT = ContractStanding(
    kind="payer_contract",
    id=contract_of(AETHER_HEALTH),
    open=True,
    status="in force",
    versions=(
        TermsVersion(
            version=1,
            valid_from=NEW_YEAR,
            terms=ContractTerms(filing=FilingLimit(count=90), authorization_for=("99*",)),
        ),
    ),
)
APPROVAL = AuthorizationStanding(
    kind="prior_authorization",
    id=THE_AUTHORIZATION,
    open=True,
    status="approved",
    facility_id=RIVERSIDE,
    patient_id=A_PATIENT,
    payer_id=AETHER_HEALTH,
    procedures=(charged.procedure,),
    number="PA-1",
    units=2,
    valid_from=NEW_YEAR,
    valid_to=MARCH_1,
    used=(),
)
authorizing = AuthorizeClaim(
    claim_id=THE_CLAIM, authorization_id=THE_AUTHORIZATION, authorized_on=FEBRUARY_1
)
authorized = ClaimAuthorized(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    authorization_id=THE_AUTHORIZATION,
    number="PA-1",
    authorized_on=FEBRUARY_1,
)


def found(facts: Iterable[Any], *standings: Standing) -> dict[str, list[ClaimFinding]]:
    """What the scrubber finds, by rule."""
    told = given(Claim, *facts).knowing(riverside_is_open(), *standings)
    fact, _entered = told.when(scrubbing).decided
    assert isinstance(fact, ClaimScrubbed)
    by_rule: dict[str, list[ClaimFinding]] = {}
    for each in fact.findings:
        by_rule.setdefault(each.rule, []).append(each)
    assert fact.clean == all(each.severity is Severity.WARNING for each in fact.findings)
    return by_rule


def form(**changed: Any) -> Any:
    return replace(clean, form=replace(CLEAN_FORM, **changed))


def hospital(**changed: Any) -> Any:
    """A clean institutional claim, but for what is changed."""
    stated: dict[str, Any] = {
        "type_of_bill": "0111",
        "discharge_status": "01",
        "attending_npi": AN_NPI,
        **changed,
    }
    return replace(clean, claim_type=ClaimType.INSTITUTIONAL, form=ClaimForm(**stated))


room = replace(line, revenue_code="0120")


def test_a_clean_claim_is_clean() -> None:
    assert found([clean, line]) == {}
    assert found([hospital(), room]) == {}
    alone = replace(clean, payer_id=SELF_PAY, diagnoses=(), coverage=None)
    assert found([alone, replace(line, diagnosis_pointers=())]) == {}


@pytest.mark.parametrize(
    ("facts", "rule", "where"),
    [
        ([clean], "claim.lines_missing", (None, "lines")),
        ([replace(clean, diagnoses=()), line], "claim.diagnosis_missing", (None, "diagnoses")),
        ([replace(clean, coverage=None), line], "claim.member_id_missing", (None, "coverage")),
        ([form(place_of_service=None), line], "claim.place_of_service", (1, "place_of_service")),
        ([form(place_of_service="77"), line], "claim.place_of_service", (1, "place_of_service")),
        ([form(rendering_npi=None), line], "claim.rendering_missing", (1, "rendering_npi")),
        ([form(rendering_npi="1234567890"), line], "provider.npi", (None, "rendering_npi")),
        ([clean, replace(line, rendering_npi="1")], "provider.npi", (1, "rendering_npi")),
        ([hospital(type_of_bill=None), room], "claim.type_of_bill", (None, "type_of_bill")),
        ([hospital(type_of_bill="111"), room], "claim.type_of_bill", (None, "type_of_bill")),
        (
            [hospital(discharge_status=None), room],
            "claim.discharge_status_missing",
            (None, "discharge_status"),
        ),
        ([hospital(attending_npi=None), room], "claim.attending_missing", (None, "attending_npi")),
        ([hospital(), line], "line.revenue_code", (1, "revenue_code")),
        ([hospital(), replace(line, revenue_code="12")], "line.revenue_code", (1, "revenue_code")),
        (
            [form(service_through=date(2025, 12, 1)), line],
            "line.date_outside",
            (None, "service_through"),
        ),
        (
            [clean, replace(line, service_on=date(2025, 12, 31))],
            "line.date_outside",
            (1, "service_on"),
        ),
        (
            [replace(clean, diagnoses=(Code(system="SNOMED-CT", value="1"),)), line],
            "diagnosis.code_set",
            (None, "diagnoses"),
        ),
        (
            [replace(clean, diagnoses=(Code(system="ICD-10-CM", value="U9"),)), line],
            "diagnosis.shape",
            (None, "diagnoses"),
        ),
        (
            [replace(clean, diagnoses=(ASTHMA,) * 2), line],
            "diagnosis.repeated",
            (None, "diagnoses"),
        ),
        (
            [clean, replace(line, procedure=Code(system="local", value="1"))],
            "line.procedure_code_set",
            (1, "procedure"),
        ),
        (
            [clean, replace(line, procedure=Code(system="CPT", value="9921"))],
            "line.procedure_shape",
            (1, "procedure"),
        ),
        (
            [clean, replace(line, diagnosis_pointers=())],
            "line.pointer_missing",
            (1, "diagnosis_pointers"),
        ),
        (
            [clean, replace(line, modifiers=("25", "25"))],
            "line.modifier_repeated",
            (1, "modifiers"),
        ),
        ([clean, replace(line, amount=Decimal(0))], "line.charge_zero", (1, "unit_amount")),
        ([clean, line, replace(line, entry=2, line=2)], "line.duplicate", (2, "procedure")),
    ],
)
def test_each_rule_names_the_line_and_the_field(
    facts: list[Any], rule: str, where: tuple[int | None, str]
) -> None:
    told = found(facts)
    assert [*told] == [rule]
    assert [(each.line, each.field) for each in told[rule]] == [where]
    assert told[rule][0].source == RULES[rule].source


def test_who_rendered_it_may_be_said_line_by_line() -> None:
    assert found([form(rendering_npi=None), replace(line, rendering_npi=AN_NPI)]) == {}


def test_the_same_may_be_billed_again_with_a_modifier_that_says_so() -> None:
    again = replace(line, entry=2, line=2, modifiers=("76",))
    assert found([clean, line, again]) == {}


# --- the payer -----------------------------------------------------------------------------------


def test_what_needs_an_authorization_is_found_without_one() -> None:
    assert [*found([clean, line], CONTRACT)] == ["authorization.missing"]
    assert found([form(authorization_number="PA-9"), line], CONTRACT) == {}
    assert found([clean, line, authorized], CONTRACT, APPROVAL) == {}
    other = replace(line, procedure=Code(system="HCPCS", value="G0008"))
    assert found([clean, other], CONTRACT) == {}


@pytest.mark.parametrize(
    ("approval", "rule"),
    [
        (replace(APPROVAL, open=False, status="denied"), "authorization.not_valid"),
        (replace(APPROVAL, patient_id=RIVERSIDE), "authorization.not_valid"),
        (replace(APPROVAL, valid_to=date(2025, 12, 31)), "authorization.not_valid"),
        (replace(APPROVAL, valid_from=date(2026, 1, 2)), "authorization.not_valid"),
        (replace(APPROVAL, used=((RIVERSIDE, 1),)), "authorization.units_left"),
    ],
)
def test_an_authorization_that_does_not_hold_is_found(
    approval: AuthorizationStanding, rule: str
) -> None:
    assert [*found([clean, line, authorized], approval)] == [rule]


def test_an_open_end_holds() -> None:
    endless = replace(APPROVAL, valid_from=None, valid_to=None)
    assert found([clean, line, authorized], endless) == {}


def test_a_payers_rule_is_switched_off() -> None:
    terms = replace(CONTRACT.versions[0].terms, rules_off=("authorization.missing",))
    lenient = replace(CONTRACT, versions=(replace(CONTRACT.versions[0], terms=terms),))
    assert found([clean, line], lenient) == {}


def test_a_claim_is_filed_in_time() -> None:
    def service(day: date) -> list[Any]:
        return [
            replace(clean, service_on=day, form=replace(CLEAN_FORM, authorization_number="1")),
            replace(line, service_on=day),
        ]

    medicare = PayerStanding(
        kind="payer", id=AETHER_HEALTH, open=True, status="open", payer_kind=PayerKind.MEDICARE
    )
    assert [*found(service(date(2025, 3, 13)), medicare)] == ["timely_filing.passed"]
    assert [*found(service(date(2025, 3, 14)), medicare)] == ["timely_filing.soon"]
    assert found(service(date(2025, 6, 1)), medicare) == {}
    assert found([*service(date(2025, 3, 13)), submitted], medicare) == {}
    private = replace(medicare, payer_kind=PayerKind.COMMERCIAL)
    assert found(service(date(2020, 3, 13)), private) == {}


def test_who_may_not_work_does_not_render() -> None:
    by_her = replace(line, rendering_staff_id=DR_ADEYEMI)
    gone = a_closed("staff_member", DR_ADEYEMI)
    told = found([clean, by_her], gone)
    assert [each.line for each in told["rendering.not_at_work"]] == [1]
    assert (
        found([replace(clean, rendering_staff_id=DR_ADEYEMI), line], replace(gone, open=True)) == {}
    )


def test_every_rule_says_what_it_asks_for_and_where_that_is_from() -> None:
    assert all(each.meaning and each.source for each in RULES.values())


# --- the claim -----------------------------------------------------------------------------------


def at_hand(*facts: Any) -> Given:
    return given(Claim, *facts).knowing(riverside_is_open(), APPROVAL)


def test_a_clean_claim_is_scrubbed_and_what_changes_it_undoes_that() -> None:
    there = at_hand(clean, line).when(scrubbing).then()
    assert there.state.status is ClaimStatus.SCRUBBED
    for command in (
        charging,
        AmendClaim(claim_id=THE_CLAIM, amended_on=FEBRUARY_1, form=ClaimForm()),
    ):
        assert there.when(command).then().state.status is ClaimStatus.DRAFTED
    there.when(scrubbing).records_a(ClaimScrubbed, times=2, clean=True)
    assert RULES_VERSION == 2


def test_a_claim_that_is_not_clean_stays_a_draft_and_one_that_was_sent_stays_sent() -> None:
    assert at_hand(clean).when(scrubbing).then().state.status is ClaimStatus.DRAFTED
    sent = at_hand(clean, line, submitted).when(scrubbing).then()
    assert sent.state.status is ClaimStatus.SUBMITTED
    at_hand(clean, line, paid_in_full, closed).when(scrubbing).refused("claim.closed")


def test_a_claim_rests_on_an_authorization_of_its_patient_and_payer() -> None:
    at_hand(clean, line).when(authorizing).records(authorized)
    at_hand(clean, line, authorized).when(authorizing).records_nothing()
    assert at_hand(clean, authorized).state.form.authorization_number == "PA-1"
    given(Claim, clean).knowing(riverside_is_open()).when(authorizing).refused(
        "prior_authorization.unknown"
    )
    for wrong, code in (
        (replace(APPROVAL, number=None), "claim.not_authorized"),
        (replace(APPROVAL, patient_id=RIVERSIDE), "claim.authorization"),
    ):
        given(Claim, clean).knowing(riverside_is_open(), wrong).when(authorizing).refused(code)
    at_hand(clean).when(replace(authorizing, authorized_on=TOMORROW_EVERYWHERE)).refused(
        "claim.date"
    )


def test_a_line_for_something_else_draws_nothing() -> None:
    assert given(Claim, clean, line).state.units_for((KNEE,)) == 0


def test_the_rules_look_at_payer_contract_authorization_and_staff() -> None:
    by_her = replace(line, rendering_staff_id=DR_ADEYEMI)
    state = given(Claim, clean, by_her, authorized).state
    looked_at = {AETHER_HEALTH, contract_of(AETHER_HEALTH), THE_AUTHORIZATION}
    of_others = {DR_ADEYEMI, credentials_of(DR_ADEYEMI), register_of(RIVERSIDE, A_PATIENT)}
    tables = {*consulted(state)}
    assert {*CONSULTED[ScrubClaim](state, scrubbing)} == {*looked_at, *of_others, *tables}
    assert {*CONSULTED[SubmitClaim](state, submitting)} == looked_at
    alone = given(Claim, replace(clean, payer_id=SELF_PAY), line).state
    assert looked_at.isdisjoint(CONSULTED[ScrubClaim](alone, scrubbing))
    assert [*CONSULTED[SubmitClaim](alone, submitting)] == []
