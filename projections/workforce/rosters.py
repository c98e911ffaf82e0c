"""What the roster desk looks at: which rosters there are, and who wants to do whose shift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.roster import (
    RosterClosed,
    RosterDrafted,
    RosterPublished,
    RosterSwapEnded,
    RosterSwapped,
    RosterSwapProposed,
)
from projections.kernel import ReadModel
from projections.rows import replace


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
