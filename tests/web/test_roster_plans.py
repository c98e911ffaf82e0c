"""Several departments are planned at once; rosters are proposed; whom the gate kept out is told."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import pytest

from facilities.scope import Role
from tests.web.grammar import Api
from tests.web.test_rosters import MONDAY, TUESDAY, Ward, a_shift

NURSE, NOBODY = "Registered Nurse", "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"
with_solver = pytest.mark.skipif(
    importlib.util.find_spec("ortools") is None, reason="almoner[solver] is not installed"
)


@pytest.fixture
def ward(api: Api) -> Ward:
    return Ward(api)


def another_roster(ward: Ward, kind: str = "outpatient") -> str:
    """Of another department of the ward's facility."""
    opened = {"code": "5W", "title": "Five West", "opened_on": "2026-01-01", "kind": kind}
    department = ward.api.post(f"/facilities/{ward.facility}/departments", opened).id
    drafting = {"department_id": department, "begins_on": MONDAY, "ends_on": "2026-02-01"}
    return ward.api.post(f"/facilities/{ward.facility}/rosters", drafting).responds(201).id


def plans(*each: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"roster_id": roster_id, "shifts": [shift]} for roster_id, shift in each]


def test_several_departments_are_planned_at_once_or_none_is(ward: Ward, api: Api) -> None:
    other = another_roster(ward)
    both = plans((ward.roster, a_shift(MONDAY, ward.blom)), (other, a_shift(MONDAY, ward.blom)))
    refused = api.post("/roster-plans", plans=both).problem(409, "roster.conflicts")
    told = refused["details"]["conflicts"]
    assert [(each["roster_id"], each["shift"], each["code"]) for each in told] == [
        (other, 1, "shift.overlap")
    ]
    assert api.get(f"{ward.path}/shifts").items == []
    both[1]["shifts"] = [a_shift(TUESDAY, ward.blom)]
    rehearsed = api.with_(Almoner_Dry_Run="true").post("/roster-plans", plans=both).responds(200)
    assert [each["facts"] for each in rehearsed.json["rosters"]] == [["roster.shift_planned"]] * 2
    keyed = api.with_(Idempotency_Key="both")
    first = keyed.post("/roster-plans", plans=both).responds(201).json
    assert first["rosters"][1]["warnings"][0]["code"] == "shift.other_department"
    again = keyed.post("/roster-plans", plans=both).responds(201)
    assert again.json == first
    assert again.response.headers["Idempotency-Replayed"] == "true"
    assert len(api.get(f"/facilities/{ward.facility}/roster-board").items) == 2


def test_rosters_one_may_not_plan_are_not_there_and_keep_the_others_back(
    ward: Ward, api: Api
) -> None:
    elsewhere = Ward(api)
    manager = api.as_(Role.FACILITY_MANAGER, ward.facility)
    both = plans((ward.roster, a_shift(MONDAY)), (elsewhere.roster, a_shift(MONDAY)))
    refused = manager.post("/roster-plans", plans=both).problem(409, "roster.conflicts")
    (told,) = refused["details"]["conflicts"]
    assert (told["roster_id"], told["code"]) == (elsewhere.roster, "roster.unknown")
    assert api.get(f"{ward.path}/shifts").items == []
    auditor = api.as_(Role.AUDITOR)
    auditor.post("/roster-plans", plans=both).problem(403, "role.not_permitted")
    stale = api.with_(If_Match='"1"').post("/roster-plans", plans=both)
    stale.problem(400, "if_match.several")


def test_a_plan_of_many_departments_may_be_larger_than_other_requests(api: Api) -> None:
    large = "x" * 1_200_000
    api.post("/roster-plans", colour=large).responds(422)
    api.post("/facilities", colour=large).responds(413)
    api.post("/roster-plans", colour=large * 8).responds(413)


def test_whom_the_gate_keeps_off_a_roster_is_on_record_where_the_kind_of_department_asks(
    ward: Ward, api: Api
) -> None:
    emergency = another_roster(ward, "emergency")
    required = {"kind": "license", "job": NURSE, "department_kind": "emergency"}
    api.post("/credential-requirements", required | {"valid_from": "2020-01-01"}).responds(201)
    api.post(f"{ward.path}/plan", shifts=[a_shift(TUESDAY, ward.blom)]).responds(201)
    shifts = [a_shift(MONDAY, ward.blom), a_shift(MONDAY, ward.cho)]
    at = f"/rosters/{emergency}/plan"
    api.with_(Almoner_Dry_Run="true").post(at, shifts=shifts).problem(409, "roster.conflicts")
    assert api.get(f"/facilities/{ward.facility}/gate-refusals").items == []
    both = plans((ward.roster, a_shift("2026-01-08")), (emergency, shifts[0]))
    api.post("/roster-plans", plans=both).problem(409, "roster.conflicts")
    api.post(at, shifts=shifts).problem(409, "roster.conflicts")
    api.reached[0] = api.almoner.ledger.head()
    found = api.get(f"/facilities/{ward.facility}/gate-refusals").items
    assert {each["staff_id"] for each in found} == {ward.blom, ward.cho}
    assert {(each["department_kind"], each["work_from"], each["code"]) for each in found} == {
        ("emergency", MONDAY, "credential.missing")
    }
    assert len(found) == 2
    assert len(api.get(f"{ward.path}/shifts").items) == 1


def test_no_day_of_a_department_is_in_two_rosters(ward: Ward, api: Api) -> None:
    again = {"department_id": ward.department, "begins_on": "2026-01-20", "ends_on": "2026-03-01"}
    refused = api.post(f"/facilities/{ward.facility}/rosters", again)
    told = refused.problem(409, "roster.period_taken")
    assert told["details"]["roster_id"] == ward.roster


@with_solver
def test_a_roster_is_proposed_and_then_planned(ward: Ward, api: Api) -> None:
    demand = [
        {"on": on, "starts": "07:00", "ends": "19:00", "job": job, "needed": 2, "minimum": 1}
        for on, job in ((MONDAY, NURSE), (TUESDAY, NURSE), (TUESDAY, "Physician"))
    ]
    asked = {"demand": demand, "effort": 2}
    at = f"{ward.path}/proposals"
    told = api.with_(Almoner_Dry_Run="true").post(at, asked).responds(200).json
    assert [set(each["staff_ids"]) for each in told["shifts"]] == [
        {ward.blom, ward.cho},
        {ward.blom, ward.cho},
        set(),
    ]
    assert (told["places"], told["filled"], told["best"]) == (6, 4, True)
    (short,) = told["uncovered"]
    assert (short["shift"], short["below_minimum"]) == (3, True)
    assert short["reasons"] == [{"code": "shift.job", "people": 2}]
    assert api.get(f"{ward.path}/shifts").items == []
    planned = api.with_(Idempotency_Key="proposal").post(at, asked).responds(201).json
    assert planned["shifts"] == told["shifts"]
    assert len(api.get(f"{ward.path}/shifts").items) == 3
    api.with_(Idempotency_Key="proposal").post(at, asked).problem(409, "idempotency_key.reused")


def test_a_proposal_that_cannot_be_is_refused(
    ward: Ward, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"{ward.path}/proposals"
    api.post(at, demand=[], effort=31).problem(409, "proposal.effort")
    api.post(at, demand=[], seed=-1).problem(409, "proposal.seed")
    api.post(at, demand=[a_shift(MONDAY, ward.blom)]).problem(409, "proposal.demand")
    api.post("/rosters/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10/proposals", demand=[]).problem(
        404, "roster.unknown"
    )
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", None)
    missing = api.post(at, demand=[]).problem(501, "solver.missing")
    assert "pip install 'almoner[solver]'" in missing["detail"]


@with_solver
def test_a_proposal_tells_nothing_of_people_of_other_facilities(ward: Ward, api: Api) -> None:
    elsewhere = Ward(api)
    manager = api.as_(Role.FACILITY_MANAGER, ward.facility).with_(Almoner_Dry_Run="true")
    shift = a_shift(MONDAY)
    for asked in (
        lambda person: {"demand": [shift], "staff_ids": [person]},
        lambda person: {"demand": [a_shift(MONDAY, person)]},
        lambda person: {
            "demand": [shift],
            "staff_ids": [ward.blom],
            "preferences": [{"staff_id": person, "on": MONDAY, "weight": 3}],
        },
    ):
        theirs, nobodys = (
            manager.post(f"{ward.path}/proposals", {**asked(each), "effort": 1}).response
            for each in (elsewhere.blom, NOBODY)
        )
        assert theirs.status_code == nobodys.status_code < 500
        assert theirs.text.replace(elsewhere.blom, NOBODY) == nobodys.text
