"""What holds whatever two facilities do with the same people, checked by other means than ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import hypothesis
from hypothesis import strategies

from domain.kernel import Circumstances, Command, Refused, foreign_id
from domain.workforce.events.loan import BorrowingAccepted, BorrowingEnded, LoanAgreed, LoanEnded
from domain.workforce.events.roster import CallOutReason, Shift
from domain.workforce.events.schedule import LeaveKind
from domain.workforce.loan import AcceptLoan, DeclineLoan, EndLoan, OfferLoan, ReturnLoan
from domain.workforce.proposing import consulted, problem_of, uncovered
from domain.workforce.proposing import planned as proposed_plan
from domain.workforce.roster import PublishRoster, RosterStatus
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
from domain.workforce.schedule import GrantLeave
from tests.domain.places import HILLTOP, RIVERSIDE
from tests.domain.rostering import (
    HILLTOPS_ROSTER,
    MONDAY,
    NOW,
    NURSE,
    NURSES,
    THE_ROSTER,
    Hospital,
)

ROSTERS = (THE_ROSTER, HILLTOPS_ROSTER)
HOURS = (("07:00", "19:00"), ("19:00", "07:00"), ("07:00", "15:00"), ("15:00", "23:00"))
STEPS = 60


def step(random: Random, hospital: Hospital, number: int) -> Command:
    """Something a manager might try, on people and shifts that are there."""
    roster_id = random.choice(ROSTERS)
    shift, other_shift = random.randint(1, 30), random.randint(1, 30)
    staff_id, other = random.sample(NURSES, 2)
    placed = hospital.roster(roster_id).shifts.get(shift)
    if placed is not None and placed.staff_ids and random.random() < 0.5:
        staff_id = random.choice(placed.staff_ids)
    match random.randrange(20):
        case 17:
            return proposed(random, hospital, roster_id)
        case 18 | 19:
            return leaves(random)
        case 0 | 1 | 2 | 3:
            return PlanShifts(roster_id=roster_id, shifts=tuple(planned(random)))
        case 4 | 5:
            return AssignShift(roster_id=roster_id, shift=shift, staff_id=staff_id)
        case 6:
            return UnassignShift(roster_id=roster_id, shift=shift, staff_id=staff_id)
        case 7:
            return PublishRoster(roster_id=roster_id)
        case 8:
            if random.random() < 0.3:
                return WithdrawShift(roster_id=roster_id, shift=shift)
            return OfferShift(roster_id=roster_id, shift=shift)
        case 9:
            return TakeShift(roster_id=roster_id, shift=shift, staff_id=staff_id)
        case 10:
            return CallOut(
                roster_id=roster_id,
                shift=shift,
                staff_id=staff_id,
                reason=CallOutReason.SICK,
                called_at=NOW,
            )
        case 11:
            return ProposeSwap(
                roster_id=roster_id,
                shift=shift,
                staff_id=staff_id,
                other_shift=other_shift,
                other_staff_id=other,
            )
        case 12:
            return AcceptSwap(roster_id=roster_id, swap=random.randint(1, 4))
        case _:
            return loans(random, number)


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
    first = MONDAY + timedelta(days=random.randrange(35))
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
        yield PlannedShift(
            on=MONDAY + timedelta(days=random.randrange(35)),
            starts=starts,
            ends=ends,
            job=NURSE,
            needed=2,
            staff_ids=tuple(random.sample(NURSES, random.randrange(3))),
        )


def loans(random: Random, number: int) -> Command:
    loan_id = foreign_id("test/loan", random.randrange(2))
    day = MONDAY + timedelta(days=random.randrange(35))
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
    lent = borrowed = 0
    for fact in hospital.facts:
        match fact:
            case LoanAgreed():
                lent += fact.terms.days
            case LoanEnded():
                lent -= fact.days_less
            case BorrowingAccepted():
                borrowed += fact.terms.days
            case BorrowingEnded():
                borrowed -= fact.days_less
            case _:
                pass
    assert lent == borrowed


@hypothesis.settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.generate],
)
@hypothesis.given(seed=strategies.integers(0, 2**32))
def test_no_sequence_of_commands_makes_a_roster_that_violates_a_hard_rule(seed: int) -> None:
    random, hospital = Random(seed), Hospital()
    hospital.drafts()
    hospital.drafts(HILLTOPS_ROSTER)
    for number in range(STEPS):
        try:
            hospital.does(step(random, hospital, number))
        except Refused:
            continue
        check(hospital)


def test_such_sequences_fill_and_publish_rosters_and_lend_people() -> None:
    """Or the property would hold of nothing."""
    shifts, published, lent, elsewhere, away = 0, 0, 0, 0, 0
    for seed in range(10):
        random, hospital = Random(seed), Hospital()
        hospital.drafts()
        hospital.drafts(HILLTOPS_ROSTER)
        for number in range(STEPS):
            try:
                hospital.does(step(random, hospital, number))
            except Refused:
                continue
        shifts += sum(map(len, shifts_of(hospital).values()))
        published += hospital.roster().status is RosterStatus.PUBLISHED
        lent += any(isinstance(each, LoanAgreed) for each in hospital.facts)
        away += sum(len(hospital.schedule(each).leaves) for each in NURSES)
        elsewhere += sum(
            len(each.staff_ids) for each in hospital.roster(HILLTOPS_ROSTER).shifts.values()
        )
    assert shifts > 50
    assert published > 5
    assert lent > 3
    assert elsewhere > 0
    assert away > 10
