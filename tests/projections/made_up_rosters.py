"""What rosters are made up of in the health system in which anything may happen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, get_args
from uuid import UUID

from domain.kernel import Command
from domain.workforce import (
    attendance,
    borrowing,
    leave,
    loan,
    patient_days,
    roster,
    roster_changes,
    roster_planning,
    roster_publication,
    working_time,
)
from domain.workforce.absence import ComeBack, EndSchedule, TakeLeave, WithdrawStaff
from domain.workforce.events.attendance import timesheet_of
from domain.workforce.events.schedule import schedule_of
from domain.workforce.loan_agreement import (
    AgreeLoan,
    GiveBackLoan,
    TakeDeclinedLoan,
    TakeReturnedLoan,
)
from domain.workforce.roster_calendar import TakePeriod
from domain.workforce.schedule import ArrangeTime, ConfirmTime, LendTime, TakeBackTime
from domain.workforce.staff_member import RegisterStaffMember, SeparateStaffMember
from domain.workforce.timesheet import NotePresence, WithdrawPresence
from domain.workforce.working_time import LEAST_AND_MOST

ENTAILED: frozenset[type[Command]] = frozenset(
    {
        ArrangeTime,
        ConfirmTime,
        LendTime,
        TakeBackTime,
        TakePeriod,
        AgreeLoan,
        TakeDeclinedLoan,
        TakeReturnedLoan,
        GiveBackLoan,
        NotePresence,
        WithdrawPresence,
        TakeLeave,
        ComeBack,
        EndSchedule,
        WithdrawStaff,
    }
)
"""What nobody sends: other decisions entail it."""

BUSY: tuple[type[Command], ...] = (
    *(RegisterStaffMember,) * 4,
    *(roster_planning.PlanShifts,) * 8,
    *(roster_planning.AssignShift,) * 6,
    roster_planning.UnassignShift,
    roster_publication.PublishRoster,
    *(
        roster_changes.CallOut,
        roster_changes.OfferShift,
        *(roster_changes.TakeShift,) * 4,
        roster_changes.WithdrawOffer,
        *(roster_changes.ProposeSwap,) * 6,
        roster_changes.AcceptSwap,
        roster_changes.AcceptSwap,
        roster_changes.EndSwap,
    )
    * 3,
    *(loan.OfferLoan,) * 4,
    *(borrowing.AcceptLoan, borrowing.AcceptLoan, loan.EndLoan, borrowing.ReturnLoan) * 2,
    borrowing.DeclineLoan,
    loan.WithdrawLoan,
    *(leave.GrantLeave, leave.EndLeave) * 6,
    *(attendance.ClockIn, attendance.RecordAttendance) * 6,
    *(attendance.ClockOut, attendance.ReverseAttendance) * 8,
    *(attendance.MissShift,) * 10,
    *(patient_days.EnterPatientDays,) * 2,
    patient_days.SetNursingTarget,
    *(SeparateStaffMember,) * 2,
    roster_planning.WithdrawShift,
    roster_publication.CloseRoster,
)
"""What is tried with a roster as soon as it is drafted: much must have gone before a swap."""

AT_MOST = {"roster": 4, "loan": 6, "timesheet": 1000}
OFTEN = {"roster": 2, "working_time": 1}
SELDOM = {"CloseRoster": 8, "WithdrawShift": 4}
"""As in the health system: how many there are, how often, and how seldom."""

FIRST_DAY = date(2025, 4, 15)
DAYS = 21
HOURS = (("07:00", "15:00"), ("15:00", "23:00"), ("23:00", "07:00"), ("07:00", "19:00"))


def chooses_who(kind: type[Command]) -> bool:
    """Whether whom a command is about follows from something else it names."""
    words = (attendance, loan, patient_days, working_time)
    return kind.__module__ in {each.__name__ for each in words}


def made_up(
    kind: type[Command],
    random: Random,
    name: str,
    hint: Any,
    chosen: Mapping[str, Any],
    all_of: Any,
) -> Any:
    """The value of a command's field, where it is about a roster; otherwise None.

    `all_of` gives the states of an aggregate's streams, by its name.
    """
    if kind is SeparateStaffMember and (told := _of_who_leaves(random, name, all_of)) is not None:
        return told
    if name in LEAST_AND_MOST:
        return random.randint(*LEAST_AND_MOST[name])
    if name == "digest":
        return f"{random.getrandbits(256):064x}"
    if name in ("came_at", "left_at"):
        began = chosen.get("came_at") or datetime(2026, 1, 5, 7, tzinfo=UTC)
        if name == "left_at" and "came_at" not in chosen:
            sheet = all_of("timesheet").get(timesheet_of(chosen["facility_id"], chosen["staff_id"]))
            if sheet is not None and sheet.present is not None:
                began = sheet.entries[sheet.present].attendance.came_at
        return began + timedelta(hours=random.randrange(1, 200 if name == "came_at" else 12))
    if name in ("entry", "corrects") and {"facility_id", "staff_id"} <= set(chosen):
        sheet = all_of("timesheet").get(timesheet_of(chosen["facility_id"], chosen["staff_id"]))
        return random.choice(list(sheet.entries)) if sheet is not None and sheet.entries else None
    if name == "facility_id" and "staff_id" in chosen and random.random() < 0.5:
        person = all_of("staff_member").get(chosen["staff_id"])
        there = [
            sheet.facility_id
            for each in all_of("facility")
            if (sheet := all_of("timesheet").get(timesheet_of(each, chosen["staff_id"])))
        ]
        return random.choice(there) if there else person and person.facility_id
    if name == "roster_id":
        rosters = list(all_of("roster"))
        return random.choice(rosters) if rosters else None
    if name == "ended_on" and "begins_on" in chosen:
        return chosen["begins_on"] + timedelta(days=random.randrange(3))
    if name == "begins_on" and "staff_id" in chosen and "loan_id" not in chosen:
        sheet = all_of("schedule").get(schedule_of(chosen["staff_id"]))
        if sheet is not None and sheet.leaves and random.random() < 0.7:
            return random.choice(sheet.leaves).begins_on
    if "loan_id" in chosen or name == "loan_id":
        return _of_a_loan(random, name, chosen, all_of)
    if "roster_id" not in chosen:
        return None
    state: roster.Roster = all_of("roster").get(chosen["roster_id"], roster.Roster())
    if name == "begins_on":
        return FIRST_DAY + timedelta(days=7 * random.randrange(6))
    if name == "ends_on":
        return chosen["begins_on"] + timedelta(days=DAYS - 1)
    if name == "facility_id":
        return state.facility_id
    if name == "called_at":
        return datetime.combine(state.begins_on, time(5), UTC)
    if get_args(hint)[:1] == (roster_planning.PlannedShift,):
        people = {
            each: one.job
            for each, one in all_of("staff_member").items()
            if one.facility_id == state.facility_id
        }
        return tuple(_shift(random, state, people) for _ in range(random.randint(1, 3)))
    if name == "shift" and kind in (roster_changes.TakeShift, roster_changes.OfferShift):
        offered = kind is roster_changes.TakeShift
        likely = [
            number
            for number, each in state.shifts.items()
            if each.open_places and (each.offered_to is not None) == offered
        ]
        return random.choice(likely) if likely else 1
    if name in ("shift", "other_shift"):
        taken = [number for number, each in state.shifts.items() if each.staff_ids]
        taken = [each for each in taken if each != chosen.get("shift")]
        likely = taken if taken and random.random() < 0.8 else list(state.shifts)
        return random.choice(likely) if likely else 1
    if name == "swap":
        return random.choice(list(state.swaps)) if state.swaps else 1
    joins = kind in (roster_changes.TakeShift, roster_planning.AssignShift)
    if name in ("staff_id", "other_staff_id") and not joins and random.random() < 0.8:
        placed = state.shifts.get(chosen["shift" if name == "staff_id" else "other_shift"])
        return random.choice(placed.staff_ids) if placed and placed.staff_ids else None
    if name == "staff_id":
        there = all_of("staff_member").items()
        home = [each for each, one in there if one.facility_id == state.facility_id]
        return random.choice(home) if home else None
    return None


def _of_who_leaves(random: Random, name: str, all_of: Any) -> Any:
    """Mostly of somebody who is on a shift, before it."""
    if name == "separated_on":
        return FIRST_DAY - timedelta(days=1)
    booked = [
        each
        for each in all_of("staff_member")
        if (sheet := all_of("schedule").get(schedule_of(each))) is not None and sheet.weeks
    ]
    if name == "staff_id" and booked and random.random() < 0.7:
        return random.choice(booked)
    return None


def _of_a_loan(random: Random, name: str, chosen: Mapping[str, Any], all_of: Any) -> Any:
    """Mostly of a loan that is there, between its two facilities, in its days."""
    loans = all_of("loan")
    if name == "loan_id":
        return random.choice(list(loans)) if loans else None
    state = loans.get(chosen["loan_id"])
    if state is None:
        if name == "staff_id":
            home = chosen["facility_id"]
            there = all_of("staff_member").items()
            theirs = [each for each, one in there if one.facility_id == home]
            return random.choice(theirs) if theirs else None
        if name == "borrower_id":
            return random.choice(list(all_of("facility")))
        if name == "begins_on":
            return FIRST_DAY + timedelta(days=random.randrange(100))
        return chosen["begins_on"] + timedelta(days=14) if name == "ends_on" else None
    if name == "facility_id":
        return state.terms.borrower_id
    if name == "ended_on":
        return state.terms.begins_on + timedelta(days=random.randrange(5))
    return None


def _shift(
    random: Random, state: roster.Roster, people: Mapping[UUID, str]
) -> roster_planning.PlannedShift:
    starts, ends = random.choice(HOURS)
    job = random.choice(list(people.values())) if people else "job A"
    able = [each for each, theirs in people.items() if theirs == job]
    chosen = random.sample(able, min(len(able), random.randrange(3)))
    return roster_planning.PlannedShift(
        on=state.begins_on + timedelta(days=random.randrange(DAYS)),
        starts=starts,
        ends=ends,
        job=job,
        needed=random.randint(1, 3),
        staff_ids=tuple(chosen),
    )
