"""Nurses of a ward take turns: rosters of two weeks, who comes to their shifts, and who does not.

Each works three long days or nights in a row, and sometimes a fourth. A roster is planned some days
before it begins, with whoever is there and not on leave then; what nobody is there for is a gap.
Who leaves meanwhile is off the shifts after that, and who does not come calls out, or is missed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID

from domain.kernel import Command
from domain.workforce.attendance import MissShift, RecordAttendance
from domain.workforce.borrowing import AcceptLoan
from domain.workforce.events.roster import CallOutReason
from domain.workforce.loan import OfferLoan
from domain.workforce.patient_days import EnterPatientDays, SetNursingTarget
from domain.workforce.roster_changes import CallOut, EndSwap, OfferShift, ProposeSwap
from domain.workforce.roster_planning import PlannedShift, PlanShifts
from domain.workforce.roster_publication import CloseRoster, DraftRoster, PublishRoster
from domain.workforce.schedule import AgreeTerms
from domain.workforce.shift_feed import OpenFeed
from domain.workforce.wall_time import instants
from domain.workforce.working_time import AdoptLimits
from facilities.simulation.absences import away_on
from facilities.simulation.people import Seat
from facilities.simulation.places import Site, Ward
from facilities.simulation.run import DAY, Story

NURSE = "registered nurse"
PERIOD = 14
"""Days of a roster, which begins on a Monday."""
AHEAD = 4 * DAY
"""How long before it begins a roster is planned and published."""
ENTERED = 2 * DAY
"""How long after its day an attendance is entered, wherever it is: every night is over by then."""
HOURS = ("07:00", "19:00"), ("19:00", "07:00")
WEEKLY_HOURS = 36
CALLED_OUT, MISSED = 15, 20
"""Of a thousand shifts somebody does not come to so many; to five of them without a word."""
REASONS = (CallOutReason.SICK, CallOutReason.SICK, CallOutReason.FAMILY, CallOutReason.WEATHER)


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift of a roster: who is planned for it, seat by seat."""

    number: int
    planned: PlannedShift
    nurses: tuple[tuple[Seat, UUID], ...]


class Nursing:
    """The nurses of a ward, and the rosters they work by."""

    def __init__(self, ward: Ward, seats: Sequence[Seat]) -> None:
        self.ward, self.seats = ward, seats
        self.site = seats[0].site
        self.run = self.site.run
        first_day = self.run.first_day
        self.begins_on = first_day + timedelta(days=7 - first_day.weekday())

    def roster_id(self, period: int) -> UUID:
        return self.run.id("roster", self.site.index, self.ward.code, period)

    def begin(self, period: int) -> date:
        """The Monday a roster begins on."""
        return self.begins_on + timedelta(days=PERIOD * period)

    def planned_on(self, period: int) -> date:
        return max(self.run.first_day, self.begin(period) - AHEAD)

    def turns(self, period: int) -> list[Turn]:
        """The shifts of a roster; none where the facility takes no new work when it is planned."""
        today = self.planned_on(period)
        if not self.site.works_on(today):
            return []
        turns: list[Turn] = []
        for day in range(PERIOD):
            on = self.begin(period) + day * DAY
            for night, (starts, ends) in enumerate(HOURS):
                wanted = [each for each in self._turn_of(on) if each.number % 2 == night]
                if wanted:
                    nurses = tuple(self._there(wanted, today, on))
                    shift = PlannedShift(
                        on=on,
                        starts=starts,
                        ends=ends,
                        job=NURSE,
                        needed=len(wanted),
                        staff_ids=tuple(staff_id for _, staff_id in nurses),
                    )
                    turns.append(Turn(len(turns) + 1, shift, nurses))
        return turns

    def _turn_of(self, on: date) -> Iterator[Seat]:
        """Whose turn it is on a day: three days of the week, and seldom a fourth."""
        for place, seat in enumerate(self.seats):
            step = (on.toordinal() + 3 * place) % 7
            week = on.toordinal() // 7
            extra = self.run.dice("a fourth day", self.site.index, seat.number, week).chance(120)
            if step < 3 or (step == 3 and extra):
                yield seat

    def _there(self, seats: Sequence[Seat], today: date, on: date) -> Iterator[tuple[Seat, UUID]]:
        """Who of them is planned: those who are there when it is planned, for some days already,
        and will not be on leave."""
        for seat in seats:
            tenure = seat.tenure_on(today)
            long_enough = tenure is not None and (
                tenure.since + 3 * DAY <= today or today == self.run.first_day
            )
            if tenure is not None and long_enough and not away_on(seat, tenure, on):
                yield seat, tenure.staff_id


def nursing_of(site: Site, seats: Sequence[Seat]) -> list[Nursing]:
    """The wards of a facility with several nurses."""
    wards = []
    for ward in site.wards:
        nurses = [each for each in seats if each.ward is ward and each.job.title == NURSE]
        if len(nurses) > 1:
            wards.append(Nursing(ward, nurses))
    return wards


# --- stories -------------------------------------------------------------------------------------


def rosters_of(nursing: Nursing) -> Story:
    """A roster is planned, published, and closed when all hours are in; now and then two people
    want to swap."""
    dice = nursing.run.dice("rosters", nursing.site.index, nursing.ward.code)
    swap = None
    for period in count():
        roster_id, begins_on = nursing.roster_id(period), nursing.begin(period)
        today, turns = nursing.planned_on(period), nursing.turns(period)
        if period > 1 and nursing.turns(period - 2):
            yield today, CloseRoster(roster_id=nursing.roster_id(period - 2))
        if swap is not None:
            yield today, swap
            swap = None
        if not turns:
            continue
        yield (
            today,
            DraftRoster(
                roster_id=roster_id,
                facility_id=nursing.site.facility_id,
                department_id=nursing.ward.department_id,
                begins_on=begins_on,
                ends_on=begins_on + (PERIOD - 1) * DAY,
            ),
        )
        yield (
            today,
            PlanShifts(roster_id=roster_id, shifts=tuple(each.planned for each in turns)),
        )
        yield today, PublishRoster(roster_id=roster_id)
        pair = _who_could_swap(turns) if dice.chance(600) else None
        if pair is not None:
            (one, theirs), (other, others) = pair
            yield (
                today,
                ProposeSwap(
                    roster_id=roster_id,
                    shift=one.number,
                    staff_id=theirs,
                    other_shift=other.number,
                    other_staff_id=others,
                ),
            )
            swap = EndSwap(roster_id=roster_id, swap=1)


def _who_could_swap(turns: Sequence[Turn]) -> tuple[tuple[Turn, UUID], tuple[Turn, UUID]] | None:
    """Two people of the roster's last days, neither of whom is on the other's shift."""
    late = [each for each in turns if each.nurses][-8:]
    for one in late:
        for other in late:
            (_, theirs), (_, others) = one.nurses[0], other.nurses[0]
            if theirs not in other.planned.staff_ids and others not in one.planned.staff_ids:
                return (one, theirs), (other, others)
    return None


def attendance_of(nursing: Nursing) -> Story:
    """They come to their shifts, more or less in time; some call out, and a few do not come."""
    dice = nursing.run.dice("attendance", nursing.site.index, nursing.ward.code)
    zone = nursing.site.zone
    for period in count():
        told: list[tuple[date, Command]] = []
        for turn in nursing.turns(period):
            on = turn.planned.on
            starts_at, ends_at = instants(on, turn.planned.starts, turn.planned.ends, zone)
            for seat, staff_id in turn.nurses:
                early, late = dice.between(-6, 12), dice.between(-4, 25)
                becomes = dice.below(1000)
                if not seat.holds(staff_id, on):
                    continue
                roster_id = nursing.roster_id(period)
                if becomes < CALLED_OUT:
                    calls = CallOut(
                        roster_id=roster_id,
                        shift=turn.number,
                        staff_id=staff_id,
                        reason=REASONS[becomes % len(REASONS)],
                        called_at=datetime.combine(on, time(), UTC),
                    )
                    told += [(on, calls), (on, OfferShift(roster_id=roster_id, shift=turn.number))]
                elif becomes < MISSED:
                    missed = MissShift(
                        roster_id=roster_id,
                        shift=turn.number,
                        facility_id=nursing.site.facility_id,
                        staff_id=staff_id,
                    )
                    told.append((on + ENTERED, missed))
                else:
                    attended = RecordAttendance(
                        staff_id=staff_id,
                        facility_id=nursing.site.facility_id,
                        came_at=starts_at + timedelta(minutes=early),
                        left_at=ends_at + timedelta(minutes=late),
                    )
                    told.append((on + ENTERED, attended))
        yield from sorted(told, key=lambda each: each[0])


def terms_of(nursing: Nursing, seat: Seat) -> Story:
    """As what the holders of a seat may be rostered; some float, some look at their shifts in a
    calendar of their own."""
    first_day = nursing.run.first_day
    dice = nursing.run.dice("terms", seat.site.index, seat.number)
    for number in count():
        tenure = seat.tenure(number)
        agreed_on = max(tenure.since + DAY, first_day) if number else first_day
        floats, subscribes = dice.chance(250), dice.chance(250)
        yield (
            agreed_on,
            AgreeTerms(
                staff_id=tenure.staff_id,
                facility_id=seat.site.facility_id,
                agreed_on=agreed_on,
                weekly_hours=WEEKLY_HOURS,
                skills=("charge",) if seat.leads else (),
                floats=floats,
            ),
        )
        if subscribes:
            digest = hashlib.sha256(tenure.staff_id.bytes).hexdigest()
            yield (
                agreed_on,
                OpenFeed(
                    staff_id=tenure.staff_id, facility_id=seat.site.facility_id, digest=digest
                ),
            )


def patients_of(nursing: Nursing) -> Story:
    """How many patients lie in a ward is entered the day after."""
    dice = nursing.run.dice("patients", nursing.site.index, nursing.ward.code)
    beds = 4 * len(nursing.seats)
    for number in count():
        on = nursing.run.first_day + number * DAY
        yield (
            on + DAY,
            EnterPatientDays(
                department_id=nursing.ward.department_id,
                facility_id=nursing.site.facility_id,
                on=on,
                patient_days=dice.between(beds // 2, beds),
            ),
        )


def target_of(nursing: Nursing) -> Story:
    """How much care is meant for a patient of a ward; more since the second year."""
    first_day = nursing.run.first_day
    for valid_from, minutes in ((first_day, 150), (first_day + 365 * DAY, 165)):
        yield (
            valid_from,
            SetNursingTarget(
                department_id=nursing.ward.department_id,
                facility_id=nursing.site.facility_id,
                valid_from=valid_from,
                minutes=minutes,
            ),
        )


def limits_of(site: Site) -> Story:
    """A hospital lets people rest longer than is usual."""
    first_day = site.run.first_day
    adopted = AdoptLimits(facility_id=site.facility_id, adopted_on=first_day, rest_hours=11)
    yield first_day, adopted


def loans_of(nursing: Nursing, to: Site) -> Story:
    """Now and then a ward lends somebody to the next facility for some weeks."""
    dice = nursing.run.dice("loans", nursing.site.index, nursing.ward.code)
    day = nursing.run.first_day
    for number in count():
        day += timedelta(days=dice.between(4, 40))
        seat = dice.one_of(nursing.seats)
        both_work = all(each.works_on(day) for each in (nursing.site, to))
        tenure = seat.tenure_on(day)
        if tenure is None or not both_work:
            continue
        loan_id = nursing.run.id("loan", nursing.site.index, nursing.ward.code, number)
        yield (
            day,
            OfferLoan(
                loan_id=loan_id,
                facility_id=nursing.site.facility_id,
                borrower_id=to.facility_id,
                staff_id=tenure.staff_id,
                begins_on=day,
                ends_on=day + timedelta(days=dice.between(10, 40)),
            ),
        )
        if dice.chance(700):
            yield day, AcceptLoan(loan_id=loan_id, facility_id=to.facility_id)
