"""A position: the money for one person's work in a department, whoever does it.

Its life: it is **budgeted**, for a job and a share of full time; **filled** by somebody and
**vacated** again, as often as it happens; **rebudgeted** where there is more money or less; and
**abolished**, which is only possible while nobody holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Standing,
    command,
)
from domain.replacing import replace
from domain.workforce.events.position import (
    PositionAbolished,
    PositionBudgeted,
    PositionFact,
    PositionFilled,
    PositionRebudgeted,
    PositionVacated,
    VacancyReason,
)

FULL_TIME = 100
"""One full-time equivalent, in hundredths."""


class PositionStatus(StrEnum):
    """Whether somebody holds a position."""

    ABSENT = "absent"
    VACANT = "vacant"
    FILLED = "filled"
    ABOLISHED = "abolished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a position has become. `since` is the day of what was told last."""

    facility_id: UUID | None = None
    status: PositionStatus = PositionStatus.ABSENT
    department_id: UUID | None = None
    job: str = ""
    fte: int = 0
    holder_id: UUID | None = None
    since: date = rules.EARLIEST

    def evolve(self, fact: PositionFact) -> Position:
        match fact:
            case PositionBudgeted():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=PositionStatus.VACANT,
                    department_id=fact.department_id,
                    job=fact.job,
                    fte=fact.fte,
                    since=fact.budgeted_on,
                )
            case PositionRebudgeted():
                return replace(self, fte=fact.fte_after)
            case PositionFilled():
                return replace(
                    self,
                    status=PositionStatus.FILLED,
                    holder_id=fact.staff_id,
                    since=fact.filled_on,
                )
            case PositionVacated():
                return replace(
                    self, status=PositionStatus.VACANT, holder_id=None, since=fact.vacated_on
                )
            case PositionAbolished():
                return replace(self, status=PositionStatus.ABOLISHED, since=fact.abolished_on)
            case _:
                assert_never(fact)


def _standing(state: Position, position_id: UUID) -> Standing:
    return Standing(
        kind="position",
        id=position_id,
        open=state.status in (PositionStatus.VACANT, PositionStatus.FILLED),
        status=state.status,
        facility_id=state.facility_id,
    )


position = Aggregate("position", Position(), standing=_standing, referred_to_as=("position_id",))


# --- commands ------------------------------------------------------------------------------------


@command("position_id", creates=True)
class BudgetPosition(Command):
    """Let there be money for somebody in a department. `fte` in hundredths of full time."""

    position_id: UUID
    facility_id: UUID
    department_id: UUID
    job: str
    budgeted_on: date
    fte: int = FULL_TIME


@command("position_id")
class RebudgetPosition(Command):
    """Let there be money for more of a position, or for less."""

    position_id: UUID
    fte: int
    rebudgeted_on: date


@command("position_id")
class FillPosition(Command):
    """Let somebody hold a vacant position."""

    position_id: UUID
    staff_id: UUID
    filled_on: date


@command("position_id")
class VacatePosition(Command):
    """Let nobody hold a position any more, from that day on.

    With a `staff_id` only where it is this person who holds it.
    """

    position_id: UUID
    vacated_on: date
    reason: VacancyReason
    staff_id: UUID | None = None


@command("position_id")
class AbolishPosition(Command):
    """Let there be no money for a position any more."""

    position_id: UUID
    abolished_on: date
    reason: str


# --- decisions -----------------------------------------------------------------------------------


@position.decides
def budget(state: Position, command: BudgetPosition, at: Circumstances) -> Decision:
    if state.status is not PositionStatus.ABSENT:
        raise Refused("position.already_budgeted", "This position is budgeted.")
    at.open("facility", command.facility_id)
    at.open("department", command.department_id, within=command.facility_id)
    rules.happened("position", "budgeted_on", command.budgeted_on, at)
    yield PositionBudgeted(
        position_id=command.position_id,
        facility_id=command.facility_id,
        department_id=command.department_id,
        job=rules.text("position", "job", command.job, longest=100),
        fte=_fte(command.fte),
        budgeted_on=command.budgeted_on,
    )


@position.decides
def rebudget(state: Position, command: RebudgetPosition, at: Circumstances) -> Decision:
    facility_id, department_id = _there(state)
    if _fte(command.fte) == state.fte:
        return
    rules.happened("position", "rebudgeted_on", command.rebudgeted_on, at)
    yield PositionRebudgeted(
        position_id=command.position_id,
        facility_id=facility_id,
        department_id=department_id,
        job=state.job,
        fte_before=state.fte,
        fte_after=command.fte,
        filled=state.status is PositionStatus.FILLED,
        rebudgeted_on=command.rebudgeted_on,
    )


@position.decides
def fill(state: Position, command: FillPosition, at: Circumstances) -> Decision:
    facility_id, department_id = _there(state)
    if state.holder_id == command.staff_id:
        return
    if state.holder_id is not None:
        raise Refused(
            "position.filled",
            "Somebody holds this position.",
            field="staff_id",
            value=command.staff_id,
            holder_staff_id=state.holder_id,
        )
    at.open("staff_member", command.staff_id, within=facility_id, named="staff_id")
    _next(state, "filled_on", command.filled_on, at)
    yield PositionFilled(
        position_id=command.position_id,
        facility_id=facility_id,
        department_id=department_id,
        job=state.job,
        fte=state.fte,
        staff_id=command.staff_id,
        filled_on=command.filled_on,
    )


@position.decides
def vacate(state: Position, command: VacatePosition, at: Circumstances) -> Decision:
    facility_id, department_id = _there(state)
    holder_id = state.holder_id
    if holder_id is None or command.staff_id not in (None, holder_id):
        return
    _next(state, "vacated_on", command.vacated_on, at)
    yield PositionVacated(
        position_id=command.position_id,
        facility_id=facility_id,
        department_id=department_id,
        job=state.job,
        fte=state.fte,
        staff_id=holder_id,
        reason=command.reason,
        vacated_on=command.vacated_on,
    )


@position.decides
def abolish(state: Position, command: AbolishPosition, at: Circumstances) -> Decision:
    if state.status is PositionStatus.ABOLISHED:
        return
    facility_id, department_id = _there(state)
    if state.holder_id is not None:
        raise Refused(
            "position.filled",
            "Somebody holds this position; it is vacated first.",
            holder_staff_id=state.holder_id,
        )
    _next(state, "abolished_on", command.abolished_on, at)
    yield PositionAbolished(
        position_id=command.position_id,
        facility_id=facility_id,
        department_id=department_id,
        job=state.job,
        fte=state.fte,
        reason=rules.text("position", "reason", command.reason),
        abolished_on=command.abolished_on,
    )


# --- rules ---------------------------------------------------------------------------------------


def _there(state: Position) -> tuple[UUID, UUID]:
    """Where the position is; refuses one that was abolished."""
    if (
        state.status is PositionStatus.ABOLISHED
        or state.facility_id is None
        or state.department_id is None
    ):
        raise Refused("position.abolished", "The position was abolished.")
    return state.facility_id, state.department_id


def _fte(fte: int) -> int:
    if not 1 <= fte <= FULL_TIME:
        rule = f"must be from 1 to {FULL_TIME} hundredths of full time"
        raise rules.refusal("position.fte", "fte", fte, rule)
    return fte


def _next(state: Position, named: str, when: date, at: Circumstances) -> None:
    """What happens to a position happens after what happened to it before."""
    rules.happened("position", named, when, at)
    rules.in_order("position", "what_was_told_before", state.since, named, when)
