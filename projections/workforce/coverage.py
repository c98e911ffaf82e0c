"""What the staffing office looks at: shifts that need more people, and how much is covered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.roster import (
    CallOutReason,
    RosterCalledOut,
    RosterOfferTaken,
    RosterOfferWithdrawn,
    RosterShiftOffered,
    RosterShiftPlanned,
    RosterShiftWithdrawn,
    RosterStaffAssigned,
    RosterStaffUnassigned,
    RosterStaffWithdrawn,
    Shift,
    WithdrawalReason,
)
from projections.kernel import Key, Measure, ReadModel, Summary
from projections.rows import replace
from projections.workforce.roster_board import CHANGED, Changed, OfAShift, open_places, shift_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGap:
    """A shift that needs more people. `below_minimum`: fewer than must be there.

    `called_out`: why somebody did not come, and `withdrawn`: why somebody cannot come to any of
    their shifts, where that is what made the gap.
    """

    facility_id: UUID
    department_id: UUID
    roster_id: UUID
    shift: int
    on: date
    starts_at: datetime
    ends_at: datetime
    job: str
    skill: str | None
    needed: int
    minimum: int
    open_places: int
    below_minimum: bool
    offered: bool
    called_out: CallOutReason | None
    withdrawn: WithdrawalReason | None


coverage_gaps = ReadModel(
    "coverage_gaps",
    row=CoverageGap,
    key=("roster_id", "shift"),
    order=("on", "starts_at"),
    indexes=(("department_id", "on"),),
    local=True,
    desk="staffing office: which shifts need more people, and whether they are offered",
)


@coverage_gaps.on(RosterShiftPlanned, *CHANGED, key=shift_of)
def gap(
    row: CoverageGap | None, event: Recorded[RosterShiftPlanned | Changed]
) -> CoverageGap | None:
    fact = event.fact
    reason = None if row is None else row.called_out
    withdrawn = None if row is None else row.withdrawn
    if isinstance(fact, RosterCalledOut):
        reason = fact.reason
    elif isinstance(fact, RosterStaffWithdrawn):
        withdrawn = fact.why
    shift, left = fact.shift, open_places(fact.shift, fact.staff_ids)
    if not left:
        return None
    return CoverageGap(
        facility_id=fact.facility_id,
        department_id=fact.department_id,
        roster_id=fact.roster_id,
        shift=shift.shift,
        on=shift.on,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        job=shift.job,
        skill=shift.skill,
        needed=shift.needed,
        minimum=shift.minimum,
        open_places=left,
        below_minimum=len(fact.staff_ids) < shift.minimum,
        offered=row is not None and row.offered,
        called_out=reason,
        withdrawn=withdrawn,
    )


@coverage_gaps.on(RosterShiftOffered, key=shift_of)
def gap_offered(
    row: CoverageGap | None,
    event: Recorded[RosterShiftOffered],  # noqa: ARG001
) -> CoverageGap | None:
    return row and replace(row, offered=True)


@coverage_gaps.on(RosterOfferWithdrawn)
def gap_not_offered(
    row: CoverageGap | None,
    event: Recorded[RosterOfferWithdrawn],  # noqa: ARG001
) -> CoverageGap | None:
    return row and replace(row, offered=False)


@coverage_gaps.on(RosterShiftWithdrawn, key=shift_of)
def gap_withdrawn(
    row: CoverageGap | None,  # noqa: ARG001
    event: Recorded[RosterShiftWithdrawn],  # noqa: ARG001
) -> CoverageGap | None:
    return None


# --- cover by week -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeksCover:
    """How much work of a department there is in a week (its Monday), and how much is covered.

    `places` are those that are needed, `filled` those that people are on, also beyond what is
    needed; the minutes are of all places, and of those that are filled.
    """

    facility_id: UUID
    department_id: UUID
    week: date
    shifts: Measure
    places: Measure
    filled: Measure
    minutes: Measure
    filled_minutes: Measure
    call_outs: Measure


cover_by_week = Summary(
    "cover_by_week",
    row=WeeksCover,
    dimensions=("facility_id", "department_id", "week"),
    desk="department managers: how much of each week's work is covered",
    grain=200,
)


def _week(event: Recorded[OfAShift]) -> Key:
    fact = event.fact
    return fact.facility_id, fact.department_id, monday(fact.shift.on)


def monday(day: date) -> date:
    """The first day of a day's week."""
    return day - timedelta(days=day.weekday())


@cover_by_week.on(RosterShiftPlanned, key=_week)
def work_planned(row: WeeksCover, event: Recorded[RosterShiftPlanned]) -> WeeksCover:
    return _work(row, event.fact.shift, len(event.fact.staff_ids), 1)


@cover_by_week.on(RosterShiftWithdrawn, key=_week)
def work_withdrawn(row: WeeksCover, event: Recorded[RosterShiftWithdrawn]) -> WeeksCover:
    return _work(row, event.fact.shift, len(event.fact.staff_ids), -1)


@cover_by_week.on(RosterStaffAssigned, RosterOfferTaken, key=_week)
def place_filled(
    row: WeeksCover, event: Recorded[RosterStaffAssigned | RosterOfferTaken]
) -> WeeksCover:
    minutes = _minutes(event.fact.shift)
    return replace(row, filled=row.filled + 1, filled_minutes=row.filled_minutes + minutes)


@cover_by_week.on(RosterStaffUnassigned, RosterStaffWithdrawn, RosterCalledOut, key=_week)
def place_left(
    row: WeeksCover,
    event: Recorded[RosterStaffUnassigned | RosterStaffWithdrawn | RosterCalledOut],
) -> WeeksCover:
    minutes = _minutes(event.fact.shift)
    called_out = int(isinstance(event.fact, RosterCalledOut))
    return replace(
        row,
        filled=row.filled - 1,
        filled_minutes=row.filled_minutes - minutes,
        call_outs=row.call_outs + called_out,
    )


def _work(row: WeeksCover, shift: Shift, people: int, sign: int) -> WeeksCover:
    minutes = _minutes(shift)
    return replace(
        row,
        shifts=row.shifts + sign,
        places=row.places + sign * shift.needed,
        filled=row.filled + sign * people,
        minutes=row.minutes + sign * shift.needed * minutes,
        filled_minutes=row.filled_minutes + sign * people * minutes,
    )


def _minutes(shift: Shift) -> int:
    return int((shift.ends_at - shift.starts_at).total_seconds()) // 60
