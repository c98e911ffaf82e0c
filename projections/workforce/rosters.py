"""What the roster desk looks at: which shifts there are, who is on them, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.roster import (
    CallOutReason,
    RosterCalledOut,
    RosterClosed,
    RosterDrafted,
    RosterOfferTaken,
    RosterOfferWithdrawn,
    RosterPublished,
    RosterShiftOffered,
    RosterShiftPlanned,
    RosterShiftWithdrawn,
    RosterStaffAssigned,
    RosterStaffUnassigned,
    RosterStaffWithdrawn,
    RosterSwapEnded,
    RosterSwapped,
    RosterSwapProposed,
    Shift,
    WithdrawalReason,
)
from projections.kernel import Key, Measure, ReadModel, Summary
from projections.rows import replace

Changed = (
    RosterStaffAssigned
    | RosterStaffUnassigned
    | RosterStaffWithdrawn
    | RosterCalledOut
    | RosterOfferTaken
)
"""What changes who is on one shift, and tells who is on it then."""

CHANGED = (
    RosterStaffAssigned,
    RosterStaffUnassigned,
    RosterStaffWithdrawn,
    RosterCalledOut,
    RosterOfferTaken,
)

OfAShift = RosterShiftPlanned | RosterShiftWithdrawn | RosterShiftOffered | Changed


def _shift(event: Recorded[OfAShift]) -> Key:
    return event.fact.roster_id, event.fact.shift.shift


def _both_shifts(event: Recorded[RosterSwapped]) -> list[Key]:
    fact = event.fact
    return [(fact.roster_id, each.shift) for each in (fact.shift, fact.other_shift)]


def _swapped(fact: RosterSwapped, shift: int) -> tuple[UUID, ...]:
    """Who is on one of two shifts after a swap."""
    return fact.staff_ids if shift == fact.shift.shift else fact.other_staff_ids


# --- rosters -----------------------------------------------------------------------------------


class RosterStage(StrEnum):
    """How far a roster has come."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEntry:
    """A department's roster for a period; the days are both included, `zone` is where they are.

    `warnings`: how many there were when it was published.
    """

    facility_id: UUID
    roster_id: UUID
    department_id: UUID
    begins_on: date
    ends_on: date
    zone: str
    stage: RosterStage
    warnings: int


roster_list = ReadModel(
    "roster_list",
    row=RosterEntry,
    key="roster_id",
    order="begins_on",
    newest_first=True,
    indexes=(("department_id",),),
    local=True,
    desk="department managers: which rosters there are, and how far they have come",
)


@roster_list.on(RosterDrafted)
def drafted(
    row: RosterEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RosterDrafted],
) -> RosterEntry | None:
    fact = event.fact
    return RosterEntry(
        facility_id=fact.facility_id,
        roster_id=fact.roster_id,
        department_id=fact.department_id,
        begins_on=fact.begins_on,
        ends_on=fact.ends_on,
        zone=fact.zone,
        stage=RosterStage.DRAFT,
        warnings=0,
    )


@roster_list.on(RosterPublished)
def published(row: RosterEntry | None, event: Recorded[RosterPublished]) -> RosterEntry | None:
    warnings = len(event.fact.warnings)
    return row and replace(row, stage=RosterStage.PUBLISHED, warnings=warnings)


@roster_list.on(RosterClosed)
def closed(
    row: RosterEntry | None,
    event: Recorded[RosterClosed],  # noqa: ARG001
) -> RosterEntry | None:
    return row and replace(row, stage=RosterStage.CLOSED)


# --- the board ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardShift:
    """A shift on the board, and who is on it. `on` is the local day it begins on.

    `warnings` are the codes of what the soft rules said when it was planned or somebody joined.
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
    staff_ids: tuple[UUID, ...]
    open_places: int
    offered: bool
    warnings: tuple[str, ...]


roster_board = ReadModel(
    "roster_board",
    row=BoardShift,
    key=("roster_id", "shift"),
    order=("on", "starts_at"),
    indexes=(("department_id", "on"),),
    local=True,
    desk="department managers: every shift, and who is on it (ask with on_from and on_to)",
)


@roster_board.on(RosterShiftPlanned, key=_shift)
def shift_planned(
    row: BoardShift | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RosterShiftPlanned],
) -> BoardShift | None:
    fact, shift = event.fact, event.fact.shift
    return BoardShift(
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
        staff_ids=fact.staff_ids,
        open_places=open_places(shift, fact.staff_ids),
        offered=False,
        warnings=_codes((), fact),
    )


@roster_board.on(RosterShiftWithdrawn, key=_shift)
def shift_withdrawn(
    row: BoardShift | None,  # noqa: ARG001
    event: Recorded[RosterShiftWithdrawn],  # noqa: ARG001
) -> BoardShift | None:
    return None


@roster_board.on(*CHANGED, key=_shift)
def staff_changed(row: BoardShift | None, event: Recorded[Changed]) -> BoardShift | None:
    return row and replace(
        _with(row, event.fact.staff_ids), warnings=_codes(row.warnings, event.fact)
    )


@roster_board.on(RosterSwapped, key=_both_shifts, key_aware=True)
def shifts_swapped(
    row: BoardShift | None, event: Recorded[RosterSwapped], key: Key
) -> BoardShift | None:
    return row and _with(row, _swapped(event.fact, key[1]))


@roster_board.on(RosterShiftOffered, key=_shift)
def shift_offered(
    row: BoardShift | None,
    event: Recorded[RosterShiftOffered],  # noqa: ARG001
) -> BoardShift | None:
    return row and replace(row, offered=True)


@roster_board.on(RosterOfferWithdrawn)
def offer_withdrawn(
    row: BoardShift | None,
    event: Recorded[RosterOfferWithdrawn],  # noqa: ARG001
) -> BoardShift | None:
    return row and replace(row, offered=False)


def open_places(shift: Shift, staff_ids: tuple[UUID, ...]) -> int:
    """How many more people a shift needs."""
    return max(0, shift.needed - len(staff_ids))


def _with(row: BoardShift, staff_ids: tuple[UUID, ...]) -> BoardShift:
    left = max(0, row.needed - len(staff_ids))
    return replace(row, staff_ids=staff_ids, open_places=left, offered=row.offered and left > 0)


def _codes(before: tuple[str, ...], fact: RosterShiftPlanned | Changed) -> tuple[str, ...]:
    warnings = getattr(fact, "warnings", ())
    return tuple(dict.fromkeys((*before, *(each.code for each in warnings))))


# --- gaps --------------------------------------------------------------------------------------


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


@coverage_gaps.on(RosterShiftPlanned, *CHANGED, key=_shift)
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


@coverage_gaps.on(RosterShiftOffered, key=_shift)
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


@coverage_gaps.on(RosterShiftWithdrawn, key=_shift)
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


# --- swaps -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapToDecide:
    """Two people who want to do each other's shift; it leaves the list when that is decided."""

    facility_id: UUID
    department_id: UUID
    roster_id: UUID
    swap: int
    staff_id: UUID
    shift: int
    on: date
    other_staff_id: UUID
    other_shift: int
    other_on: date


swaps_to_decide = ReadModel(
    "swaps_to_decide",
    row=SwapToDecide,
    key=("roster_id", "swap"),
    order="on",
    local=True,
    desk="department managers: who wants to do whose shift",
)


@swaps_to_decide.on(RosterSwapProposed)
def swap_proposed(
    row: SwapToDecide | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RosterSwapProposed],
) -> SwapToDecide | None:
    fact = event.fact
    return SwapToDecide(
        facility_id=fact.facility_id,
        department_id=fact.department_id,
        roster_id=fact.roster_id,
        swap=fact.swap,
        staff_id=fact.staff_id,
        shift=fact.shift.shift,
        on=fact.shift.on,
        other_staff_id=fact.other_staff_id,
        other_shift=fact.other_shift.shift,
        other_on=fact.other_shift.on,
    )


@swaps_to_decide.on(RosterSwapped, RosterSwapEnded)
def swap_decided(
    row: SwapToDecide | None,  # noqa: ARG001
    event: Recorded[RosterSwapped | RosterSwapEnded],  # noqa: ARG001
) -> SwapToDecide | None:
    return None
