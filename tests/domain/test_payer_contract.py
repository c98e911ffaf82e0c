"""What is agreed with a payer: versions of its terms, its fees, and what is in force on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel import AGGREGATES
from domain.revenue.events.contract import (
    MEDICARE_TERMS,
    AppealLevel,
    ClockStart,
    ContractStanding,
    ContractTerms,
    ContractTermsAgreed,
    Fee,
    FeeSchedulePublished,
    FeesListed,
    FilingLimit,
    contract_of,
)
from domain.revenue.payer_contract import (
    AgreeContractTerms,
    ListFees,
    PayerContract,
    PublishFeeSchedule,
)
from tests.domain.places import AETHER_HEALTH, BEACON_MUTUAL, LONG_AGO, MARCH_1, NEW_YEAR
from tests.grammar import Given, an_open, given

CONTRACT = contract_of(AETHER_HEALTH)
NINETY_DAYS = ContractTerms(
    filing=FilingLimit(count=90),
    appeals=(AppealLevel(name="first level", days=60),),
    authorization_for=("70553", "27*"),
)
A_VISIT = Fee(procedure="99213", amount=Decimal("92.5"))
agreeing = AgreeContractTerms(payer_id=AETHER_HEALTH, valid_from=NEW_YEAR, terms=NINETY_DAYS)
agreed = ContractTermsAgreed(
    contract_id=CONTRACT, payer_id=AETHER_HEALTH, version=1, terms=NINETY_DAYS, valid_from=NEW_YEAR
)
listing = ListFees(payer_id=AETHER_HEALTH, schedule="2026", currency="USD", fees=(A_VISIT,))
listed = FeesListed(
    contract_id=CONTRACT,
    payer_id=AETHER_HEALTH,
    schedule="2026",
    currency="USD",
    fees=(replace(A_VISIT, amount=Decimal("92.50")),),
    listed=1,
)
publishing = PublishFeeSchedule(
    payer_id=AETHER_HEALTH, schedule="2026", valid_from=NEW_YEAR, fees=1
)
published = FeeSchedulePublished(
    contract_id=CONTRACT, payer_id=AETHER_HEALTH, schedule="2026", fees=1, valid_from=NEW_YEAR
)


def contract(*facts: Any) -> Given:
    return given(PayerContract, *facts).knowing(an_open("payer", AETHER_HEALTH))


def standing(*facts: Any) -> ContractStanding:
    tell: Any = AGGREGATES["payer_contract"].standing
    told = tell(contract(*facts).state, CONTRACT)
    assert isinstance(told, ContractStanding)
    return told


# --- terms ---------------------------------------------------------------------------------------


def test_terms_are_agreed_version_by_version() -> None:
    contract().when(agreeing).records(agreed)
    contract(agreed).when(agreeing).records_nothing()
    contract(agreed).when(replace(agreeing, valid_from=MARCH_1)).records_a(
        ContractTermsAgreed, version=2, valid_from=MARCH_1
    )


def test_a_contract_is_that_of_its_payer() -> None:
    given(PayerContract).when(agreeing).refused("payer.unknown")
    assert {each.contract_id for each in (agreeing, listing, publishing)} == {CONTRACT}
    assert replace(agreeing, payer_id=BEACON_MUTUAL).contract_id != CONTRACT


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (replace(NINETY_DAYS, filing=FilingLimit(count=0)), "payer_contract.filing"),
        (replace(NINETY_DAYS, appeals=(AppealLevel(name="", days=1),)), "payer_contract.text"),
        (replace(NINETY_DAYS, appeals=(AppealLevel(name="a", days=0),)), "payer_contract.appeals"),
        (replace(NINETY_DAYS, tolerance=Decimal(-1)), "payer_contract.amount"),
    ],
)
def test_impossible_terms_are_refused(terms: ContractTerms, code: str) -> None:
    contract().when(replace(agreeing, terms=terms)).refused(code)


def test_terms_begin_on_a_day_there_is() -> None:
    contract().when(replace(agreeing, valid_from=LONG_AGO)).refused("payer_contract.date")


def test_the_version_in_force_on_the_day_holds_whatever_came_later() -> None:
    later = replace(agreed, version=2, valid_from=MARCH_1)
    put_right = replace(agreed, version=3, terms=MEDICARE_TERMS)
    told = standing(agreed, later, put_right)

    def version_on(day: date) -> int | None:
        found = told.terms_on(day)
        return None if found is None else found.version

    assert version_on(date(2025, 12, 31)) is None
    assert version_on(NEW_YEAR) == 3
    assert version_on(MARCH_1) == 2
    assert (told.open, standing().open) == (True, False)


def test_what_needs_an_authorization_is_named_whole_or_by_its_beginning() -> None:
    asked = {each: NINETY_DAYS.needs_authorization(each) for each in ("70553", "27447", "70551")}
    assert asked == {"70553": True, "27447": True, "70551": False}


@pytest.mark.parametrize(
    ("limit", "service_on", "through", "last"),
    [
        (FilingLimit(count=90), date(2026, 1, 1), None, date(2026, 4, 1)),
        (FilingLimit(count=90), date(2026, 1, 1), date(2026, 1, 5), date(2026, 4, 5)),
        (
            FilingLimit(count=90, starts=ClockStart.SERVICE),
            date(2026, 1, 1),
            date(2026, 1, 5),
            date(2026, 4, 1),
        ),
        (MEDICARE_TERMS.filing, date(2025, 3, 14), None, date(2026, 3, 14)),
        (MEDICARE_TERMS.filing, date(2024, 2, 29), None, date(2025, 2, 28)),
    ],
)
def test_a_claim_is_filed_by_a_last_day(
    limit: FilingLimit, service_on: date, through: date | None, last: date
) -> None:
    assert limit.last_day(service_on, through) == last


def test_medicare_has_five_levels_of_appeal() -> None:
    assert [each.days for each in MEDICARE_TERMS.appeals] == [120, 180, 60, 60, 60]


# --- fees ----------------------------------------------------------------------------------------


def test_a_schedule_is_listed_in_parts_and_then_published() -> None:
    contract(agreed).when(listing).records(listed)
    contract(agreed, listed).when(listing).records_nothing()
    more = replace(listing, fees=(A_VISIT, Fee(procedure="70553", amount=Decimal(400))))
    contract(agreed, listed).when(more).records_a(
        FeesListed, listed=2, fees=(Fee(procedure="70553", amount=Decimal("400.00")),)
    )
    contract(agreed, listed).when(publishing).records(published)
    contract(agreed, listed, published).when(publishing).records_nothing()


def test_a_published_schedule_stays_as_it_is() -> None:
    in_force = contract(agreed, listed, published)
    in_force.when(listing).refused("payer_contract.published")
    in_force.when(replace(publishing, valid_from=MARCH_1)).refused("payer_contract.published")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"currency": "XXX"}, "payer_contract.currency"),
        ({"currency": "EUR"}, "payer_contract.currency"),
        ({"schedule": " "}, "payer_contract.text"),
        ({"fees": (A_VISIT,) * 1_001}, "payer_contract.fees"),
        (
            {"fees": (replace(A_VISIT, procedure="9921"), replace(A_VISIT, procedure="x"))},
            "payer_contract.procedure",
        ),
        ({"fees": (replace(A_VISIT, modifier="2"),)}, "payer_contract.modifier"),
        ({"fees": (replace(A_VISIT, amount=Decimal("1.001")),)}, "payer_contract.amount"),
    ],
)
def test_an_impossible_fee_is_refused(changed: dict[str, Any], code: str) -> None:
    contract(agreed, listed).when(replace(listing, **changed)).refused(code)


def test_only_a_whole_schedule_of_an_agreed_contract_is_published() -> None:
    contract().when(listing).refused("payer_contract.no_terms")
    contract().when(publishing).refused("payer_contract.no_terms")
    contract(agreed).when(publishing).refused("payer_contract.schedule")
    contract(agreed, listed).when(replace(publishing, fees=2)).refused("payer_contract.fees")
    contract(agreed, listed).when(replace(publishing, valid_from=LONG_AGO)).refused(
        "payer_contract.date"
    )


def test_the_schedule_in_force_on_the_day_tells_the_fee_of_a_modifier_first() -> None:
    of_25 = replace(A_VISIT, modifier="25", amount=Decimal("110.00"))
    next_year = replace(published, schedule="2027", valid_from=MARCH_1)
    told = standing(
        agreed,
        replace(listed, fees=(A_VISIT, of_25)),
        published,
        replace(listed, schedule="2027", fees=(of_25,)),
        next_year,
        replace(listed, schedule="2028"),
    )
    assert told.fees_on(date(2025, 12, 31)) is None
    january, march = told.fees_on(NEW_YEAR), told.fees_on(MARCH_1)
    assert january is not None
    assert march is not None
    assert january.allows("99213", ()) == Decimal("92.5")
    assert january.allows("99213", ("59", "25")) == Decimal("110.00")
    assert (january.allows("70553", ()), march.name) == (None, "2027")
