"""What the recall desk looks at: recalls, and how far every facility has come with each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.recall import (
    RecallAcknowledged,
    RecallClass,
    RecalledLotFound,
    RecalledUnitsAccounted,
    RecallIssued,
    RecallNotified,
    RecallResponseCompleted,
    RecallTerminated,
)
from projections.kernel import GRAIN, Measure, ReadModel, Summary
from projections.rows import replace

# --- recalls -------------------------------------------------------------------------------------


class RecallStatus(StrEnum):
    """Whether recalled lots are still looked for."""

    IN_FORCE = "in_force"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallEntry:
    """A recall: of which lots (none: all), why, and what is to be done."""

    recall_id: UUID
    number: str
    recall_class: RecallClass
    item_system: str
    item_code: str
    lots: tuple[str, ...]
    reason: str
    instructions: str
    issued_on: date
    respond_by: date
    status: RecallStatus
    terminated_on: date | None


recall_list = ReadModel(
    "recall_list",
    row=RecallEntry,
    key="recall_id",
    order="issued_on",
    newest_first=True,
    indexes=(("item_system", "item_code"),),
    desk="supply chain and store rooms: what must not be used",
)


@recall_list.on(RecallIssued)
def issued(
    row: RecallEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RecallIssued],
) -> RecallEntry | None:
    fact = event.fact
    return RecallEntry(
        recall_id=fact.recall_id,
        number=fact.number,
        recall_class=fact.recall_class,
        item_system=fact.item_system,
        item_code=fact.item_code,
        lots=fact.lots,
        reason=fact.reason,
        instructions=fact.instructions,
        issued_on=fact.issued_on,
        respond_by=fact.respond_by,
        status=RecallStatus.IN_FORCE,
        terminated_on=None,
    )


@recall_list.on(RecallTerminated)
def terminated(row: RecallEntry | None, event: Recorded[RecallTerminated]) -> RecallEntry | None:
    return row and replace(
        row, status=RecallStatus.TERMINATED, terminated_on=event.fact.terminated_on
    )


# --- the recall board ----------------------------------------------------------------------------


class ResponseStatus(StrEnum):
    """How far a facility has come with a recall."""

    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardLine:
    """A facility and a recall: what its books say it had, and of how much of it somebody has said
    where it is. `held` was set apart at once; `unaccounted` is what is still to be looked for."""

    recall_response_id: UUID
    recall_id: UUID
    facility_id: UUID
    number: str
    recall_class: RecallClass
    item_system: str
    item_code: str
    held: int
    on_the_shelves: int
    accounted: int
    unaccounted: int
    status: ResponseStatus
    notified_on: date
    respond_by: date
    acknowledged_on: date | None
    completed_on: date | None


recall_board = ReadModel(
    "recall_board",
    row=BoardLine,
    key="recall_response_id",
    order=("respond_by", "facility_id"),
    indexes=(("recall_id",), ("status",)),
    local=True,
    desk="supply chain and store rooms: who has looked, and what is still to be found",
)


@recall_board.on(RecallNotified)
def notified(
    row: BoardLine | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RecallNotified],
) -> BoardLine | None:
    fact = event.fact
    return BoardLine(
        recall_response_id=fact.recall_response_id,
        recall_id=fact.recall_id,
        facility_id=fact.facility_id,
        number=fact.number,
        recall_class=fact.recall_class,
        item_system=fact.item_system,
        item_code=fact.item_code,
        held=0,
        on_the_shelves=0,
        accounted=0,
        unaccounted=0,
        status=ResponseStatus.NOTIFIED,
        notified_on=fact.notified_on,
        respond_by=fact.respond_by,
        acknowledged_on=None,
        completed_on=None,
    )


@recall_board.on(RecalledLotFound)
def lot_found(row: BoardLine | None, event: Recorded[RecalledLotFound]) -> BoardLine | None:
    return row and replace(
        row,
        held=event.fact.held_after,
        unaccounted=event.fact.held_after - row.on_the_shelves - row.accounted,
        status=ResponseStatus.NOTIFIED,
        completed_on=None,
    )


@recall_board.on(RecallAcknowledged)
def acknowledged(row: BoardLine | None, event: Recorded[RecallAcknowledged]) -> BoardLine | None:
    return row and replace(
        row,
        on_the_shelves=event.fact.on_the_shelves,
        unaccounted=event.fact.unaccounted_after,
        status=ResponseStatus.ACKNOWLEDGED,
        acknowledged_on=event.fact.acknowledged_on,
    )


@recall_board.on(RecalledUnitsAccounted)
def accounted(row: BoardLine | None, event: Recorded[RecalledUnitsAccounted]) -> BoardLine | None:
    return row and replace(
        row,
        accounted=row.accounted + event.fact.quantity,
        unaccounted=event.fact.unaccounted_after,
    )


@recall_board.on(RecallResponseCompleted)
def completed(row: BoardLine | None, event: Recorded[RecallResponseCompleted]) -> BoardLine | None:
    return row and replace(
        row, status=ResponseStatus.COMPLETED, completed_on=event.fact.completed_on
    )


# --- how much is accounted for -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallProgress:
    """A recall in figures. Accounted for: (`on_the_shelves` + `accounted`) / `held`."""

    facility_id: UUID
    recall_id: UUID
    facilities: Measure
    acknowledged: Measure
    completed: Measure
    held: Measure
    on_the_shelves: Measure
    accounted: Measure


recall_progress = Summary(
    "recall_progress",
    row=RecallProgress,
    dimensions=("facility_id", "recall_id"),
    desk="supply chain: how much of what was recalled is accounted for, over all facilities",
    grain=GRAIN,
)


@recall_progress.on(RecallNotified)
def one_more(row: RecallProgress, event: Recorded[RecallNotified]) -> RecallProgress:  # noqa: ARG001
    return replace(row, facilities=1)


@recall_progress.on(RecalledLotFound)
def more_held(row: RecallProgress, event: Recorded[RecalledLotFound]) -> RecallProgress:
    return replace(row, held=event.fact.held_after, acknowledged=0, completed=0)


@recall_progress.on(RecallAcknowledged)
def looked(row: RecallProgress, event: Recorded[RecallAcknowledged]) -> RecallProgress:
    return replace(row, on_the_shelves=event.fact.on_the_shelves, acknowledged=1)


@recall_progress.on(RecalledUnitsAccounted)
def told(row: RecallProgress, event: Recorded[RecalledUnitsAccounted]) -> RecallProgress:
    return replace(row, accounted=row.accounted + event.fact.quantity)


@recall_progress.on(RecallResponseCompleted)
def done(row: RecallProgress, event: Recorded[RecallResponseCompleted]) -> RecallProgress:  # noqa: ARG001
    return replace(row, completed=1)
