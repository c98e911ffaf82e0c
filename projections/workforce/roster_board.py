"""The board: every shift of a department, who is on it, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.roster import (
    RosterCalledOut,
    RosterOfferTaken,
    RosterOfferWithdrawn,
    RosterShiftOffered,
    RosterShiftPlanned,
    RosterShiftWithdrawn,
    RosterStaffAssigned,
    RosterStaffUnassigned,
    RosterStaffWithdrawn,
    RosterSwapped,
    Shift,
)
from projections.kernel import Key, ReadModel
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


def shift_of(event: Recorded[OfAShift]) -> Key:
    """The key of the shift that something is told of."""
    return event.fact.roster_id, event.fact.shift.shift


def _both_shifts(event: Recorded[RosterSwapped]) -> list[Key]:
    fact = event.fact
    return [(fact.roster_id, each.shift) for each in (fact.shift, fact.other_shift)]


def _swapped(fact: RosterSwapped, shift: int) -> tuple[UUID, ...]:
    """Who is on one of two shifts after a swap."""
    return fact.staff_ids if shift == fact.shift.shift else fact.other_staff_ids


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


@roster_board.on(RosterShiftPlanned, key=shift_of)
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


@roster_board.on(RosterShiftWithdrawn, key=shift_of)
def shift_withdrawn(
    row: BoardShift | None,  # noqa: ARG001
    event: Recorded[RosterShiftWithdrawn],  # noqa: ARG001
) -> BoardShift | None:
    return None


@roster_board.on(*CHANGED, key=shift_of)
def staff_changed(row: BoardShift | None, event: Recorded[Changed]) -> BoardShift | None:
    return row and replace(
        _with(row, event.fact.staff_ids), warnings=_codes(row.warnings, event.fact)
    )


@roster_board.on(RosterSwapped, key=_both_shifts, key_aware=True)
def shifts_swapped(
    row: BoardShift | None, event: Recorded[RosterSwapped], key: Key
) -> BoardShift | None:
    return row and _with(row, _swapped(event.fact, key[1]))


@roster_board.on(RosterShiftOffered, key=shift_of)
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
