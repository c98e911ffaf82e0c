"""What human resources keep beside of who works where: education, grievances, the gate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import count

from domain.workforce.education import EarnCredits, RequireEducation
from domain.workforce.events.grievance import GrievanceKind, GrievanceOutcome
from domain.workforce.events.held import CredentialKind, FindingCode
from domain.workforce.grievance import FileGrievance, InvestigateGrievance, ResolveGrievance
from domain.workforce.overrides import AskAtGate, OverrideFinding
from facilities.simulation.people import Seat
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Story
from facilities.simulation.staffing import LICENSED

CREDITS = 3_000
"""What is to be earned in two years, in hundredths."""
COURSES = ("Sepsis bundle", "Safe lifting", "Infection control", "Opioid stewardship")
COMPLAINTS = (
    (GrievanceKind.SCHEDULING, "The weekends are not shared out."),
    (GrievanceKind.PAY, "The last weekend was not paid as overtime."),
    (GrievanceKind.SAFETY, "The lift has been out of order for weeks."),
)


def education_of_a_seat(seat: Seat) -> Story:
    """Who needs a license earns credits, most of them enough."""
    if seat.job.title not in LICENSED:
        return
    first_day, facility_id = seat.site.run.first_day, seat.site.facility_id
    for number in count():
        tenure = seat.tenure(number)
        dice = seat.site.run.dice("education", tenure.staff_id)
        day = max(tenure.since + DAY, first_day) if number else first_day
        if day < tenure.until:
            yield (
                day,
                RequireEducation(
                    staff_id=tenure.staff_id,
                    facility_id=facility_id,
                    credits=CREDITS,
                    cycle_from=day,
                    cycle_to=day + timedelta(days=729),
                ),
            )
        day += timedelta(days=dice.between(5, 120))
        while day < tenure.until:
            yield (
                day,
                EarnCredits(
                    staff_id=tenure.staff_id,
                    facility_id=facility_id,
                    activity=dice.one_of(COURSES),
                    provider="State association",
                    credits=50 * dice.between(2, 12),
                    earned_on=day,
                ),
            )
            day += timedelta(days=dice.between(30, 150))


def grievances_at(site: Site, seats: Sequence[Seat]) -> Story:
    """Somebody complains, somebody else looks into it, and mostly there is an answer."""
    dice, day = site.run.dice("grievances", site.index), site.run.first_day
    for number in count():
        day += timedelta(days=dice.between(10, 80))
        complains, looks = dice.one_of(seats), dice.one_of(seats)
        kind, account = dice.one_of(COMPLAINTS)
        who, investigator = complains.holder_on(day), looks.holder_on(day + 3 * DAY)
        if who is None or investigator is None or looks is complains:
            continue
        grievance_id = site.run.id("grievance", site.index, number)
        yield (
            day,
            FileGrievance(
                grievance_id=grievance_id,
                facility_id=site.facility_id,
                staff_id=who,
                kind=kind,
                account=account,
                filed_on=day,
            ),
        )
        yield (
            day + 3 * DAY,
            InvestigateGrievance(
                grievance_id=grievance_id,
                investigator_staff_id=investigator,
                findings="It is as was said.",
                investigated_on=day + 3 * DAY,
            ),
        )
        if dice.chance(700):
            yield (
                day + 9 * DAY,
                ResolveGrievance(
                    grievance_id=grievance_id,
                    outcome=GrievanceOutcome.UPHELD,
                    answer="It is put right from the next period on.",
                    resolved_on=day + 9 * DAY,
                ),
            )


def gate_of(site: Site, seats: Sequence[Seat]) -> Story:
    """Somebody is asked to do what their credentials do not allow; for some work somebody else
    answers for it."""
    nurses = [each for each in seats if each.job.title == "registered nurse"]
    others = [each for each in seats if each.job.title not in LICENSED]
    if not nurses or not others:
        return
    dice, day = site.run.dice("gate", site.index), site.run.first_day
    while True:
        day += timedelta(days=dice.between(8, 30))
        who, answers = dice.one_of(others).holder_on(day), dice.one_of(nurses).holder_on(day)
        if who is None or answers is None or not site.works_on(day):
            continue
        begins_at = datetime.combine(day, time(12), UTC)
        yield (
            day,
            AskAtGate(
                staff_id=who,
                facility_id=site.facility_id,
                job="registered nurse",
                begins_at=begins_at,
                ends_at=begins_at + timedelta(hours=8),
            ),
        )
        if dice.chance(500):
            yield (
                day,
                OverrideFinding(
                    staff_id=who,
                    facility_id=site.facility_id,
                    finding=FindingCode.MISSING,
                    kind=CredentialKind.LIFE_SUPPORT,
                    valid_from=day,
                    valid_to=day + timedelta(days=14),
                    reason="the course is booked",
                    approver_staff_id=answers,
                ),
            )
