"""What holds whatever two facilities do with the same people, checked by other means than ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import hypothesis
from hypothesis import strategies

from domain.kernel import Circumstances, Command, Refused, foreign_id
from domain.workforce.borrowing import AcceptLoan, DeclineLoan, ReturnLoan
from domain.workforce.events.loan import BorrowingAccepted, BorrowingEnded, LoanAgreed, LoanEnded
from domain.workforce.events.roster import CallOutReason, RosterCalledOut, Shift
from domain.workforce.events.schedule import LeaveKind
from domain.workforce.leave import GrantLeave
from domain.workforce.loan import EndLoan, OfferLoan
from domain.workforce.proposing import consulted, problem_of, uncovered
from domain.workforce.proposing import planned as proposed_plan
from domain.workforce.roster import RosterStatus
from domain.workforce.roster_changes import (
    AcceptSwap,
    CallOut,
    OfferShift,
    ProposeSwap,
    TakeShift,
)
from domain.workforce.roster_planning import (
    AssignShift,
    PlannedShift,
    PlanShifts,
    UnassignShift,
    WithdrawShift,
)
from domain.workforce.roster_publication import PublishRoster
from tests.domain.places import HILLTOP, RIVERSIDE
from tests.domain.rostering import (
    BLOM,
    CHO,
    DIAZ,
    EVANS,
    HILLTOPS_ROSTER,
    MONDAY,
    NOW,
    NURSE,
    NURSES,
    THE_ROSTER,
    Hospital,
    a_license_until,
    an_rn_license_is_required,
)

ROSTERS = (THE_ROSTER, HILLTOPS_ROSTER)
HOURS = (("07:00", "19:00"), ("19:00", "07:00"), ("07:00", "15:00"), ("15:00", "23:00"))
STEPS = 200
DAYS = 14
"""In these days of the rosters something happens."""
LICENSED = {
    BLOM: date(2027, 1, 1),
    CHO: date(2027, 1, 1),
    DIAZ: MONDAY + timedelta(days=9),
    EVANS: date(2027, 1, 1),
}
"""Until when each of them has a license."""
SKILLED = (BLOM, CHO)
OF_AGE = MONDAY + timedelta(days=7)
"""When Evans comes of age."""


def step(random: Random, hospital: Hospital, number: int) -> Command:
    """Something a manager might try, mostly on people and shifts that are there."""
    roster_id = random.choice((THE_ROSTER, *ROSTERS))
    state = hospital.roster(roster_id)
    shift, other_shift = (random.choice([*state.shifts] or [1]) for _ in range(2))
    staff_id, other = random.sample(NURSES, 2)
    if (there := on_it(hospital, roster_id, shift)) and random.random() < 0.6:
        staff_id = random.choice(there)
    if there := on_it(hospital, roster_id, other_shift):
        other = random.choice(there)
    match random.randrange(24):
        case 0 | 1 | 2 | 3:
            return PlanShifts(roster_id=roster_id, shifts=tuple(planned(random)))
        case 4:
            return PlanShifts(roster_id=roster_id, shifts=tuple(days_in_a_row(random)))
        case 5 | 6 | 7:
            return AssignShift(roster_id=roster_id, shift=shift, staff_id=staff_id)
        case 8:
            return UnassignShift(roster_id=roster_id, shift=shift, staff_id=staff_id)
        case 9:
            return PublishRoster(roster_id=roster_id)
        case 10:
            if random.random() < 0.2:
                return WithdrawShift(roster_id=roster_id, shift=shift)
            return OfferShift(roster_id=roster_id, shift=shift)
        case 11 | 12:
            offered = [key for key, one in state.shifts.items() if one.offered_to is not None]
            taken = random.choice(offered or [shift])
            return TakeShift(roster_id=roster_id, shift=taken, staff_id=random.choice(NURSES))
        case 13:
            return CallOut(
                roster_id=roster_id,
                shift=shift,
                staff_id=staff_id,
                reason=CallOutReason.SICK,
                called_at=NOW,
            )
        case 14 | 15 | 16:
            return ProposeSwap(
                roster_id=roster_id,
                shift=shift,
                staff_id=staff_id,
                other_shift=other_shift,
                other_staff_id=other,
            )
        case 17 | 18:
            return AcceptSwap(roster_id=roster_id, swap=random.choice([*state.swaps] or [1]))
        case 19:
            return proposed(random, hospital, roster_id)
        case 20 if random.random() < 0.4:
            return leaves(random)
        case _:
            return loans(random, number)


def on_it(hospital: Hospital, roster_id: UUID, shift: int) -> tuple[UUID, ...]:
    placed = hospital.roster(roster_id).shifts.get(shift)
    return () if placed is None else placed.staff_ids


def proposed(random: Random, hospital: Hospital, roster_id: UUID) -> Command:
    """A plan by a solver that looks at nothing but who may be on a shift by itself."""
    demand = tuple(replace(each, staff_ids=()) for each in planned(random))
    state = hospital.roster(roster_id)
    known = {each: hospital.standings[each] for each in consulted(state, NURSES)
             if each in hospital.standings}  # fmt: skip
    at = Circumstances(hospital.now, known)
    try:
        problem = problem_of(state, roster_id, demand, NURSES, (), at)
    except Refused:
        return PlanShifts(roster_id=roster_id, shifts=demand)
    chosen: dict[int, tuple[UUID, ...]] = {}
    for shift in problem.shifts:
        may = [each.staff_id for each in problem.candidates if shift.shift in each.may]
        chosen[shift.shift] = tuple(random.sample(may, min(len(may), shift.needed)))
    for each in uncovered(demand, problem, chosen, at):
        assert each.open_places > 0
        assert each.reasons
    return PlanShifts(roster_id=roster_id, shifts=proposed_plan(demand, problem, chosen))


def leaves(random: Random) -> Command:
    """One day, or some; who is rostered then is not granted it."""
    first = MONDAY + timedelta(days=random.randrange(DAYS))
    return GrantLeave(
        staff_id=random.choice(NURSES),
        facility_id=RIVERSIDE,
        kind=LeaveKind.VACATION,
        begins_on=first,
        ends_on=first + timedelta(days=random.randrange(3)),
    )


def planned(random: Random) -> Iterator[PlannedShift]:
    for _ in range(random.randint(1, 3)):
        starts, ends = random.choice(HOURS)
        busy = SKILLED if random.random() < 0.5 else NURSES
        there = tuple(random.sample(busy, random.randrange(3)))
        yield PlannedShift(
            on=MONDAY + timedelta(days=random.randrange(DAYS)),
            starts=starts,
            ends=ends,
            job="Charge Nurse" if random.random() < 0.1 else NURSE,
            skill="ICU" if random.random() < 0.15 else None,
            needed=2,
            minimum=random.randint(0, len(there)),
            staff_ids=there,
        )


def days_in_a_row(random: Random) -> Iterator[PlannedShift]:
    """The same hours day after day, for one of them."""
    (starts, ends), staff_id = random.choice(HOURS), random.choice(SKILLED)
    first = MONDAY + timedelta(days=random.randrange(DAYS))
    for day in range(random.randint(2, 7)):
        on = first + timedelta(days=day)
        yield PlannedShift(on=on, starts=starts, ends=ends, job=NURSE, staff_ids=(staff_id,))


def loans(random: Random, number: int) -> Command:
    loan_id = foreign_id("test/loan", random.randrange(2))
    day = MONDAY + timedelta(days=random.randrange(DAYS))
    offering = OfferLoan(
        loan_id=loan_id,
        facility_id=RIVERSIDE,
        borrower_id=HILLTOP,
        staff_id=random.choice(NURSES),
        begins_on=MONDAY,
        ends_on=MONDAY + timedelta(days=34),
    )
    accepting = AcceptLoan(loan_id=loan_id, facility_id=HILLTOP)
    others: list[Command] = [
        accepting,
        DeclineLoan(loan_id=loan_id, facility_id=HILLTOP),
        EndLoan(loan_id=loan_id, ended_on=day),
        ReturnLoan(loan_id=loan_id, ended_on=day),
    ]
    return offering if number % 3 == 0 else random.choice([accepting, accepting, *others])


def a_hospital() -> Hospital:
    """Two drafts and four nurses of Riverside: the license of one of them runs out meanwhile,
    another one comes of age, and two of them know intensive care."""
    hospital = Hospital(
        an_rn_license_is_required(),
        *(a_license_until(LICENSED[each], staff_id=each) for each in NURSES),
    )
    hospital.drafts()
    hospital.drafts(HILLTOPS_ROSTER)
    hospital.agrees(BLOM, skills=("ICU",), other_jobs=("Charge Nurse",))
    hospital.agrees(CHO, skills=("ICU",))
    hospital.agrees(EVANS, adult_on=OF_AGE)
    return hospital


def shifts_of(hospital: Hospital) -> dict[UUID, list[tuple[UUID, Shift]]]:
    """Everybody's shifts as the rosters have them, in the order they begin."""
    theirs: dict[UUID, list[tuple[UUID, Shift]]] = defaultdict(list)
    for roster_id in ROSTERS:
        for placed in hospital.roster(roster_id).shifts.values():
            for staff_id in placed.staff_ids:
                theirs[staff_id].append((roster_id, placed.shift))
    for shifts in theirs.values():
        shifts.sort(key=lambda each: each[1].starts_at)
    return theirs


def check(hospital: Hospital) -> None:
    """No hard rule is violated, and rosters and schedules say the same."""
    theirs = shifts_of(hospital)
    for staff_id in NURSES:
        shifts = [each for _, each in theirs[staff_id]]
        booked = sorted(
            (each.starts_at, each.roster_id, each.shift)
            for week in hospital.schedule(staff_id).weeks.values()
            for each in week
        )
        assert booked == [(each.starts_at, which, each.shift) for which, each in theirs[staff_id]]
        for before, after in pairwise(shifts):
            assert after.starts_at - before.ends_at >= timedelta(hours=10)
        away = hospital.schedule(staff_id).leaves
        assert not any(leave.covers(each.on) for leave in away for each in shifts)
        hours: dict[date, timedelta] = defaultdict(timedelta)
        for each in shifts:
            hours[each.on - timedelta(days=each.on.weekday())] += each.ends_at - each.starts_at
        assert all(each <= timedelta(hours=60) for each in hours.values())
        days = {each.on for each in shifts}
        for day in days:
            assert not {day + timedelta(days=step) for step in range(7)} <= days
    lent_days = borrowed_days = 0
    called_out: set[tuple[UUID, int]] = set()
    for fact in hospital.facts:
        match fact:
            case RosterCalledOut():
                called_out.add((fact.roster_id, fact.shift.shift))
            case LoanAgreed():
                lent_days += fact.terms.days
            case LoanEnded():
                lent_days -= fact.days_less
            case BorrowingAccepted():
                borrowed_days += fact.terms.days
            case BorrowingEnded():
                borrowed_days -= fact.days_less
            case _:
                pass
    assert lent_days == borrowed_days
    for roster_id in ROSTERS:
        if hospital.roster(roster_id).status is RosterStatus.PUBLISHED:
            for number, placed in hospital.roster(roster_id).shifts.items():
                enough = len(placed.staff_ids) >= placed.shift.minimum
                assert enough or (roster_id, number) in called_out


def check_people(hospital: Hospital) -> None:
    """Everybody may be on the shifts they are on, by what `a_hospital` knows of them."""
    for staff_id, shifts in shifts_of(hospital).items():
        lent = hospital.schedule(staff_id).lendings
        for roster_id, each in shifts:
            assert each.job == NURSE or staff_id == BLOM
            assert each.skill is None or staff_id in SKILLED
            assert each.ends_at <= midnight_after(LICENSED[staff_id])
            assert staff_id != EVANS or each.on >= OF_AGE or for_minors(each)
            assert roster_id == THE_ROSTER or any(
                one.begins_on <= each.on <= one.ends_on for one in lent
            )


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo("America/New_York"))


def for_minors(shift: Shift) -> bool:
    """At most eight hours long, and between 6 and 22 o'clock."""
    clock = ZoneInfo("America/New_York")
    begins, ends = shift.starts_at.astimezone(clock), shift.ends_at.astimezone(clock)
    by_day = begins.date() == ends.date() and begins.hour >= 6
    late = ends.time() > time(22)
    return by_day and not late and shift.ends_at - shift.starts_at <= timedelta(hours=8)


@hypothesis.settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.generate],
)
@hypothesis.given(seed=strategies.integers(0, 2**32))
def test_no_sequence_of_commands_makes_a_roster_that_violates_a_hard_rule(seed: int) -> None:
    random, hospital = Random(seed), a_hospital()
    for number in range(STEPS):
        try:
            hospital.does(step(random, hospital, number))
        except Refused:
            continue
        check(hospital)
        check_people(hospital)


HARD_RULES = {
    "credential.gate_closed",
    "shift.days_in_a_row",
    "shift.elsewhere",
    "shift.job",
    "shift.leave",
    "shift.minimum_cover",
    "shift.minor_hours",
    "shift.minor_night",
    "shift.overlap",
    "shift.rest",
    "shift.skill",
    "shift.weekly_hours",
}
"""What refuses a shift, and such sequences come up against."""

DONE: set[type[Command]] = {
    AcceptLoan,
    AcceptSwap,
    AssignShift,
    CallOut,
    GrantLeave,
    OfferShift,
    PlanShifts,
    PublishRoster,
    TakeShift,
    UnassignShift,
    WithdrawShift,
}


def test_such_sequences_do_everything_and_come_up_against_every_hard_rule() -> None:
    """Or the property would hold of nothing."""
    done, against, shifts = set[type[Command]](), set[str](), 0
    for seed in range(30):
        random, hospital = Random(seed), a_hospital()
        for number in range(STEPS):
            command = step(random, hospital, number)
            try:
                hospital.does(command)
            except Refused as refusal:
                against |= {refusal.code, *found_by(refusal)}
            else:
                done.add(type(command))
        shifts += sum(map(len, shifts_of(hospital).values()))
    assert shifts > 30 * 5
    assert done >= DONE
    assert against >= HARD_RULES


def found_by(refusal: Refused) -> Iterator[str]:
    """The codes of all that is hard in what a refusal tells."""
    for named in ("conflicts", "findings"):
        told: Any = refusal.details.get(named, ())
        yield from (each["code"] for each in told if each["hard"])
