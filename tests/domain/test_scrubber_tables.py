"""The scrubber's rules that look beyond the claim: tables, other claims, and who rendered it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import Entail, Standing
from domain.revenue.claim import Claim
from domain.revenue.events.claim import ClaimFrequency, ClaimType, Code
from domain.revenue.events.code_table import (
    CareSetting,
    CodeEntry,
    CodePageStanding,
    CodeTable,
    CodeTableStanding,
    page_of,
    table_of,
)
from domain.revenue.events.preparation import ClaimScrubbed
from domain.revenue.events.service_register import (
    BilledService,
    RegisterStanding,
    ServicesEntered,
    register_of,
)
from domain.revenue.scrubber.tables import consulted
from domain.revenue.service_register import EnterServices, ServiceRegister
from domain.workforce.events.credential import CredentialStanding
from domain.workforce.events.held import (
    CredentialKind,
    CredentialTerm,
    FindingCode,
    HeldCredential,
    Override,
    Span,
    credentials_of,
)
from tests.domain.claims import submitted, submitting
from tests.domain.places import (
    A_PATIENT,
    AN_NPI,
    ANOTHER_NPI,
    DAY_BEFORE_NEW_YEAR,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    riverside_is_open,
)
from tests.domain.test_code_table import an_edition, the_table
from tests.domain.test_scrubber import clean, found, hospital, line, room, scrubbing
from tests.grammar import given

PRACTITIONER, OUTPATIENT = CareSetting.PRACTITIONER, CareSetting.OUTPATIENT_HOSPITAL
OTHER_CLAIM = UUID("018f0000-0000-7000-8000-000000000052")


def a_page(
    of: CodeTable, page: str, *entries: CodeEntry, setting: CareSetting = CareSetting.ANY
) -> CodePageStanding:
    says = {each.code: each for each in entries}
    return CodePageStanding(
        kind="code_page",
        id=page_of(of, setting, page),
        open=True,
        status="listed",
        listings=((NEW_YEAR, says),),
    )


def of_setting(setting: CareSetting, table: CodeTableStanding, of: CodeTable) -> CodeTableStanding:
    return replace(table, id=table_of(of, setting))


# --- codes -------------------------------------------------------------------------------------

DIAGNOSES = the_table(an_edition(NEW_YEAR, "J45"))
KNOWN = a_page(CodeTable.ICD_10_CM, "J45", CodeEntry(code="J45909"))


def test_a_diagnosis_is_in_the_table_where_one_is_loaded() -> None:
    assert found([clean, line], DIAGNOSES, KNOWN) == {}
    told = found([clean, line], DIAGNOSES, replace(KNOWN, listings=()))
    assert [each.field for each in told["diagnosis.unknown"]] == ["diagnoses"]
    told = found([clean, line], DIAGNOSES)
    assert [*told] == ["diagnosis.unknown"]
    elsewhere = replace(DIAGNOSES, editions=(an_edition(NEW_YEAR, "I10"),))
    assert [*found([clean, line], elsewhere, KNOWN)] == ["diagnosis.unknown"]


def test_a_code_counts_by_the_table_of_its_day() -> None:
    later = replace(DIAGNOSES, editions=(an_edition(MARCH_1, "J45"),))
    assert found([clean, line], later) == {}
    ended = a_page(
        CodeTable.ICD_10_CM, "J45", CodeEntry(code="J45909", valid_to=DAY_BEFORE_NEW_YEAR)
    )
    assert [*found([clean, line], DIAGNOSES, ended)] == ["diagnosis.unknown"]


def test_a_procedure_is_in_the_table_and_level_one_only_where_it_is_loaded() -> None:
    table = the_table(an_edition(NEW_YEAR, "G0"), of=CodeTable.HCPCS)
    level_two = replace(line, procedure=Code(system="HCPCS", value="G0008"))
    listed = a_page(CodeTable.HCPCS, "G0", CodeEntry(code="G0008"))
    assert found([clean, line], table) == {}
    assert found([clean, level_two], table, listed) == {}
    told = found([clean, level_two], table, a_page(CodeTable.HCPCS, "G0"))
    assert [(each.line, each.field) for each in told["line.procedure_unknown"]] == [
        (1, "procedure")
    ]
    with_level_one = replace(table, editions=(an_edition(NEW_YEAR, "99"),))
    visits = a_page(CodeTable.HCPCS, "99", CodeEntry(code="99214"))
    assert [*found([clean, line], with_level_one, visits)] == ["line.procedure_unknown"]


# --- correct coding ------------------------------------------------------------------------------

PAIRS = the_table(an_edition(NEW_YEAR, "99213"), of=CodeTable.NCCI_PTP)
LIMITS = the_table(an_edition(NEW_YEAR, "99"), of=CodeTable.NCCI_MUE)
drawn = replace(line, entry=2, line=2, procedure=Code(system="CPT", value="36415"))


def never(indicator: str = "0", **days: Any) -> CodePageStanding:
    pair = CodeEntry(code="36415", indicator=indicator, **days)
    return a_page(CodeTable.NCCI_PTP, "99213", pair, setting=PRACTITIONER)


def test_of_a_pair_one_is_not_billed() -> None:
    told = found([clean, line, drawn], PAIRS, never())
    assert [(each.line, each.field) for each in told["ncci.pair"]] == [(2, "procedure")]
    assert "36415 is never paid beside 99213 (line 1)" in told["ncci.pair"][0].message
    assert [*found([clean, line, replace(drawn, modifiers=("59",))], PAIRS, never())] == [
        "ncci.pair"
    ]
    assert found([clean, line], PAIRS, never()) == {}


def test_a_modifier_sets_a_pair_apart_where_one_may() -> None:
    told = found([clean, line, drawn], PAIRS, never("1"))
    assert [(each.line, each.field) for each in told["ncci.pair"]] == [(2, "modifiers")]
    for modifier in ("59", "XU", "25"):
        apart = replace(drawn, modifiers=(modifier,))
        assert found([clean, line, apart], PAIRS, never("1")) == {}
    assert found([clean, line, drawn], PAIRS, never("9")) == {}


@pytest.mark.parametrize(
    "other",
    [
        replace(drawn, service_on=date(2026, 1, 2)),
        replace(drawn, rendering_npi=ANOTHER_NPI),
    ],
)
def test_a_pair_is_of_one_day_and_one_provider(other: Any) -> None:
    assert found([clean, line, other], PAIRS, never()) == {}


def test_a_pair_holds_on_its_own_days() -> None:
    before = never(valid_to=DAY_BEFORE_NEW_YEAR)
    later = never(valid_from=FEBRUARY_1)
    for each in (before, later):
        assert found([clean, line, drawn], PAIRS, each) == {}
    newer = replace(PAIRS, editions=(an_edition(MARCH_1, "99213"),))
    assert [*found([clean, line, drawn], newer, never())] == ["ncci.pair"]


def at_most(units: int, indicator: str) -> CodePageStanding:
    limit = CodeEntry(code="99213", units=units, indicator=indicator)
    return a_page(CodeTable.NCCI_MUE, "99", limit, setting=PRACTITIONER)


def test_no_more_units_are_billed_than_are_likely() -> None:
    many = replace(line, units=3, modifiers=("76",))
    more = replace(many, entry=2, line=2)
    assert found([clean, many, more], LIMITS, at_most(3, "1")) == {}
    told = found([clean, many, more], LIMITS, at_most(2, "1"))
    assert [(each.line, each.field) for each in told["ncci.units"]] == [(1, "units"), (2, "units")]
    told = found([clean, many, more], LIMITS, at_most(5, "2"))
    assert [each.message for each in told["ncci.units"]] == [
        "6 units of 99213 are billed, and 5 of a day are likely."
    ]
    assert found([clean, many, more], LIMITS, at_most(6, "3")) == {}
    unlimited = a_page(
        CodeTable.NCCI_MUE, "99", CodeEntry(code="99213", indicator="2"), setting=PRACTITIONER
    )
    assert found([clean, many], LIMITS, unlimited) == {}


def test_hospitals_have_tables_of_their_own_and_inpatients_none() -> None:
    outpatient = of_setting(OUTPATIENT, PAIRS, CodeTable.NCCI_PTP)
    pair = replace(never(), id=page_of(CodeTable.NCCI_PTP, OUTPATIENT, "99213"))
    services = [room, replace(room, entry=2, line=2, procedure=drawn.procedure)]
    assert found([hospital(), *services], outpatient, pair) == {}
    assert [*found([hospital(type_of_bill="0131"), *services], outpatient, pair)] == ["ncci.pair"]
    inpatient = given(Claim, hospital(), room).state
    assert table_of(CodeTable.NCCI_PTP, OUTPATIENT) not in {*consulted(inpatient)}
    assert inpatient.claim_type is ClaimType.INSTITUTIONAL


# --- other claims --------------------------------------------------------------------------------

VISIT = BilledService(
    service_on=line.service_on,
    procedure="99213",
    modifiers=(),
    rendering_npi=AN_NPI,
)
entered = ServicesEntered(
    register_id=register_of(RIVERSIDE, A_PATIENT),
    facility_id=RIVERSIDE,
    patient_id=A_PATIENT,
    claim_id=THE_CLAIM,
    services=(VISIT,),
)
entering = EnterServices(
    facility_id=RIVERSIDE, patient_id=A_PATIENT, claim_id=THE_CLAIM, services=(VISIT,)
)


def the_register(claim_id: UUID = OTHER_CLAIM, **service: Any) -> RegisterStanding:
    return RegisterStanding(
        kind="service_register",
        id=register_of(RIVERSIDE, A_PATIENT),
        open=True,
        status="kept",
        facility_id=RIVERSIDE,
        claims=((claim_id, frozenset({replace(VISIT, **service)})),),
    )


def test_what_another_claim_bills_is_not_billed_again() -> None:
    told = found([clean, line], the_register())
    assert [(each.line, each.field) for each in told["claim.duplicate"]] == [(1, "procedure")]
    assert str(OTHER_CLAIM) in told["claim.duplicate"][0].message
    assert found([clean, line], the_register(THE_CLAIM)) == {}
    assert found([clean, line], the_register(procedure="99214")) == {}
    again = replace(line, modifiers=("76",))
    assert found([clean, again], the_register(modifiers=("76",))) == {}


def test_a_claim_is_entered_when_it_is_scrubbed_and_taken_out_when_it_is_void() -> None:
    claim = given(Claim, clean, line).knowing(riverside_is_open())
    _, entail = claim.when(scrubbing).decided
    assert entail == Entail(entering)
    scrubbed = next(e for e in claim.when(scrubbing).decided if isinstance(e, ClaimScrubbed))
    void = replace(submitting, frequency=ClaimFrequency.VOID, payer_control_number="ICN-1")
    sent = given(Claim, clean, line, scrubbed, submitted).knowing(riverside_is_open())
    assert Entail(replace(entering, services=())) in sent.when(void).decided


def test_of_a_claim_that_is_not_there_no_register_is_looked_at() -> None:
    given(Claim).when(scrubbing).refused("claim.closed")


def test_the_register_knows_what_each_claim_bills() -> None:
    given(ServiceRegister).when(entering).records(entered)
    there = given(ServiceRegister, entered)
    there.when(entering).records_nothing()
    taken_out = replace(entered, services=())
    there.when(replace(entering, services=())).records(taken_out)
    assert given(ServiceRegister, entered, taken_out).state.claims == {}
    assert there.stands(entered.register_id) == the_register(THE_CLAIM)
    given(ServiceRegister).when(replace(entering, services=())).records_nothing()


# --- who rendered it -----------------------------------------------------------------------------

LICENSE = HeldCredential(
    credential_id=UUID(int=7),
    kind=CredentialKind.LICENSE,
    title="MD",
    number="1",
    issuer="Board of Medicine",
    state="NY",
    terms=(CredentialTerm(valid_from=date(2025, 1, 1), valid_to=MARCH_1, verified_on=NEW_YEAR),),
)
by_her = replace(line, rendering_staff_id=DR_ADEYEMI)


def holding(*credentials: HeldCredential, **more: Any) -> CredentialStanding:
    return CredentialStanding(
        kind="credential",
        id=credentials_of(DR_ADEYEMI),
        open=True,
        status="on file",
        credentials=credentials,
        **more,
    )


@pytest.mark.parametrize(
    "held",
    [
        holding(),
        holding(LICENSE),
        holding(replace(LICENSE, terms=()), LICENSE),
        holding(replace(LICENSE, revoked_on=MARCH_1)),
        holding(replace(LICENSE, terms=(replace(LICENSE.terms[0], valid_to=None),))),
        holding(replace(LICENSE, kind=CredentialKind.BOARD, terms=())),
    ],
)
def test_a_license_that_is_in_force_on_the_day_is_enough(held: Standing) -> None:
    assert found([clean, by_her], held) == {}
    assert found([clean, line], held) == {}


@pytest.mark.parametrize(
    "held",
    [
        replace(LICENSE, terms=(replace(LICENSE.terms[0], verified_on=None),)),
        replace(LICENSE, terms=(replace(LICENSE.terms[0], valid_to=DAY_BEFORE_NEW_YEAR),)),
        replace(LICENSE, terms=(replace(LICENSE.terms[0], valid_from=FEBRUARY_1),)),
        replace(LICENSE, revoked_on=NEW_YEAR),
        replace(LICENSE, suspensions=(Span(since=DAY_BEFORE_NEW_YEAR),)),
    ],
)
def test_without_one_nothing_is_billed_unless_that_is_overridden(held: HeldCredential) -> None:
    told = found([clean, by_her], holding(held))
    assert [(each.line, each.field) for each in told["rendering.not_licensed"]] == [
        (1, "rendering_staff_id")
    ]
    waived = Override(
        override_id=UUID(int=8),
        work_facility_id=RIVERSIDE,
        finding=FindingCode.EXPIRED,
        kind=CredentialKind.LICENSE,
        title="MD",
        valid_from=NEW_YEAR,
        valid_to=MARCH_1,
    )
    assert found([clean, by_her], holding(held, overrides=(waived,))) == {}
    elsewhere = replace(waived, work_facility_id=HILLTOP)
    assert [*found([clean, by_her], holding(held, overrides=(elsewhere,)))] == [
        "rendering.not_licensed"
    ]


def test_of_whom_federal_programs_exclude_nothing_is_billed() -> None:
    excluded = holding(LICENSE, exclusions=(Span(since=NEW_YEAR),))
    told = found([clean, by_her], excluded)
    assert [(each.line, each.source) for each in told["rendering.excluded"]] == [
        (1, "42 CFR 1001.1901")
    ]
    later = holding(LICENSE, exclusions=(Span(since=MARCH_1),))
    assert found([clean, by_her], later) == {}
