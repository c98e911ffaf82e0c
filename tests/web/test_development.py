"""Positions, evaluations, continuing education and grievances through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from facilities.scope import Role
from tests.web.grammar import Api
from tests.web.test_credentials import NURSE, a_nurse
from tests.web.test_recalls import until_reacted

TODAY = datetime.now(UTC).date()


def day(days: int) -> str:
    """A day, so many from today."""
    return (TODAY + timedelta(days=days)).isoformat()


def test_vacancies_and_fte_are_told_by_department_and_system_wide(api: Api) -> None:
    facility = api.a_facility()
    department = {"code": "CARD", "title": "Cardiology", "opened_on": "2020-01-01"}
    its_id = api.post(f"/facilities/{facility}/departments", department).responds(201).id
    wanted = {"department_id": its_id, "job": NURSE, "budgeted_on": "2020-01-01"}
    whole = api.post(f"/facilities/{facility}/positions", wanted).responds(201).id
    api.post(f"/facilities/{facility}/positions", {**wanted, "fte": 60}).responds(201)
    nurse = a_nurse(api, facility)
    api.post(f"/positions/{whole}/fillings", staff_id=nurse, filled_on="2021-01-01").responds(201)
    (vacant,) = api.get(f"/facilities/{facility}/positions", status="vacant").items
    assert (vacant["fte"], vacant["since"]) == (60, "2020-01-01")
    (figures,) = api.get("/system/staffing").json["items"]
    assert (figures["vacant_fte"], figures["budgeted_fte"], figures["headcount"]) == (60, 160, 1)
    vacating = {"vacated_on": "2022-01-01", "reason": "promotion"}
    api.post(f"/positions/{whole}/vacancies", vacating).responds(201)
    (figures,) = api.get(f"/facilities/{facility}/staffing").json["items"]
    assert (figures["vacant_fte"], figures["headcount"]) == (160, 0)
    api.post(f"/positions/{whole}/fillings", staff_id=nurse, filled_on="2022-02-01").responds(201)
    gone = {"separated_on": "2022-06-30", "reason": "resignation"}
    api.post(f"/staff/{nurse}/separation", gone).responds(201)
    until_reacted(api)
    (left,) = api.get(f"/facilities/{facility}/positions", status="vacant", fte="100").items
    assert (left["since"], left["vacated_because"]) == ("2022-06-30", "separation")
    api.post(f"/positions/{whole}/abolition", abolished_on=day(-1), reason="x").responds(201)


def test_turnover_is_told_by_month_with_its_reasons(api: Api) -> None:
    facility = api.a_facility()
    nurse = a_nurse(api, facility)
    a_nurse(api, facility, "Staff Member 2")
    leaving = {"separated_on": "2021-06-30", "reason": "retirement"}
    api.post(f"/staff/{nurse}/separation", leaving).responds(201)
    came, left = sorted(api.get("/system/turnover").json["items"], key=lambda each: each["month"])
    assert (came["month"], came["hires"], came["change"]) == ("2020-01", 2, 2)
    assert (left["month"], left["separations"], left["voluntary"]) == ("2021-06", 1, 1)


def test_an_evaluation_is_due_until_it_is_submitted(api: Api) -> None:
    facility = api.a_facility()
    nurse, chief = a_nurse(api, facility), a_nurse(api, facility, "Staff Member 2")
    due = api.get(f"/facilities/{facility}/evaluations-due", staff_id=nurse).items
    assert [each["due_on"] for each in due] == ["2020-03-31"]
    draft = {
        "staff_id": nurse,
        "evaluator_staff_id": chief,
        "period_from": "2020-01-01",
        "period_to": "2020-12-31",
        "drafted_on": day(-9),
    }
    its_id = api.post(f"/facilities/{facility}/evaluations", draft).responds(201).id
    api.post(f"/evaluations/{its_id}/goals", text="precept", due_on=day(90)).responds(201)
    met = {"goal": 1, "result": "met", "assessed_on": day(-8)}
    api.post(f"/evaluations/{its_id}/goal-assessments", met).responds(201)
    told = {"rating": "meets", "summary": "steady", "submitted_on": day(-7)}
    api.post(f"/evaluations/{its_id}/submission", told).responds(201)
    api.post(f"/evaluations/{its_id}/acknowledgement", acknowledged_on=day(-6)).responds(201)
    api.get(f"/evaluations/{its_id}").shows(status="acknowledged", goals=1, rating="meets")
    assert [each["result"] for each in api.get(f"/evaluations/{its_id}/goals").items] == ["met"]
    due = api.get("/system/evaluations-due", staff_id=nurse).items
    assert [each["due_on"] for each in due] == ["2021-12-31"]


def test_who_is_short_of_credits_is_told_until_they_are_earned(api: Api) -> None:
    facility = api.a_facility()
    nurse = a_nurse(api, facility)
    at_home = f"/facilities/{facility}/staff/{nurse}"
    cycle = {"credits": 3000, "cycle_from": day(-100), "cycle_to": day(600)}
    api.post(f"{at_home}/education-requirements", cycle).responds(201)
    earned = {"activity": "Sepsis", "provider": "SNA", "credits": 150, "earned_on": day(-2)}
    api.post(f"{at_home}/education-credits", earned).responds(201)
    (short,) = api.get("/system/education-shortfall", shortfall_from=1).items
    assert (short["required"], short["earned"], short["shortfall"]) == (3000, 150, 2850)
    back = {"entry": 1, "reversed_on": day(-1), "reason": "she was ill"}
    api.post(f"/staff/{nurse}/education-reversals", back).responds(201)
    (short,) = api.get(f"/facilities/{facility}/education-shortfall").items
    assert short["earned"] == 0
    (credits,) = api.get(f"/facilities/{facility}/education-credits").items
    assert credits["reversed_because"] == "she was ill"


def test_a_grievance_stays_in_its_house_until_it_is_answered(api: Api) -> None:
    facility, elsewhere = api.a_facility(), api.a_facility(legal_name="Elsewhere")
    nurse, chief = a_nurse(api, facility), a_nurse(api, facility, "Staff Member 2")
    filed = {"staff_id": nurse, "kind": "pay", "account": "hours missing", "filed_on": day(-9)}
    its_id = api.post(f"/facilities/{facility}/grievances", filed).responds(201).id
    stranger = api.as_(Role.FACILITY_MANAGER, elsewhere)
    stranger.get(f"/grievances/{its_id}").responds(404)
    answer = {"outcome": "upheld", "answer": "paid with the next run", "resolved_on": day(-1)}
    api.post(f"/grievances/{its_id}/resolution", answer).problem(409, "grievance.not_investigated")
    found = {"findings": "so it is", "investigated_on": day(-3), "investigator_staff_id": chief}
    api.post(f"/grievances/{its_id}/investigations", found).responds(201)
    api.post(f"/grievances/{its_id}/resolution", answer).responds(201)
    api.get(f"/grievances/{its_id}").shows(status="resolved", days=8, outcome="upheld")
