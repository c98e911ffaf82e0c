"""Credentials through the API: shown, verified, asked for at the gate, run out by the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from facilities.scope import Role
from tests.web.grammar import Api

TODAY = datetime.now(UTC).date()
NURSE = "registered nurse"


def day(days: int) -> str:
    """A day, so many from today."""
    return (TODAY + timedelta(days=days)).isoformat()


def a_nurse(api: Api, facility: str, name: str = "Staff Member 1") -> str:
    """Someone registered at a facility."""
    person = {"full_name": name, "job": NURSE, "registered_on": "2020-01-01"}
    return api.post(f"/facilities/{facility}/staff", person).responds(201).id


def a_license(api: Api, facility: str, nurse: str, ends_on: str, number: str = "1") -> str:
    """A license of the nurse, which its source confirmed; returns its id."""
    api.post(
        f"/facilities/{facility}/staff/{nurse}/credentials",
        kind="license",
        issuer="Board of Nursing",
        number=number,
        state="NY",
        valid_from="2020-01-01",
        valid_to=ends_on,
    ).responds(201)
    (row,) = api.get(f"/facilities/{facility}/credentials", staff_id=nurse).items
    api.post(
        f"/staff/{nurse}/credentials/{row['credential_id']}/verifications",
        verified_on=day(-1),
        verified_by="Medical staff office",
        source="Nursys",
    ).responds(201)
    return str(row["credential_id"])


def a_shift(job: str = NURSE) -> dict[str, Any]:
    """Tonight, into tomorrow."""
    begins = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return {
        "job": job,
        "begins_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=30)).isoformat(),
    }


def test_a_nurse_whose_license_runs_out_tonight_is_refused_and_somebody_answers_for_her(
    api: Api,
) -> None:
    facility = api.a_facility(zone="UTC")
    nurse, chief = a_nurse(api, facility), a_nurse(api, facility, "Staff Member 2")
    a_license(api, facility, nurse, day(0))
    required = {"kind": "license", "job": NURSE, "valid_from": "2020-01-01"}
    api.post("/credential-requirements", required).responds(201)
    gate = f"/facilities/{facility}/staff/{nurse}"
    answer = api.post(f"{gate}/gate-checks", a_shift()).responds(201)
    assert answer.json["facts"] == ["credential.gate_refused"]
    (refusal,) = api.get(f"/facilities/{facility}/gate-refusals").items
    (found,) = refusal["findings"]
    assert (found["code"], found["on"]) == ("credential.expires_during", day(1))
    waived = {
        "finding": "credential.expires_during",
        "kind": "license",
        "valid_from": day(0),
        "valid_to": day(2),
        "reason": "renewal paid, the board is late",
        "approver_staff_id": chief,
    }
    api.post(f"{gate}/gate-overrides", waived).responds(201)
    assert api.post(f"{gate}/gate-checks", a_shift()).responds(200).json["facts"] == []
    (override,) = api.get("/system/gate-overrides").items
    withdrawal = f"/staff/{nurse}/gate-overrides/{override['override_id']}/withdrawal"
    api.post(withdrawal, withdrawn_on=day(0), reason="the board said no").responds(201)
    (override,) = api.get("/system/gate-overrides").items
    assert override["withdrawn_on"] == day(0)


def test_what_the_work_requires_is_for_the_whole_system_to_decide(api: Api) -> None:
    facility = api.a_facility()
    manager = api.as_(Role.FACILITY_MANAGER, facility)
    required = {"kind": "license", "job": NURSE, "valid_from": "2020-01-01"}
    manager.post("/credential-requirements", required).problem(403, "role.not_permitted")
    api.post("/credential-requirements", required).responds(201)
    (row,) = manager.get("/credential-requirements").items
    ending = f"/credential-requirements/{row['requirement_id']}/ending"
    manager.post(ending, ended_on=day(0)).problem(403, "role.not_permitted")
    api.post(ending, ended_on=day(0)).responds(201)
    assert [each["ends_on"] for each in api.get("/credential-requirements").items] == [day(0)]


def test_a_manager_keeps_the_files_of_those_at_home_in_their_facility(api: Api) -> None:
    own, other = api.a_facility(), api.a_facility(legal_name="Other")
    nurse, stranger = a_nurse(api, own), a_nurse(api, other)
    license_id = a_license(api, other, stranger, day(400), "2")
    manager = api.as_(Role.FACILITY_MANAGER, own)
    a_license(manager, own, nurse, day(400))
    theirs = f"/staff/{stranger}/credentials/{license_id}/suspension"
    manager.post(theirs, suspended_on=day(-1), reason="x").problem(404, "credential.unknown")
    told = [
        manager.post(
            f"/facilities/{own}/staff/{each}/screenings", screened_on=day(-1), result="clear"
        ).problem(409, "staff_member.unknown")["detail"]
        for each in (stranger, uuid4())
    ]
    assert told == ["There is no such staff member at this facility."] * 2


def test_one_number_is_held_by_one_person(api: Api) -> None:
    facility = api.a_facility()
    a_license(api, facility, a_nurse(api, facility), day(400))
    other = a_nurse(api, facility, "Staff Member 2")
    again = {
        "kind": "license",
        "issuer": "board of  nursing",
        "number": "1",
        "state": "NY",
        "valid_from": "2020-01-01",
    }
    api.post(f"/facilities/{facility}/staff/{other}/credentials", again).problem(
        409, "credential.number_in_use"
    )


def test_midnight_announces_and_lets_lapse_and_a_second_midnight_changes_nothing(api: Api) -> None:
    facility = api.a_facility(zone="UTC")
    for number, days in enumerate((-1, 0, 30, 31, 90, 91)):
        nurse = a_nurse(api, facility, f"Staff Member {number}")
        a_license(api, facility, nurse, day(days), str(number))
    calendar = api.almoner.calendar()
    assert calendar.run_due() == 5
    head = api.reached[0] = api.almoner.ledger.head()
    rows = api.get(f"/facilities/{facility}/credentials").items
    status = {each["ends_on"]: each["status"] for each in rows}
    assert [status[day(days)] for days in (-1, 0, 30, 31, 90, 91)] == [
        "expired",
        "expiring_30",
        "expiring_30",
        "expiring_60",
        "expiring_90",
        "active",
    ]
    (figures,) = api.get("/system/credential-figures").json["items"]
    assert (figures["within_90"], figures["within_60"], figures["within_30"]) == (4, 3, 2)
    assert (figures["held"], figures["active"], figures["expired"]) == (6, 5, 1)
    calendar.stop()
    afterwards = api.almoner.calendar()
    assert afterwards.run_due() == 0
    assert api.almoner.ledger.head() == head
    afterwards.stop()
    soon = api.get("/system/expiring-credentials", ends_on_to=day(60)).items
    assert [each["ends_on"] for each in soon] == [day(0), day(30), day(31)]


def test_the_compliance_office_sees_who_is_to_be_screened_by_when(api: Api) -> None:
    facility = api.a_facility()
    nurse = a_nurse(api, facility)
    (row,) = api.get("/system/exclusion-screenings").items
    assert (row["due_on"], row["screened_on"]) == ("2020-01-01", None)
    screening = {"screened_on": day(-1), "result": "clear"}
    api.post(f"/facilities/{facility}/staff/{nurse}/screenings", screening).responds(201)
    assert api.get("/system/exclusion-screenings", due_on_to=day(0)).items == []
