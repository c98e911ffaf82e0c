"""The calendar of the whole program: what is due is what the read models show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from facilities.calendar import Calendar
from facilities.database import Database
from facilities.scope import Role
from projections import queries
from tests.conftest import MASTERS, copied
from tests.web.grammar import Api
from web import due
from web.bootstrap import Almoner

YESTERDAY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
"""A day that is over everywhere."""


@pytest.fixture
def calendar(almoner: Almoner) -> Iterator[Calendar]:
    """The program's calendar, looked at when a test does."""
    made = almoner.calendar()
    yield made
    made.stop()


def a_nurse(api: Api, facility: str) -> str:
    """Someone registered at a facility."""
    person = {"full_name": "Staff Member 1", "job": "nurse", "registered_on": "2020-01-01"}
    return api.post(f"/facilities/{facility}/staff", person).responds(201).id


def assigned(api: Api, staff_id: str, facility: str, last_day: str, share: int = 50) -> int:
    """Someone is assigned to a facility, to a planned last day; returns the position."""
    position = api.post(
        f"/staff/{staff_id}/assignments",
        facility_id=facility,
        valid_from="2020-02-01",
        valid_to=last_day,
        share=share,
    ).json["position"]
    return int(position)


def test_a_planned_last_day_that_has_passed_ends_the_assignment(
    api: Api, calendar: Calendar
) -> None:
    facility, elsewhere = api.a_facility(), api.a_facility(legal_name="Hilltop", zone="Asia/Tokyo")
    nurse = a_nurse(api, facility)
    assigned(api, nurse, elsewhere, YESTERDAY)
    before = assigned(api, nurse, facility, "2199-12-31")
    (row,) = api.get(f"/facilities/{elsewhere}/assignments-ending").items
    assert (row["staff_id"], row["department_id"], row["share"]) == (nurse, None, 50)
    assert (row["begins_on"], row["ends_on"]) == ("2020-02-01", YESTERDAY)
    assert calendar.run_due() == 1
    api.reached[0] = api.almoner.ledger.head()
    assert [each["ends_on"] for each in api.get("/system/assignments-ending").items] == [
        "2199-12-31"
    ]
    assert api.get(f"/facilities/{elsewhere}/staff").items == []
    told = api.get(f"/streams/{nurse}/events").items[-1]
    assert told["fact"] == "staff_member.assignment_ended"
    assert (told["actor"], told["role"]) == ("calendar", "service")
    assert told["content"]["ended_on"] == YESTERDAY
    past = api.get("/system/assignments-ending", as_of=str(before)).items
    assert [each["ends_on"] for each in past] == [YESTERDAY, "2199-12-31"]


def test_a_manager_sees_whose_work_ends_at_their_facility_only(api: Api) -> None:
    facility, elsewhere = api.a_facility(), api.a_facility(legal_name="Hilltop")
    nurse = a_nurse(api, facility)
    assigned(api, nurse, facility, "2199-01-31")
    assigned(api, nurse, elsewhere, "2199-12-31")
    manager = api.as_(Role.FACILITY_MANAGER, elsewhere)
    (row,) = manager.get(f"/facilities/{elsewhere}/assignments-ending").items
    assert row["ends_on"] == "2199-12-31"
    manager.get(f"/facilities/{facility}/assignments-ending").problem(404, "facility.unknown")
    soon = f"/facilities/{elsewhere}/assignments-ending"
    assert api.get(soon, ends_on_to="2199-11-30").items == []


def test_what_a_read_model_does_not_show_yet_is_not_left_undone(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(due, "PATIENCE", 0.01)
    with Almoner.on(database, masters=MASTERS) as almoner, almoner.runner() as runner:
        api, calendar = Api.of(almoner), almoner.calendar()
        facility = api.a_facility()
        nurse = a_nurse(api, facility)
        runner.run_until(almoner.ledger.head())
        position = assigned(api, nurse, facility, YESTERDAY)
        assert calendar.run_due() == 0
        assert "assignments_end: interrupted, to be gone on with" in caplog.text
        runner.run_until(position)
        assert calendar.run_due() == 1
        calendar.stop()


def test_where_nothing_has_been_folded_yet_the_calendar_waits(
    server: Database, template: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "PATIENCE", 0.01)
    with copied(server, template) as empty, Almoner.on(empty, masters=MASTERS) as almoner:
        calendar = almoner.calendar()
        with pytest.raises(TimeoutError, match="facility_directory"):
            calendar.run_due()
        with almoner.runner() as runner:
            runner.run_until(0)
        assert calendar.run_due() == 0
        calendar.stop()


def test_every_row_that_is_due_is_found_over_all_pages(
    api: Api, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LARGEST_PAGE", 2)
    facilities = [api.a_facility(legal_name=f"Clinic {number}") for number in range(3)]
    nurses = [a_nurse(api, facilities[0]) for _ in range(5)]
    for nurse in nurses:
        for facility in facilities[:2]:
            assigned(api, nurse, facility, YESTERDAY)
    # A facility that has just opened is seen at the next look only.
    assert len(api.get("/facilities").items) == 3
    assert calendar.run_due() == 10
    assert almoner_has_ended(api) == {UUID(each) for each in nurses}


def almoner_has_ended(api: Api) -> set[UUID]:
    """Whose assignments were ended."""
    return {
        each.stream_id
        for each in api.almoner.ledger.read(0, 1000)
        if each.fact.name == "staff_member.assignment_ended"
    }


def test_an_installment_that_was_not_paid_by_its_day_is_missed_once(
    api: Api, calendar: Calendar
) -> None:
    facility, patient = api.a_facility(), "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"
    api.a_charge(claim := api.a_claim(facility), "90.00")
    account = api.post(
        f"/facilities/{facility}/patients/{patient}/payment-plans",
        amount="90.00",
        installments=3,
        first_due_on="2026-01-31",
        agreed_on="2026-01-10",
    ).responds(201)
    paid = {"claim_id": claim, "method": "card", "paid_on": "2026-01-30"}
    api.post(f"/patient-accounts/{account.id}/installments", amount="30.00", **paid).responds(201)
    # A facility that has just opened is seen at the next look only.
    assert len(api.get(f"/facilities/{facility}/payment-plans").items) == 1
    assert calendar.run_due() == 2
    api.reached[0] = api.almoner.ledger.head()
    (plan,) = api.get(f"/facilities/{facility}/payment-plans").items
    assert (plan["missed_installments"], plan["behind"]) == ([2, 3], "60.00")
    assert calendar.run_due() == 0
