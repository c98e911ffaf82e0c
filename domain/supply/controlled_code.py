"""A code, and the schedule of the controlled substance it means.

A facility keeps an item by one of its codes, and the catalog knows the codes. What a code means is
a small stream of its own, called by the code: so whoever begins to keep an item learns in that
decision that it is a controlled substance. The catalog item says so of all of its codes, and of
those of its packs, in the append that changes any of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from domain.kernel import Aggregate, Circumstances, Command, Decision, Standing, command
from domain.supply.events.catalog import ControlledSchedule
from domain.supply.events.controlled_code import CodeScheduled, ControlledCodeFact, code_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledCode:
    """What a code means, and which catalog item said so. It belongs to no facility."""

    system: str = ""
    code: str = ""
    catalog_item_id: UUID | None = None
    schedule: ControlledSchedule | None = None

    @property
    def facility_id(self) -> None:
        return None

    def evolve(self, fact: ControlledCodeFact) -> ControlledCode:
        match fact:
            case CodeScheduled():
                return replace(
                    self,
                    system=fact.system,
                    code=fact.code,
                    catalog_item_id=fact.catalog_item_id,
                    schedule=fact.schedule,
                )
            case _:
                assert_never(fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledStanding(Standing):
    """What others may know of a catalog item, or of a code: the schedule it is on, if any."""

    schedule: ControlledSchedule | None


def _standing(state: ControlledCode, its_id: UUID) -> Standing:
    return ScheduledStanding(
        kind="controlled_code", id=its_id, open=True, status="known", schedule=state.schedule
    )


controlled_code = Aggregate("controlled_code", ControlledCode(), standing=_standing)


@command("controlled_code_id", creates=True)
class ScheduleCode(Command):
    """Let a code mean what its catalog item is. The catalog's command."""

    system: str
    code: str
    catalog_item_id: UUID
    scheduled_on: date

    @property
    def controlled_code_id(self) -> UUID:
        return code_stream(self.system, self.code)


def _item(state: ControlledCode, command: ScheduleCode) -> list[UUID]:  # noqa: ARG001
    return [command.catalog_item_id]


@controlled_code.decides(consulting=_item)
def schedule(state: ControlledCode, command: ScheduleCode, at: Circumstances) -> Decision:
    """What the item is now counts, not what it was when somebody asked. A code of a pack can be of
    two items; that the other one is no controlled substance does not make it none."""
    now = schedule_told(at, command.catalog_item_id)
    if now is None and state.catalog_item_id != command.catalog_item_id:
        return
    if now != state.schedule:
        yield CodeScheduled(
            controlled_code_id=command.controlled_code_id,
            system=command.system,
            code=command.code,
            catalog_item_id=command.catalog_item_id,
            schedule=now,
            scheduled_on=command.scheduled_on,
        )


def schedule_told(at: Circumstances, its_id: UUID) -> ControlledSchedule | None:
    """The schedule of a catalog item, or of a code; None where nothing is known of it."""
    standing = at.standings.get(its_id)
    return standing.schedule if isinstance(standing, ScheduledStanding) else None
