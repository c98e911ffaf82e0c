"""Rosters over HTTP: a department's week is planned, published, and changes after it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facilities.scope import Role
from tests.web.grammar import Api
from tests.web.test_recalls import until_reacted

MONDAY, TUESDAY = "2026-01-05", "2026-01-06"


def a_shift(on: str, *staff_ids: str, **members: Any) -> dict[str, Any]:
    return {
        "on": on,
        "starts": "07:00",
        "ends": "19:00",
        "job": "Registered Nurse",
        "staff_ids": list(staff_ids),
        **members,
    }


class Ward:
    """A department with two nurses and a roster that is a draft."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.facility = api.a_facility()
        opened = {"code": "4W", "title": "Four West", "opened_on": "2026-01-01"}
        self.department = api.post(f"/facilities/{self.facility}/departments", opened).id
        self.blom, self.cho = self.a_nurse("Ada Blom"), self.a_nurse("Min Cho")
        period = {"begins_on": MONDAY, "ends_on": "2026-02-01"}
        drafting = {"department_id": self.department, **period}
        self.roster = api.post(f"/facilities/{self.facility}/rosters", drafting).id
        self.path = f"/rosters/{self.roster}"

    def a_nurse(self, full_name: str) -> str:
        hired = {
            "full_name": full_name,
            "job": "Registered Nurse",
            "registered_on": "2026-01-01",
        }
        staff_id = self.api.post(f"/facilities/{self.facility}/staff", hired).responds(201).id
        at = {"facility_id": self.facility, "department_id": self.department}
        assigned = {**at, "valid_from": "2026-01-01"}
        self.api.post(f"/staff/{staff_id}/assignments", assigned).responds(201)
        return staff_id


@pytest.fixture
def ward(api: Api) -> Ward:
    return Ward(api)


def test_a_week_is_planned_published_and_shown(ward: Ward, api: Api) -> None:
    planned = [a_shift(MONDAY, ward.blom), a_shift(TUESDAY, ward.cho, needed=2)]
    api.post(f"{ward.path}/plan", shifts=planned).responds(201)
    api.post(f"{ward.path}/publication").responds(201)
    api.get(ward.path).shows(stage="published", warnings=1)
    here = f"/facilities/{ward.facility}"
    board = api.get(f"{here}/roster-board", on_from=MONDAY, on_to=MONDAY).items
    assert [(each["staff_ids"], each["starts_at"]) for each in board] == [
        ([ward.blom], "2026-01-05T12:00:00Z")
    ]
    (gap,) = api.get(f"{here}/coverage-gaps").items
    assert (gap["on"], gap["open_places"], gap["below_minimum"]) == (TUESDAY, 1, False)
    (shift,) = api.get(f"/staff/{ward.blom}/shifts").items
    assert (shift["on"], shift["minutes"], shift["published"]) == (MONDAY, 720, True)


def test_every_conflict_of_a_plan_is_told_and_a_dry_run_records_nothing(
    ward: Ward, api: Api
) -> None:
    bad = [a_shift(MONDAY, ward.blom), a_shift(MONDAY, ward.blom), a_shift("2027-01-01")]
    refused = api.post(f"{ward.path}/plan", shifts=bad).problem(409, "roster.conflicts")
    told = [(each["shift"], each["code"]) for each in refused["details"]["conflicts"]]
    assert told == [(3, "shift.on"), (2, "shift.overlap")]
    week = [a_shift(f"2026-01-0{day}", ward.blom) for day in (5, 6, 7, 8)]
    rehearsed = api.with_(Almoner_Dry_Run="true").post(f"{ward.path}/plan", shifts=week)
    assert rehearsed.responds(200).json["facts"] == ["roster.shift_planned"] * 4
    assert [each["code"] for each in rehearsed.json["warnings"]] == ["shift.overtime"]
    assert api.get(f"{ward.path}/shifts").items == []


def test_a_warning_is_answered_again_with_the_command(ward: Ward, api: Api) -> None:
    week = [a_shift(f"2026-01-0{day}", ward.blom) for day in (5, 6, 7, 8)]
    keyed = api.with_(Idempotency_Key="the-week")
    first = keyed.post(f"{ward.path}/plan", shifts=week).responds(201).json
    again = keyed.post(f"{ward.path}/plan", shifts=week).responds(201).json
    assert first == again
    assert [each["code"] for each in again["warnings"]] == ["shift.overtime"]
    here = f"/facilities/{ward.facility}"
    (week_of_blom,) = api.get(f"{here}/overtime-forecast", overtime_minutes_from=1).items
    assert (week_of_blom["week"], week_of_blom["overtime_minutes"]) == (MONDAY, 480)


def test_who_calls_out_leaves_a_place_that_is_offered_and_taken(ward: Ward, api: Api) -> None:
    api.post(f"{ward.path}/plan", shifts=[a_shift(MONDAY, ward.blom)]).responds(201)
    api.post(f"{ward.path}/publication").responds(201)
    called = {"shift": 1, "staff_id": ward.blom, "reason": "sick"}
    api.post(f"{ward.path}/call-outs", **called, called_at="2026-01-05T09:00:00Z").responds(201)
    (gap,) = api.get(f"/facilities/{ward.facility}/coverage-gaps").items
    assert (gap["called_out"], gap["offered"]) == ("sick", False)
    taking = {"shift": 1, "staff_id": ward.cho}
    api.post(f"{ward.path}/takings", taking).problem(409, "shift.not_offered")
    api.post(f"{ward.path}/offers", shift=1).responds(201)
    api.post(f"{ward.path}/takings", taking).responds(201)
    assert api.get(f"/facilities/{ward.facility}/coverage-gaps").items == []
    (shift,) = api.get(f"{ward.path}/shifts").items
    assert shift["staff_ids"] == [ward.cho]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"shifts": "all"}, "shifts"),
        ({"shifts": [{"on": "tomorrow"}]}, "shifts"),
        ({"shifts": [], "colour": "blue"}, "colour"),
        ({}, "shifts"),
    ],
)
def test_a_plan_that_does_not_parse_is_told_by_field(
    ward: Ward, api: Api, body: dict[str, Any], field: str
) -> None:
    problem = api.post(f"{ward.path}/plan", body).responds(422).json
    assert field in problem["errors"]


def test_ones_shifts_are_subscribed_to_by_a_link_until_it_is_revoked(ward: Ward, api: Api) -> None:
    on = (datetime.now(UTC) + timedelta(days=3)).date()
    soon = {"begins_on": on.isoformat(), "ends_on": on.isoformat()}
    drafting = {"department_id": ward.department, **soon}
    roster = api.post(f"/facilities/{ward.facility}/rosters", drafting).id
    api.post(f"/rosters/{roster}/plan", shifts=[a_shift(on.isoformat(), ward.blom)])
    at = f"/facilities/{ward.facility}/staff/{ward.blom}"
    link = api.post(f"{at}/shift-feed", {}).responds(201).json["link"]
    api.get(f"/facilities/{ward.facility}/shift-feeds").responds(200)

    def subscribed() -> str:
        api.get(f"/staff/{ward.blom}/shifts").responds(200)
        api.get(f"/facilities/{ward.facility}/shift-feeds").responds(200)
        answer = api.app.test_client().get(link)
        return answer.get_data(as_text=True) if answer.status_code == 200 else "gone"

    assert "BEGIN:VEVENT" not in subscribed()
    api.post(f"/rosters/{roster}/publication").responds(201)
    told = subscribed()
    assert "SUMMARY:Registered Nurse" in told
    assert f"DTSTART:{on:%Y%m%d}T1" in told
    assert "Blom" not in told
    api.post(f"{at}/shift-feed-revocation").responds(201)
    assert subscribed() == "gone"
    assert api.app.test_client().get("/shift-feeds/guessed.ics").status_code == 404


def in_three_days_both_work(ward: Ward, api: Api) -> str:
    """Both are on a published shift; its day."""
    on = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    drafting = {"department_id": ward.department, "begins_on": on, "ends_on": on}
    roster = api.post(f"/facilities/{ward.facility}/rosters", drafting).id
    planned = [a_shift(on, ward.blom, ward.cho, needed=2)]
    api.post(f"/rosters/{roster}/plan", shifts=planned).responds(201)
    api.post(f"/rosters/{roster}/publication").responds(201)
    return on


def test_who_is_excluded_while_a_published_shift_lies_ahead_is_told_of_on_the_managers_desk(
    ward: Ward, api: Api
) -> None:
    on = in_three_days_both_work(ward, api)
    at = f"/facilities/{ward.facility}/staff/{ward.blom}"
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    screened = {"screened_on": yesterday.isoformat(), "result": "excluded"}
    api.post(f"{at}/screenings", screened).responds(201)
    until_reacted(api)
    (refusal,) = api.get(f"/facilities/{ward.facility}/gate-refusals").items
    assert (refusal["staff_id"], refusal["code"]) == (ward.blom, "credential.excluded")
    assert (refusal["department_id"], refusal["work_from"]) == (ward.department, on)


def test_whom_a_new_requirement_keeps_off_a_published_shift_is_told_once(
    ward: Ward, api: Api
) -> None:
    on = in_three_days_both_work(ward, api)
    required = {"kind": "life_support", "title": "ACLS", "valid_from": on}
    for job, kind in (("clerk", None), ("registered nurse", "support"), ("registered nurse", None)):
        body = {**required, "job": job, "department_kind": kind}
        api.post("/credential-requirements", body).responds(201)
    until_reacted(api)
    here = f"/facilities/{ward.facility}/gate-refusals"
    told = api.get(here).items
    assert {each["staff_id"] for each in told} == {ward.blom, ward.cho}
    assert [(each["code"], each["work_from"]) for each in told] == 2 * [("credential.missing", on)]
    for_nurses = api.get("/credential-requirements", job="registered nurse").items
    (everywhere,) = [each for each in for_nurses if each["department_kind"] is None]
    path = f"/credential-requirements/{everywhere['requirement_id']}/ending"
    api.post(path, ended_on=on).responds(201)
    until_reacted(api)
    assert api.get(here).items == told


def test_people_come_and_go_and_their_hours_are_told(ward: Ward, api: Api) -> None:
    api.post(f"{ward.path}/plan", shifts=[a_shift(MONDAY, ward.blom)]).responds(201)
    api.post(f"{ward.path}/publication").responds(201)
    here = f"/facilities/{ward.facility}"
    at = f"{here}/staff/{ward.blom}"
    api.post(f"{at}/clock-ins", came_at="2026-01-05T12:10:00Z").responds(201)
    api.post(f"{at}/clock-outs", left_at="2026-01-06T00:00:00Z").responds(201)
    (entry,) = api.get(f"{here}/attendances").items
    assert (entry["punctuality"], entry["minutes_off"], entry["minutes"]) == ("late", 10, 710)
    corrected = {"came_at": "2026-01-05T12:00:00Z", "left_at": "2026-01-06T00:00:00Z"}
    correction = {**corrected, "corrects": 1, "why": "the clock was late"}
    api.post(f"{at}/attendances", correction).responds(201)
    (week,) = api.get(f"{here}/hours-worked").items
    assert (week["week"], week["minutes"], week["attendances"]) == (MONDAY, 720, 1)
    api.post(f"{here}/departments/{ward.department}/patient-days", on=MONDAY, patient_days=4)
    (day,) = api.get(f"{here}/nursing-hours").items
    assert (day["rn_minutes"], day["patient_days"]) == (720, 4)
    aiming = {"valid_from": "2026-01-01", "minutes": 240}
    api.post(f"{here}/departments/{ward.department}/nursing-targets", aiming).responds(201)
    (target,) = api.get(f"{here}/nursing-targets").items
    assert target["minutes"] == 240
    week = {"on_from": MONDAY, "on_to": "2026-01-11"}
    (figures,) = api.get(f"{here}/nursing-figures", **week).items
    assert figures["department_id"] == ward.department
    assert figures["rn_hours_per_patient_day"]["value"] == "3.0000"
    assert figures["of_target"] == {
        "numerator": "12.0000",
        "denominator": "16.0000",
        "value": "0.7500",
    }
    (of_facility,) = api.get("/system/nursing-figures", **week).items
    assert of_facility["facility_id"] == ward.facility
    backwards = {"on_from": TUESDAY, "on_to": MONDAY}
    api.get(f"{here}/nursing-figures", **backwards).problem(409, "nursing_figures.period")
    period = {"on_from": MONDAY, "on_to": TUESDAY}
    file = api.send("GET", f"{here}/payroll.csv", query_string=period).responds(200)
    heading, line = file.response.get_data(as_text=True).splitlines()
    assert heading.startswith("staff_id,week,on,")
    assert line.startswith(f"{ward.blom},{MONDAY},{MONDAY},{ward.department},Registered")
    assert line.split(",")[7:] == ["12.00", "2", "1"]
    weeks = api.send("GET", f"{here}/payroll-weeks.csv", query_string=period).responds(200)
    _, line = weeks.response.get_data(as_text=True).splitlines()
    assert line == f"{ward.blom},{MONDAY},12.00,12.00,0.00,1"
    asked = api.send("GET", f"{here}/payroll.csv", query_string=backwards)
    asked.problem(409, "payroll.period")
    missed = {"roster_id": ward.roster, "shift": 1}
    api.post(f"{at}/missed-shifts", missed).problem(409, "timesheet.attended")


def test_two_facilities_agree_on_a_loan_each_on_its_own_side(ward: Ward, api: Api) -> None:
    hilltop = api.a_facility(legal_name="Hilltop")
    lender = api.as_(Role.FACILITY_MANAGER, ward.facility, actor="riverside")
    borrower = api.as_(Role.FACILITY_MANAGER, hilltop, actor="hilltop")
    offering = {"staff_id": ward.blom, "begins_on": MONDAY, "ends_on": "2026-01-11"}
    offered = lender.post(
        f"/facilities/{ward.facility}/loans", {**offering, "borrower_id": hilltop}
    )
    loan = offered.responds(201).id
    accepting = f"/facilities/{hilltop}/loans/{loan}/acceptance"
    lender.post(accepting, {}).problem(404, "facility.unknown")
    (theirs,) = borrower.get(f"/facilities/{hilltop}/loans").items
    assert (theirs["side"], theirs["stage"]) == ("borrower", "offered")
    borrower.post(accepting, {}).responds(201)
    (ours,) = lender.get(f"/facilities/{ward.facility}/loans").items
    assert (ours["side"], ours["stage"]) == ("lender", "agreed")
    borrower.post(f"/loans/{loan}/return", ended_on=TUESDAY).responds(201)
    balance = api.get("/system/loan-balance").items
    (figures,) = balance
    assert (figures["lent_days"], figures["borrowed_days"]) == (2, 2)


def test_who_leaves_leaves_gaps(ward: Ward, api: Api) -> None:
    here = f"/facilities/{ward.facility}"
    planned = [a_shift(MONDAY, ward.cho), a_shift("2026-01-12", ward.blom, minimum=1)]
    api.post(f"{ward.path}/plan", shifts=planned).responds(201)
    api.post(f"{ward.path}/publication").responds(201)
    assert len(api.get(f"{here}/awaited-shifts").items) == 2
    gone = {"separated_on": "2026-01-09", "reason": "resignation"}
    left = api.post(f"/staff/{ward.blom}/separation", gone).responds(201).json
    assert [(each["code"], each["shift"]) for each in left["warnings"]] == [("shift.left_open", 2)]
    (gap,) = api.get(f"{here}/coverage-gaps").items
    assert (gap["withdrawn"], gap["below_minimum"]) == ("separation", True)


def test_who_did_not_come_has_missed_it_once_it_is_known_who_came(ward: Ward, api: Api) -> None:
    here = f"/facilities/{ward.facility}"
    on = (datetime.now(UTC) - timedelta(days=5)).date().isoformat()
    drafting = {"department_id": ward.department, "begins_on": on, "ends_on": on}
    roster = api.post(f"{here}/rosters", drafting).id
    planned = [a_shift(on, ward.blom, ward.cho, needed=2)]
    api.post(f"/rosters/{roster}/plan", shifts=planned).responds(201)
    api.post(f"/rosters/{roster}/publication").responds(201)
    assert len(api.get(f"{here}/awaited-shifts").items) == 2
    came = {"came_at": f"{on}T12:00:00Z", "left_at": f"{on}T22:00:00Z"}
    api.post(f"{here}/staff/{ward.blom}/attendances", came).responds(201)
    (kept,) = api.get(f"{here}/attendance-kept").items
    assert (kept["first_on"], kept["latest_on"]) == (on, on)
    calendar = api.almoner.calendar()
    assert calendar.run_due() == 1
    calendar.stop()
    api.reached[0] = api.almoner.ledger.head()
    (missed,) = api.get(f"{here}/missed-shifts").items
    assert (missed["staff_id"], missed["on"]) == (ward.cho, on)
    assert api.get(f"{here}/awaited-shifts").items == []
