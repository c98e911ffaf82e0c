"""Each facility on one line."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from domain.kernel import Fact
from domain.organization.events import (
    Address,
    DepartmentClosed,
    DepartmentKind,
    DepartmentMerged,
    DepartmentOpened,
    FacilityClosed,
    FacilityKind,
    FacilityOpened,
    FacilityReopened,
    FacilitySuspended,
)
from domain.revenue.events.claim import Party
from domain.workforce.events.staff import (
    SeparationReason,
    StaffMemberRegistered,
    StaffMemberSeparated,
)
from projections.kernel import Measure, Minor, Summary
from projections.scorecards import facility_scorecard
from tests.projections.claims import ANOTHER_CLAIM, HILLTOP, RIVERSIDE, Bill
from tests.projections.grammar import added_up, figures, given
from tests.projections.stock import adjusted, counted, issued, listed, of, opened, received

NEW_YEAR, MARCH = date(2026, 1, 1), date(2026, 3, 1)


def facility_opened(facility_id: UUID = RIVERSIDE, currency: str = "USD") -> Fact:
    return FacilityOpened(
        facility_id=facility_id,
        legal_name="Riverside",
        kind=FacilityKind.CLINIC,
        address=Address(),
        zone="UTC",
        currency=currency,
        fiscal_year_start=1,
        phone=None,
        opened_on=NEW_YEAR,
    )


def test_a_facility_counts_while_it_is_not_closed() -> None:
    suspended = FacilitySuspended(facility_id=RIVERSIDE, suspended_on=MARCH, reason="flood")
    closed = FacilityClosed(facility_id=RIVERSIDE, closed_on=MARCH, reason="merger")
    reopened = FacilityReopened(facility_id=RIVERSIDE, reopened_on=MARCH, reason="demand")
    told = [facility_opened()]
    for fact, counts in ((suspended, 1), (reopened, 1), (closed, 0), (reopened, 1)):
        told.append(fact)
        given(facility_scorecard, *told).shows(RIVERSIDE, currency="USD", facilities=counts)


def test_departments_count_while_they_work() -> None:
    def department(number: int) -> dict[str, UUID]:
        return {"department_id": UUID(int=number), "facility_id": RIVERSIDE}

    opened_three = [
        DepartmentOpened(
            **department(number),
            code=str(number),
            title="Department",
            kind=DepartmentKind.OUTPATIENT,
            service_line=None,
            cost_center=None,
            opened_on=NEW_YEAR,
        )
        for number in (1, 2, 3)
    ]
    merged = DepartmentMerged(**department(1), into_department_id=UUID(int=2), merged_on=MARCH)
    closed = DepartmentClosed(**department(3), closed_on=MARCH, reason="demand")
    given(facility_scorecard, *opened_three).shows(RIVERSIDE, departments=3)
    given(facility_scorecard, *opened_three, merged, closed).shows(RIVERSIDE, departments=1)


def test_staff_count_at_home_until_they_leave() -> None:
    someone = UUID(int=7)
    registered = StaffMemberRegistered(
        staff_id=someone,
        facility_id=RIVERSIDE,
        full_name="Staff Member 1",
        job="physician",
        specialty=None,
        npi=None,
        registered_on=NEW_YEAR,
    )
    separated = StaffMemberSeparated(
        staff_id=someone,
        facility_id=RIVERSIDE,
        separated_on=MARCH,
        reason=SeparationReason.RETIREMENT,
        facility_ids=(RIVERSIDE, HILLTOP),
        assignments=(),
    )
    given(facility_scorecard, registered).shows(RIVERSIDE, staff=1)
    given(facility_scorecard, registered, separated).has_no_row(HILLTOP)
    given(facility_scorecard, facility_opened(), registered, separated).shows(RIVERSIDE, staff=0)


def test_claims_are_counted_by_how_far_they_have_come() -> None:
    one, other = Bill(), Bill(ANOTHER_CLAIM)
    told = [one.drafted(), other.drafted(), one.submitted(), one.submitted(), one.closed()]
    given(facility_scorecard, *told).shows(
        RIVERSIDE, claims=2, open_claims=1, closed_claims=1, submissions=2
    )
    given(facility_scorecard, *told, one.reopened()).shows(
        RIVERSIDE, claims=2, open_claims=2, closed_claims=0
    )


def test_money_is_what_still_stands() -> None:
    bill = Bill()
    drafted, charged = bill.drafted(), bill.charged("100.00")
    paid = bill.paid("120.00")
    told = (drafted, charged, paid, bill.transferred("5.00"))
    card = given(facility_scorecard, *told)
    assert figures(card.row(RIVERSIDE)) == {
        "claims": 1,
        "open_claims": 1,
        "entries": 4,
        "charges": 10000,
        "payments": 12000,
        "transfers_out": 500,
        "transfers_in": 500,
        "balance": -2000,
        "patient_balance": 500,
        "credit_balance_claims": 1,
        "credit_balance": -2000,
    }
    given(facility_scorecard, *told, bill.reversed(paid)).shows(
        RIVERSIDE, payments=0, balance=10000, credit_balance_claims=0, credit_balance=0
    )


def test_stock_adds_up_from_the_opening_of_the_books_to_what_is_on_hand() -> None:
    card = given(
        facility_scorecard,
        listed(),
        opened(10, **of("A", 10, 10)),
        received(5, **of("B", 5, 15)),
        issued(3, **of("A", 7, 12)),
        issued(1, **of("B", 4, 11)),
        adjusted(-2, **of("A", 5, 9)),
        counted(4, 1, **of("A", 6, 10)),
    )
    assert figures(card.row(RIVERSIDE)) == {
        "stock_items": 1,
        "stock_issues": 2,
        "stock_units_opened": 10,
        "stock_units_received": 5,
        "stock_units_issued": 4,
        "stock_units_adjusted": -2,
        "stock_units_counted": 1,
    }


def test_the_systems_scorecard_is_the_sum_of_the_facilities_by_currency() -> None:
    osaka = UUID(int=77)
    here, there = Bill(), Bill(ANOTHER_CLAIM, HILLTOP)
    cards = given(
        facility_scorecard,
        facility_opened(),
        facility_opened(HILLTOP),
        facility_opened(osaka, "JPY"),
        here.charged("1.00"),
        there.charged("2.00", Party.PATIENT),
    )
    system = added_up(facility_scorecard, cards.rows.values())
    assert +system["USD",] == {
        "facilities": 2,
        "entries": 2,
        "charges": 300,
        "balance": 300,
        "patient_balance": 200,
    }
    assert +system["JPY",] == {"facilities": 1}


# --- what a summary carries ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    facility_id: UUID
    currency: str
    held: Minor
    notes: Measure


def test_a_summary_starts_without_what_it_carries_and_is_grouped_by_it() -> None:
    till: Summary[Till] = Summary(
        "till", row=Till, dimensions=("facility_id",), carried=("currency",), desk="cashiers"
    )
    assert till.zero((RIVERSIDE,)) == Till(facility_id=RIVERSIDE, currency="", held=0, notes=0)
    assert till.groups == ("currency",)
    assert [each.name for each in till.measures] == ["held", "notes"]


@pytest.mark.parametrize("carried", ["facility_id", "notes", "colour"])
def test_only_a_text_beside_the_key_can_be_carried(carried: str) -> None:
    with pytest.raises(TypeError, match="cannot be carried"):
        Summary(
            "till",
            row=Till,
            dimensions=("facility_id", "currency"),
            carried=(carried,),
            desk="cashiers",
        )


def test_money_without_a_currency_to_tell_it_apart_by_is_not_summed() -> None:
    with pytest.raises(TypeError):
        Summary("till", row=Till, dimensions=("facility_id",), desk="cashiers")
